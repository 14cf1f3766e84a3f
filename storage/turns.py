"""What the engine stores of a conversation: its tracker events and the result of each turn.

Both are written in one transaction under the id of the customer's message, so that a turn that is run
again (its worker died, its answer got lost) finds the stored result instead of its own half-done state.
"""

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.tables import tracker_events, turn_results


class SequenceConflict(RuntimeError):
    """Another process has stored events of this conversation that the caller has not seen."""


def load_events(connection: Connection, conversation_id: str) -> tuple[list[dict[str, Any]], int]:
    """Return the tracker events since the conversation's last session start, oldest first, and the next sequence.

    Like Rasa's SQLTrackerStore (rasa/core/tracker_store.py, `_event_query`), older sessions stay stored but
    are not loaded: a policy never looks behind the start of the session.
    """
    of_conversation = tracker_events.c.conversation_id == conversation_id
    last = connection.execute(sa.select(sa.func.max(tracker_events.c.sequence)).where(of_conversation)).scalar()
    if last is None:
        return [], 0
    session_start = connection.execute(
        sa.select(sa.func.max(tracker_events.c.sequence)).where(
            of_conversation, tracker_events.c.type == "session_started"
        )
    ).scalar()
    rows = connection.execute(
        sa.select(tracker_events.c.data)
        .where(of_conversation, tracker_events.c.sequence >= (session_start or 0))
        .order_by(tracker_events.c.sequence)
    )
    return [row.data for row in rows], last + 1


def stored_result(connection: Connection, message_id: str) -> dict[str, Any] | None:
    """Return the result of an earlier run of this turn, or None."""
    return connection.execute(sa.select(turn_results.c.result).where(turn_results.c.message_id == message_id)).scalar()


def store_turn(
    connection: Connection,
    *,
    conversation_id: str,
    message_id: str,
    first_sequence: int,
    events: list[dict[str, Any]],
    result: dict[str, Any],
    now: float,
) -> None:
    """Append the turn's events and keep its result.

    :param first_sequence: where the caller believes the conversation's next event belongs.
    :raises SequenceConflict: when something else is stored there, or this message already has a result.
    """
    rows = [
        {
            "conversation_id": conversation_id,
            "sequence": first_sequence + offset,
            "message_id": message_id,
            "type": event["event"],
            "timestamp": event.get("timestamp"),
            "data": json.loads(json.dumps(event, ensure_ascii=False, default=str)),
        }
        for offset, event in enumerate(events)
    ]
    try:
        if rows:
            connection.execute(tracker_events.insert(), rows)
        connection.execute(
            turn_results.insert().values(message_id=message_id, conversation_id=conversation_id, result=result, at=now)
        )
    except sa.exc.IntegrityError as error:
        raise SequenceConflict(
            f"conversation {conversation_id!r}: event {first_sequence} or the result of message {message_id!r} "
            "is already stored by another worker; load the conversation again and repeat the turn"
        ) from error
