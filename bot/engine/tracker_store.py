"""Tracker store of the engine: events live in the product database, written only together with a turn's result."""

from collections import OrderedDict
from typing import Any

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

from storage.database import Database, reading
from storage.turns import load_events

#: Trackers of recent conversations that a worker keeps in memory.
HOT_TRACKERS = 500


class TurnTrackerStore(TrackerStore):
    """Loads trackers from the database, keeps recent ones, and leaves the writing to the turn.

    Rasa calls `save` at the end of `MessageProcessor.handle_message` (rasa/core/processor.py:173), which is
    before the replies are known to be complete. So `save` only keeps the tracker aside; the turn takes the
    unsaved events with `take_new_events` and commits them with its result (storage.turns.store_turn).
    A read that fails raises: unlike Rasa's FailSafeTrackerStore it never answers with an empty memory.
    """

    def __init__(self, database: Database, domain: Domain | None = None) -> None:
        super().__init__(domain or Domain.empty())
        self._database = database
        self._hot: OrderedDict[str, tuple[DialogueStateTracker, int, int]] = OrderedDict()

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        if sender_id in self._hot:
            self._hot.move_to_end(sender_id)
            return self._hot[sender_id][0]
        with reading(self._database) as connection:
            events, next_sequence = load_events(connection, sender_id)
        if not events:
            return None
        tracker = DialogueStateTracker.from_dict(sender_id, events, self.domain.slots)
        # Replaying may not add or drop events; what is in the tracker now is what is stored.
        self._keep(sender_id, tracker, len(tracker.events), next_sequence)
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        _, stored, next_sequence = self._hot.get(tracker.sender_id, (None, 0, 0))
        self._keep(tracker.sender_id, tracker, stored, next_sequence)

    def take_new_events(self, sender_id: str) -> tuple[int, list[dict[str, Any]]]:
        """Return the sequence where the unsaved events belong, and the events as JSON."""
        tracker, stored, next_sequence = self._hot[sender_id]
        return next_sequence, [event.as_dict() for event in list(tracker.events)[stored:]]

    def committed(self, sender_id: str) -> None:
        """Note that the events of `take_new_events` are in the database now."""
        tracker, stored, next_sequence = self._hot[sender_id]
        new = len(tracker.events) - stored
        self._keep(sender_id, tracker, len(tracker.events), next_sequence + new)

    def forget(self, sender_id: str) -> None:
        """Drop the tracker from memory: after a failed turn the next one loads what is really stored."""
        self._hot.pop(sender_id, None)

    def _keep(self, sender_id: str, tracker: DialogueStateTracker, stored: int, next_sequence: int) -> None:
        self._hot[sender_id] = (tracker, stored, next_sequence)
        self._hot.move_to_end(sender_id)
        while len(self._hot) > HOT_TRACKERS:
            self._hot.popitem(last=False)
