"""Conversations: whose they are, who answers in them (bot or human), and their message numbers."""

import secrets
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.errors import UnknownConversation, UnknownParticipant
from storage.tables import conversations, participants

BOT, HUMAN = "bot", "human"
CHANNELS = ("widget", "rest")


@dataclass(frozen=True)
class Conversation:
    """One row of the conversations table; `next_seq` is the number that the next message will get."""

    id: str
    participant_id: str
    channel: str
    owner: str
    next_seq: int
    score: int | None

    @property
    def last_seq(self) -> int:
        """The number of the newest message, 0 when there is none."""
        return self.next_seq - 1


_COLUMNS = [conversations.c[name] for name in ("id", "participant_id", "channel", "owner", "next_seq", "score")]


def latest(conn: Connection, *, participant_id: str) -> Conversation | None:
    """Return the participant's conversation with the newest activity, or None."""
    row = conn.execute(
        sa.select(_COLUMNS)
        .where(conversations.c.participant_id == participant_id)
        .order_by(conversations.c.updated_at.desc(), conversations.c.id)
        .limit(1)
    ).one_or_none()
    return None if row is None else Conversation(*row)


def open_for(conn: Connection, *, participant_id: str, channel: str, now: float) -> tuple[Conversation, bool]:
    """Return the participant's current conversation and whether it was created by this call.

    :raises UnknownParticipant: when there is no such participant.
    :raises ValueError: when the channel is not one of `CHANNELS`.
    """
    if channel not in CHANNELS:
        raise ValueError(f"channel {channel!r}: expected one of {', '.join(CHANNELS)}")
    # Locked, so that two tabs opening at once get one conversation.
    known = sa.select(participants.c.id).where(participants.c.id == participant_id).with_for_update()
    if conn.execute(known).one_or_none() is None:
        raise UnknownParticipant(participant_id)
    current = latest(conn, participant_id=participant_id)
    if current is not None:
        return current, False
    row = {"id": "k_" + secrets.token_hex(12), "participant_id": participant_id, "channel": channel}
    conn.execute(conversations.insert().values(**row, owner=BOT, next_seq=1, created_at=now, updated_at=now))
    return Conversation(**row, owner=BOT, next_seq=1, score=None), True


def find(conn: Connection, *, conversation_id: str, participant_id: str | None = None) -> Conversation:
    """Return the conversation, if it exists and (where `participant_id` is given) is that participant's.

    :raises UnknownConversation: otherwise; a stranger's conversation looks like none at all.
    """
    return _found(conn, conversation_id, participant_id, sa.select(_COLUMNS))


def lock(conn: Connection, *, conversation_id: str, participant_id: str | None = None) -> Conversation:
    """As `find`, and no other transaction changes the conversation until this one ends.

    Everything that writes into a conversation starts here, so that numbers, owner and inbox agree.
    """
    return _found(conn, conversation_id, participant_id, sa.select(_COLUMNS).with_for_update())


def take_seqs(conn: Connection, *, conversation: Conversation, count: int, now: float) -> int:
    """Reserve `count` consecutive message numbers in a locked conversation and return the first."""
    first = conn.execute(sa.select(conversations.c.next_seq).where(conversations.c.id == conversation.id)).scalar_one()
    conn.execute(
        conversations.update()
        .where(conversations.c.id == conversation.id)
        .values(next_seq=first + count, updated_at=now)
    )
    return first


def set_owner(conn: Connection, *, conversation_id: str, owner: str, now: float) -> None:
    """Give the conversation to the bot or to a human; takes effect for every turn not yet published.

    :raises UnknownConversation: when there is no such conversation.
    :raises ValueError: when the owner is neither "bot" nor "human".
    """
    if owner not in (BOT, HUMAN):
        raise ValueError(f"owner {owner!r}: expected {BOT!r} or {HUMAN!r}")
    lock(conn, conversation_id=conversation_id)
    conn.execute(
        conversations.update().where(conversations.c.id == conversation_id).values(owner=owner, updated_at=now)
    )


def _found(conn: Connection, conversation_id: str, participant_id: str | None, query) -> Conversation:
    row = conn.execute(query.where(conversations.c.id == conversation_id)).one_or_none()
    if row is None or (participant_id is not None and row.participant_id != participant_id):
        raise UnknownConversation(conversation_id)
    return Conversation(*row)
