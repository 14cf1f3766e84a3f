"""The teach queue: questions the bot could not answer, or answered to nobody's liking."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.errors import UnknownQuestion
from storage.tables import unanswered
from storage.upserts import insert_if_absent

OPEN, TAUGHT, DISMISSED = "open", "taught", "dismissed"
UNKNOWN, THUMBS_DOWN = "unknown", "thumbs_down"


@dataclass(frozen=True)
class Question:
    """One queued question; `text` is masked, `nearest` holds the ids of the closest knowledge entries."""

    message_id: str
    conversation_id: str
    text: str
    cause: str
    nearest: tuple[str, ...]
    state: str
    at: float


def queue(
    conn: Connection,
    *,
    message_id: str,
    conversation_id: str,
    masked_text: str,
    cause: str,
    nearest: Sequence[str],
    now: float,
) -> bool:
    """Queue the question of a customer message once; return whether it was new."""
    return insert_if_absent(
        conn,
        unanswered,
        {
            "message_id": message_id,
            "conversation_id": conversation_id,
            "text": masked_text,
            "cause": cause,
            "nearest": list(nearest),
            "state": OPEN,
            "at": now,
        },
    )


def open_questions(conn: Connection, *, limit: int = 100, offset: int = 0) -> list[Question]:
    """Return the open questions, newest first."""
    rows = conn.execute(
        sa.select(unanswered)
        .where(unanswered.c.state == OPEN)
        .order_by(unanswered.c.at.desc(), unanswered.c.message_id)
        .limit(limit)
        .offset(offset)
    ).mappings()
    return [Question(**{**row, "nearest": tuple(row["nearest"])}) for row in rows]


def resolve(conn: Connection, *, message_id: str, state: str) -> None:
    """Take an open question off the queue as taught or dismissed.

    :raises ValueError: when the state is neither.
    :raises UnknownQuestion: when no open question has this message id.
    """
    if state not in (TAUGHT, DISMISSED):
        raise ValueError(f"state {state!r}: expected {TAUGHT!r} or {DISMISSED!r}")
    changed = conn.execute(
        unanswered.update().where(unanswered.c.message_id == message_id, unanswered.c.state == OPEN).values(state=state)
    )
    if changed.rowcount != 1:
        raise UnknownQuestion(message_id)


def withdraw_thumbs_down(conn: Connection, *, message_id: str) -> None:
    """Dismiss a question that only a thumb had queued, when the thumb is turned up again."""
    conn.execute(
        unanswered.update()
        .where(
            unanswered.c.message_id == message_id,
            unanswered.c.cause == THUMBS_DOWN,
            unanswered.c.state == OPEN,
        )
        .values(state=DISMISSED)
    )


def reopen_thumbs_down(conn: Connection, *, message_id: str) -> None:
    """Open such a question again when the thumb goes down once more."""
    conn.execute(
        unanswered.update()
        .where(
            unanswered.c.message_id == message_id,
            unanswered.c.cause == THUMBS_DOWN,
            unanswered.c.state == DISMISSED,
        )
        .values(state=OPEN)
    )
