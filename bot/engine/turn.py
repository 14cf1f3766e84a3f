"""One turn: a customer's message in, replies and what was understood out, stored before it is told."""

import asyncio
import logging
import time
from collections import OrderedDict
from typing import Any, Literal

from pydantic import BaseModel, Field
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.shared.constants import INTENT_MESSAGE_PREFIX
from rasa.shared.core.events import ActionExecuted, ActionExecutionRejected

from actions.hand_over import HOURS
from bot.engine.output import ReplyCollector
from bot.engine.tracker_store import TurnTrackerStore
from storage.database import Database, reading, transaction
from storage.turns import store_turn, stored_result

logger = logging.getLogger(__name__)

APOLOGY = "非常抱歉，系统刚才出了点问题，没能处理您的消息。已为您登记转人工，客服会查看这段对话并联系您。"
#: Conversations whose lock is remembered; a lock in use is never dropped.
MOST_LOCKS = 10_000


class TurnRequest(BaseModel):
    """What the gateway sends to a worker. Everything in it is verified by the gateway, nothing by the client."""

    message_id: str = Field(min_length=1, max_length=64)
    conversation_id: str = Field(min_length=1, max_length=255)
    text: str = Field(max_length=2000)
    payload: str | None = None
    customer_id: str | None = None
    channel: str = "widget"
    language: Literal["zh", "en"] = "zh"
    sent_at: float
    profile: dict[str, Any] = Field(default_factory=dict)
    behaviour: dict[str, Any] = Field(default_factory=dict)


class TurnRunner:
    """Runs turns on an Agent, one at a time per conversation, each exactly once per message id."""

    def __init__(self, agent: Agent, store: TurnTrackerStore, database: Database) -> None:
        self._agent = agent
        self._store = store
        self._database = database
        self._locks: OrderedDict[str, asyncio.Lock] = OrderedDict()

    @property
    def model(self) -> str:
        return self._agent.processor.model_filename if self._agent.processor else ""

    async def run(self, request: TurnRequest) -> dict[str, Any]:
        """Return the TurnResult of the message: the stored one where the turn has been run before.

        A turn that fails is answered with an apology and a hand-off, and stored like any other: the customer
        is never left without a reply, and running it again cannot fail a second time.
        """
        async with self._lock(request.conversation_id):
            with reading(self._database) as connection:
                known = stored_result(connection, request.message_id)
            if known is not None:
                return known
            started = time.perf_counter()
            try:
                result, first_sequence, events = await self._converse(request)
            except Exception:
                logger.exception("turn failed: %s of conversation %s", request.message_id, request.conversation_id)
                self._store.forget(request.conversation_id)
                result, first_sequence, events = _failed(request), 0, []
            result["model"] = self.model
            result["elapsed_ms"] = round(1000 * (time.perf_counter() - started), 3)
            try:
                with transaction(self._database) as connection:
                    store_turn(
                        connection,
                        conversation_id=request.conversation_id,
                        message_id=request.message_id,
                        first_sequence=first_sequence,
                        events=events,
                        result=result,
                        now=time.time(),
                    )
            except Exception:
                # Nothing of this turn is stored; the next try must start from what is.
                self._store.forget(request.conversation_id)
                raise
            if events:
                self._store.committed(request.conversation_id)
            return result

    async def _converse(self, request: TurnRequest) -> tuple[dict[str, Any], int, list[dict[str, Any]]]:
        collector = ReplyCollector(request.channel)
        message = UserMessage(
            text=request.payload or guard(request.text),
            output_channel=collector,
            sender_id=request.conversation_id,
            input_channel=request.channel,
            message_id=request.message_id,
            metadata={
                "message_id": request.message_id,
                "customer_id": request.customer_id,
                "language": request.language,
                "sent_at": request.sent_at,
                "profile": request.profile,
                "behaviour": request.behaviour,
            },
        )
        # Not Agent.handle_message: its lock store polls once a second, and this runner holds a lock already.
        await self._agent.processor.handle_message(message)
        first_sequence, events = self._store.take_new_events(request.conversation_id)
        tracker = await self._store.retrieve(request.conversation_id)
        parse_data = tracker.latest_message.parse_data
        replies, handoff = _split_handoff(collector.replies)
        if not replies:
            raise RuntimeError(f"the turn ended without a reply; its last actions: {_last_actions(tracker)}")
        knowledge = parse_data.get("knowledge")
        unknown = any(reply["answer_kind"] == "unknown" for reply in replies)
        return (
            {
                "message_id": request.message_id,
                "conversation_id": request.conversation_id,
                "replies": replies,
                "intent": {
                    "name": parse_data["intent"].get("name"),
                    "confidence": float(parse_data["intent"].get("confidence") or 0.0),
                },
                "entities": [
                    {key: entity.get(key) for key in ("entity", "value", "start", "end")}
                    for entity in parse_data.get("entities", [])
                ],
                "insight": parse_data.get("insight"),
                "handoff": handoff,
                "unknown": {"nearest": [hit["entry_id"] for hit in (knowledge or {}).get("nearest", [])]}
                if unknown
                else None,
            },
            first_sequence,
            events,
        )

    def _lock(self, conversation_id: str) -> asyncio.Lock:
        lock = self._locks.setdefault(conversation_id, asyncio.Lock())
        self._locks.move_to_end(conversation_id)
        if len(self._locks) > MOST_LOCKS:
            oldest = next(iter(self._locks))
            if not self._locks[oldest].locked():
                del self._locks[oldest]
        return lock


def guard(text: str) -> str:
    """Return the text so that Rasa takes it as words: a leading slash would name an intent and set slots.

    (rasa/shared/core/training_data/story_reader/yaml_story_reader.py:602, `unpack_regex_message`)
    """
    stripped = text.lstrip()
    return "／" + stripped[1:] if stripped.startswith(INTENT_MESSAGE_PREFIX) else text


def _split_handoff(replies: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """Take the hand-off out of the replies' custom data: the gateway stores it, the customer sees the rest."""
    handoff = None
    for reply in replies:
        custom = reply["custom"]
        if custom and custom.get("type") == "handoff":
            handoff = custom.pop("handoff")
    return replies, handoff


def _failed(request: TurnRequest) -> dict[str, Any]:
    return {
        "message_id": request.message_id,
        "conversation_id": request.conversation_id,
        "replies": [
            {
                "text": APOLOGY,
                "buttons": [],
                "sources": [],
                "custom": {"type": "handoff", "hours": HOURS},
                "answer_kind": "action",
            }
        ],
        "intent": {"name": None, "confidence": 0.0},
        "entities": [],
        "insight": None,
        "handoff": {
            "reason": "turn_failed",
            "because": "系统处理这条消息时出错",
            "queue": "综合客服",
            "priority": "high",
        },
        "unknown": None,
    }


def _last_actions(tracker: Any) -> list[str]:
    return [
        event.action_name
        for event in list(tracker.events)[-12:]
        if isinstance(event, (ActionExecuted, ActionExecutionRejected))
    ]
