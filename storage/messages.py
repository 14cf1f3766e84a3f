"""The transcript: one row per bubble, numbered within its conversation."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage import conversations
from storage.errors import UnknownMessage
from storage.tables import inbox, messages

SENDERS = ("customer", "bot", "agent", "system")
#: Kinds of answer that come out of the knowledge and can be thumbed up or down.
RATABLE_KINDS = ("template", "passage")


@dataclass(frozen=True)
class Message:
    """One bubble. `data` may hold buttons (title, payload), sources, custom, answer_kind; `at` is UTC epoch seconds."""

    id: str
    conversation_id: str
    seq: int
    sender: str
    text: str
    data: Mapping[str, Any]
    reply_to: str | None
    rating: str | None
    at: float
    client_message_id: str | None = None

    @property
    def ratable(self) -> bool:
        """Whether the customer may give a thumb: an answer of the bot that came from knowledge."""
        return self.sender == "bot" and self.data.get("answer_kind") in RATABLE_KINDS


_COLUMNS = [
    messages.c[name] for name in ("id", "conversation_id", "seq", "sender", "text", "data", "reply_to", "rating", "at")
] + [inbox.c.client_message_id]
_JOINED = messages.outerjoin(inbox, inbox.c.message_id == messages.c.id)


def new_id() -> str:
    """Return a fresh message id."""
    return "m_" + secrets.token_hex(12)


def read_after(conn: Connection, *, conversation_id: str, after: int, limit: int) -> list[Message]:
    """Return up to `limit` messages whose number is greater than `after`, in order."""
    rows = conn.execute(
        sa.select(_COLUMNS)
        .select_from(_JOINED)
        .where(messages.c.conversation_id == conversation_id, messages.c.seq > after)
        .order_by(messages.c.seq)
        .limit(limit)
    )
    return [Message(*row) for row in rows]


def find(conn: Connection, *, conversation_id: str, message_id: str) -> Message:
    """Return one message of the conversation.

    :raises UnknownMessage: when the conversation has no such message.
    """
    row = conn.execute(
        sa.select(_COLUMNS)
        .select_from(_JOINED)
        .where(messages.c.conversation_id == conversation_id, messages.c.id == message_id)
    ).one_or_none()
    if row is None:
        raise UnknownMessage(message_id)
    return Message(*row)


def replies_to(conn: Connection, *, message_id: str) -> list[Message]:
    """Return the stored replies to one customer message, in order."""
    rows = conn.execute(
        sa.select(_COLUMNS).select_from(_JOINED).where(messages.c.reply_to == message_id).order_by(messages.c.seq)
    )
    return [Message(*row) for row in rows]


def last_before(conn: Connection, *, conversation_id: str, seq: int, senders: tuple[str, ...]) -> Message | None:
    """Return the newest message from one of `senders` numbered below `seq`, or None."""
    row = conn.execute(
        sa.select(_COLUMNS)
        .select_from(_JOINED)
        .where(
            messages.c.conversation_id == conversation_id,
            messages.c.seq < seq,
            messages.c.sender.in_(senders),
        )
        .order_by(messages.c.seq.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else Message(*row)


def append(
    conn: Connection,
    *,
    conversation: conversations.Conversation,
    sender: str,
    text: str,
    now: float,
    message_id: str | None = None,
    data: Mapping[str, Any] | None = None,
    reply_to: str | None = None,
) -> Message:
    """Add one message to a conversation that this transaction has locked, and return it.

    :raises ValueError: when the sender is not one of `SENDERS`.
    """
    if sender not in SENDERS:
        raise ValueError(f"sender {sender!r}: expected one of {', '.join(SENDERS)}")
    message = Message(
        id=message_id or new_id(),
        conversation_id=conversation.id,
        seq=conversations.take_seqs(conn, conversation=conversation, count=1, now=now),
        sender=sender,
        text=text,
        data=dict(data or {}),
        reply_to=reply_to,
        rating=None,
        at=now,
    )
    conn.execute(
        messages.insert().values(
            id=message.id,
            conversation_id=message.conversation_id,
            seq=message.seq,
            sender=sender,
            text=text,
            data=message.data,
            reply_to=reply_to,
            at=now,
        )
    )
    return message


def page_for(
    conn: Connection, *, conversation_id: str, participant_id: str, after: int, limit: int
) -> tuple[list[Message], int]:
    """Return what `read_after` returns and the conversation's newest number, to its own participant only.

    :raises storage.errors.UnknownConversation: when the conversation is not this participant's.
    """
    conversation = conversations.find(conn, conversation_id=conversation_id, participant_id=participant_id)
    return read_after(conn, conversation_id=conversation_id, after=after, limit=limit), conversation.last_seq
