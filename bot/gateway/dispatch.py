"""From the inbox to the worker and back: one turn at a time per conversation, in order, until each is settled.

The inbox row is the only truth. A dispatcher that dies loses nothing: the next one finds the row pending and runs the
turn again, the worker returns its stored result, and publishing twice changes nothing. Pushes come after the commit.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from bot.gateway.config import GatewayConfig
from bot.gateway.hub import Hub
from bot.gateway.metrics import Metrics
from bot.gateway.sweep import Sweep
from bot.gateway.transactions import Transactions
from bot.gateway.turn_protocol import UnusableResult, parse_result, request_for
from bot.gateway.workers import WorkerFailed, Workers, WorkerUnreachable
from storage import conversations, inbox, profiles, publishing
from storage.inbox import PendingTurn
from storage.publishing import TICKET_PLACE, Published

log = logging.getLogger(__name__)

_APOLOGY = {
    "zh": (
        "非常抱歉，系统暂时没能处理您的这条消息。我已为您登记人工服务，工单号 {ticket}，"
        "客服人员会在服务时间（{hours}）内与您联系，您也可以稍后再发一次。"
    ),
    "en": (
        "Sorry, we could not process your message just now. A colleague will take care of it: your ticket is {ticket}, "
        "service hours are {hours}. You are also welcome to send it again later."
    ),
}
#: The queue as analytics/escalation.yml names it.
_FAILURE_HANDOFF = {"reason": "turn_failed", "queue": "综合客服", "priority": "high"}


class Profiles(Protocol):
    """The part of analytics.profiles that the gateway calls; pure functions over JSON documents."""

    TurnFacts: Callable[..., Any]

    def empty_profile(self) -> dict: ...

    def update_profile(self, profile: dict, turn: Any, *, now: float) -> dict: ...

    def merge_profiles(self, a: dict, b: dict) -> dict: ...

    def summary(self, profile: dict, *, now: float | None = None) -> dict: ...


class Dispatcher:
    """Runs the owed turns. `profiles` is analytics.profiles or a stand-in, `mask` hides personal data."""

    def __init__(
        self,
        config: GatewayConfig,
        *,
        transactions: Transactions,
        workers: Workers,
        hub: Hub,
        metrics: Metrics,
        profiles: Profiles,
        mask: Callable[[str], str],
        clock: Callable[[], float],
    ) -> None:
        self._config = config
        self._transactions = transactions
        self._workers = workers
        self._hub = hub
        self._metrics = metrics
        self._profiles = profiles
        self._mask = mask
        self._clock = clock
        self._running: dict[str, asyncio.Task] = {}
        self._again: set[str] = set()
        self._stopping = False
        self._sweep = Sweep(config, transactions=transactions, metrics=metrics, clock=clock)
        self._sweeping: asyncio.Task | None = None

    async def start(self) -> int:
        """Take up every conversation that is owed a turn, and from now on those left alone; return how many now."""
        owed = await self._transactions.read(inbox.pending_conversations)
        for conversation_id in owed:
            self.notice(conversation_id)
        self._sweeping = asyncio.get_running_loop().create_task(self._sweep.run(self._running.keys(), self.notice))
        return len(owed)

    def notice(self, conversation_id: str) -> None:
        """A message was committed in the conversation: see to it. Never blocks."""
        if self._stopping:
            return  # it stays pending; the next process takes it up
        if conversation_id in self._running:
            # The runner may just have seen an empty inbox: it looks once more before it ends.
            self._again.add(conversation_id)
            return
        task = asyncio.get_running_loop().create_task(self._run(conversation_id))
        self._running[conversation_id] = task

    async def stop(self) -> None:
        """Stop at once; what is not published stays pending."""
        self._stopping = True
        tasks = [*self._running.values(), *([self._sweeping] if self._sweeping is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, conversation_id: str) -> None:
        pauses = _Pauses(self._config)
        try:
            while True:
                try:
                    self._again.discard(conversation_id)
                    turn = await self._transactions.read(inbox.next_pending, conversation_id=conversation_id)
                    if turn is not None:
                        await self._settle(turn)
                    elif conversation_id not in self._again:
                        return
                    pauses.reset()
                except Exception as error:
                    # Storage is away or full, or we have a bug: the turn is owed still, so never give it up here.
                    # The error's text is not logged, it may quote what the customer wrote.
                    self._metrics.storage_errors.inc()
                    log.error("turn put off conversation=%s error=%s", conversation_id, type(error).__name__)
                    await pauses.sleep()
        finally:
            # No await between the last look into `_again` and here: a notice cannot fall between.
            del self._running[conversation_id]
            self._again.discard(conversation_id)

    async def _settle(self, turn: PendingTurn) -> None:
        if turn.owner == conversations.HUMAN:
            # Accepted while the bot was in charge; a human has taken over since.
            self._count(
                turn,
                await self._transactions.write(
                    publishing.publish_withheld, message_id=turn.message_id, now=self._clock()
                ),
            )
            return
        self._hub.typing(turn.conversation_id, True)
        try:
            result = await self._result_of(turn)
            published = await (self._publish(turn, result) if result is not None else self._publish_failure(turn))
            self._hub.push(turn.conversation_id)
        finally:
            self._hub.typing(turn.conversation_id, False)
        self._count(turn, published)

    async def _result_of(self, turn: PendingTurn) -> dict[str, Any] | None:
        """Return the worker's result, or None when the turn has failed for good."""
        profile = await self._transactions.read(profiles.find, participant_id=turn.participant_id)
        request = request_for(turn, self._summary(profile))
        attempts = turn.attempts
        pauses = _Pauses(self._config)
        give_up_at = time.monotonic() + self._config.worker_patience_s
        while attempts < self._config.max_attempts:
            began = time.monotonic()
            try:
                result = parse_result(await self._workers.run_turn(turn.conversation_id, request), turn)
                self._metrics.worker_seconds.observe(time.monotonic() - began)
                return result
            except WorkerUnreachable as error:
                self._note_failure(turn, "unreachable", error)
                if time.monotonic() >= give_up_at:
                    return None
            except (WorkerFailed, UnusableResult) as error:
                self._note_failure(turn, getattr(error, "cause", "unusable"), error)
                # Counted in the row: a message that kills workers does not start afresh with every gateway.
                attempts = await self._transactions.write(inbox.record_attempt, message_id=turn.message_id)
                if attempts >= self._config.max_attempts:
                    return None
            await pauses.sleep()
        return None

    async def _publish(self, turn: PendingTurn, result: Mapping[str, Any]) -> Published:
        now = self._clock()
        return await self._transactions.write(
            publishing.publish_turn,
            message_id=turn.message_id,
            result=result,
            update_profile=lambda profile: self._updated_profile(profile, turn, result, now),
            mask=self._mask,
            now=now,
        )

    async def _publish_failure(self, turn: PendingTurn) -> Published:
        apology = _APOLOGY[turn.request["language"]].format(ticket=TICKET_PLACE, hours=self._config.service_hours)
        return await self._transactions.write(
            publishing.publish_failure,
            message_id=turn.message_id,
            apology={
                "text": apology,
                "buttons": [],
                "sources": [],
                "custom": {"type": "handoff", "ticket": None, "hours": self._config.service_hours},
                "answer_kind": "action",
            },
            handoff={**_FAILURE_HANDOFF, "because": "系统未能在规定时间内处理客户的消息"},
            now=self._clock(),
        )

    def _updated_profile(self, profile: dict | None, turn: PendingTurn, result: Mapping[str, Any], now: float) -> dict:
        before = self._profiles.empty_profile() if profile is None else profile
        insight = result["insight"]
        try:
            facts = self._profiles.TurnFacts(
                at=turn.accepted_at,
                conversation_id=turn.conversation_id,
                message_id=turn.message_id,
                channel=turn.request["channel"],
                intent=result["intent"]["name"],
                intent_confidence=result["intent"]["confidence"],
                sentiment=None
                if insight is None
                else {name: insight["sentiment"][name] for name in ("negative", "neutral", "positive")},
                frustration=None if insight is None else insight["frustration"],
                products=tuple(one["value"] for one in result["entities"] if one["entity"] == "product"),
                unknown=result["unknown"] is not None,
                handed_over=result["handoff"] is not None,
            )
            return self._profiles.update_profile(before, facts, now=now)
        except (ValueError, TypeError, KeyError, ArithmeticError) as error:
            # The customer's answer matters more than the profile, which keeps its last good state.
            log.error("profile kept message=%s error=%s", turn.message_id, type(error).__name__)
            return before

    def _summary(self, profile: dict | None) -> dict:
        try:
            return self._profiles.summary(profile or self._profiles.empty_profile(), now=self._clock())
        except (ValueError, TypeError, KeyError, ArithmeticError) as error:
            log.error("profile not summed up error=%s", type(error).__name__)
            return {}

    def _note_failure(self, turn: PendingTurn, cause: str, error: Exception) -> None:
        self._metrics.attempts_failed.labels(cause=cause).inc()
        log.warning("attempt failed message=%s cause=%s detail=%s", turn.message_id, cause, error)

    def _count(self, turn: PendingTurn, published: Published) -> None:
        if published.duplicate:
            return
        self._metrics.turns.labels(state=published.state).inc()
        self._metrics.turn_seconds.observe(max(0.0, self._clock() - turn.accepted_at))
        for reply in published.replies:
            self._metrics.replies.labels(kind=reply.data.get("answer_kind", "action")).inc()
        log.info(
            "turn published message=%s state=%s replies=%d", turn.message_id, published.state, len(published.replies)
        )


class _Pauses:
    """Growing pauses between attempts."""

    def __init__(self, config: GatewayConfig) -> None:
        self._first = self._next = config.retry_pause_s
        self._longest = config.retry_pause_max_s

    async def sleep(self) -> None:
        pause, self._next = self._next, min(self._next * 2, self._longest)
        await asyncio.sleep(pause)

    def reset(self) -> None:
        self._next = self._first
