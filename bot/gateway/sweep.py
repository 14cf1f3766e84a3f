"""Finds owed turns that nobody sees to: accepted by a gateway that is gone, or by other software.

A gateway hears of its own messages when it commits them; those of others it only sees in the inbox. There a turn that
another gateway is running looks like one that nobody runs, so a row is taken up only after it has stood still, same
message and same number of attempts, for as long as a turn may take.
"""

import asyncio
import logging
from collections.abc import Callable, Set

from bot.gateway.config import GatewayConfig
from bot.gateway.metrics import Metrics
from bot.gateway.transactions import Transactions
from storage import inbox

log = logging.getLogger(__name__)

#: Conversations looked at in one sweep, the longest waiting first; the others come with the next sweeps.
_MOST_AT_ONCE = 200

#: The message whose turn is owed, and the attempts made at it.
_Owed = tuple[str, int]


class Sweep:
    """Looks through the inbox every `config.sweep_every_s` seconds. `clock`: epoch seconds."""

    def __init__(
        self, config: GatewayConfig, *, transactions: Transactions, metrics: Metrics, clock: Callable[[], float]
    ) -> None:
        self._every_s = config.sweep_every_s
        self._patience_s = config.turn_timeout_s
        self._transactions = transactions
        self._metrics = metrics
        self._clock = clock
        self._seen: dict[str, tuple[_Owed, float]] = {}  # conversation → what stands there, since when

    async def run(self, running: Set[str], notice: Callable[[str], None]) -> None:
        """Sweep until cancelled: `notice` each conversation that is left alone and not among the `running` ones."""
        while True:
            await asyncio.sleep(self._every_s)
            try:
                for conversation_id in await self.left_alone(frozenset(running)):
                    log.warning("turn taken up by the sweep conversation=%s", conversation_id)
                    notice(conversation_id)
            except Exception as error:
                # Storage is away: the rows stay, and so does the sweep.
                self._metrics.storage_errors.inc()
                log.error("sweep put off error=%s", type(error).__name__)

    async def left_alone(self, running: frozenset[str]) -> list[str]:
        """Look once, and return the conversations not `running` here that have stood still for a turn's time."""
        owed = await self._owed_beside(running)
        now = self._clock()
        before, self._seen = self._seen, {}
        for conversation_id, turn in owed.items():
            known, since = before.get(conversation_id, (turn, now))
            self._seen[conversation_id] = (turn, since if known == turn else now)
        return [one for one, (_, since) in self._seen.items() if now - since >= self._patience_s]

    async def _owed_beside(self, running: frozenset[str]) -> dict[str, _Owed]:
        waiting = [one for one in await self._transactions.read(inbox.pending_conversations) if one not in running]
        owed = {}
        for conversation_id in waiting[:_MOST_AT_ONCE]:
            turn = await self._transactions.read(inbox.next_pending, conversation_id=conversation_id)
            if turn is not None:
                owed[conversation_id] = (turn.message_id, turn.attempts)
        return owed
