"""What travels between gateway and worker: the TurnRequest that goes, the TurnResult that comes back, checked."""

import json
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, Extra, ValidationError, constr

from storage.inbox import PendingTurn


class UnusableResult(ValueError):
    """The worker answered, but not with a result of this turn."""


class _Part(BaseModel):
    class Config:
        # A newer worker may say more than this gateway knows; what it must say is checked.
        extra = Extra.ignore


class Button(_Part):
    title: str
    payload: str


class Source(_Part):
    entry_id: str
    revision: int | None = None
    title: str
    kind: Literal["template", "article"]
    section: str | None = None
    url: str | None = None
    excerpt: str | None = None


class Reply(_Part):
    text: str
    buttons: list[Button] = []
    sources: list[Source] = []
    custom: dict[str, Any] | None = None
    answer_kind: Literal["template", "passage", "choose", "unknown", "action"]


class Intent(_Part):
    name: constr(max_length=64) | None
    confidence: float = 0.0


class Entity(_Part):
    entity: str
    value: Any
    start: int | None = None
    end: int | None = None


class Sentiment(_Part):
    label: constr(max_length=16)
    negative: float
    neutral: float
    positive: float


class InsightReading(_Part):
    sentiment: Sentiment
    frustration: float
    behaviour: dict[str, Any] = {}


class HandoffWish(_Part):
    reason: constr(max_length=64)
    because: str
    queue: constr(max_length=64)
    priority: constr(max_length=16)


class Unknown(_Part):
    nearest: list[str] = []


class TurnResult(_Part):
    """The worker's result of one turn, as DESIGN and the contract tests describe it."""

    message_id: str
    conversation_id: str
    replies: list[Reply]
    intent: Intent
    entities: list[Entity] = []
    insight: InsightReading | None = None
    handoff: HandoffWish | None = None
    unknown: Unknown | None = None
    model: str
    elapsed_ms: float


def request_for(turn: PendingTurn, profile_summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return the TurnRequest of an owed turn; the profile is as of now, after every earlier turn."""
    return {**turn.request, "profile": dict(profile_summary)}


def parse_result(body: bytes, turn: PendingTurn) -> dict[str, Any]:
    """Return the TurnResult in a worker's answer as plain JSON.

    :raises UnusableResult: when it is not one, or not this turn's.
    """
    try:
        result = TurnResult.parse_raw(body).dict()
        # What PostgreSQL or a JSON column cannot hold would fail in the publishing transaction again and again.
        stored = json.dumps(result, ensure_ascii=False, allow_nan=False)
        stored.encode()
        if _holds_nul(result):
            raise ValueError("holds a NUL character")
    except (ValidationError, ValueError, TypeError, RecursionError) as error:
        raise UnusableResult(f"not a TurnResult: {type(error).__name__}") from error
    if (result["message_id"], result["conversation_id"]) != (turn.message_id, turn.conversation_id):
        raise UnusableResult(f"the result is for message {result['message_id']!r}, expected {turn.message_id!r}")
    return result


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_holds_nul(part) for pair in value.items() for part in pair)
    return isinstance(value, list) and any(map(_holds_nul, value))
