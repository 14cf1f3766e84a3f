"""The durable inbox: what a customer sent is here, committed, before anybody works on it.

States: pending (a turn is owed) → done (published), withheld (a human owns the conversation), failed (apology and
hand-off published instead). Rows leave `pending` only in the transaction that publishes what became of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage import conversations, handoffs, messages
from storage.tables import conversations as conversation_rows
from storage.tables import inbox

PENDING, DONE, WITHHELD, FAILED = "pending", "done", "withheld", "failed"
#: A customer who writes again within this time is "returning"; a shorter pause than `SAME_VISIT` is the same visit.
RETURNING_WITHIN = 24 * 3600.0
SAME_VISIT = 30 * 60.0


@dataclass(frozen=True)
class Accepted:
    """The receipt of one message. `duplicate`: the client id was known, this is the first one's receipt."""

    message_id: str
    seq: int
    duplicate: bool
    state: str


@dataclass(frozen=True)
class PendingTurn:
    """One owed turn: what was accepted, the facts about it, and how often the worker was tried in vain."""

    message_id: str
    conversation_id: str
    participant_id: str
    owner: str
    seq: int
    request: Mapping[str, Any]
    attempts: int
    accepted_at: float


def accept(
    conn: Connection,
    *,
    conversation_id: str,
    participant_id: str,
    client_message_id: str,
    text: str,
    payload: str | None,
    customer_id: str | None,
    language: str,
    from_button: bool,
    now: float,
) -> Accepted:
    """Store a customer's message and owe it a turn; the same client id again returns the first receipt.

    The request for the worker is fixed here, less the profile: who was signed in and how long the customer had paused
    are facts of this moment. `payload` comes out of a verified button only, `customer_id` out of a verified identity.
    Where a human owns the conversation the message is stored as withheld: people read it, the bot does not answer.

    :raises storage.errors.UnknownConversation: when the conversation is not this participant's.
    """
    conversation = conversations.lock(conn, conversation_id=conversation_id, participant_id=participant_id)
    known = conn.execute(
        sa.select(inbox.c.message_id, inbox.c.seq, inbox.c.state).where(
            inbox.c.conversation_id == conversation_id, inbox.c.client_message_id == client_message_id
        )
    ).one_or_none()
    if known is not None:
        return Accepted(known.message_id, known.seq, duplicate=True, state=known.state)

    behaviour = _behaviour(conn, conversation, from_button=from_button, now=now)
    message = messages.append(conn, conversation=conversation, sender="customer", text=text, now=now)
    state = WITHHELD if conversation.owner == conversations.HUMAN else PENDING
    conn.execute(
        inbox.insert().values(
            message_id=message.id,
            conversation_id=conversation_id,
            client_message_id=client_message_id,
            seq=message.seq,
            state=state,
            request={
                "message_id": message.id,
                "conversation_id": conversation_id,
                "text": text,
                "payload": payload,
                "customer_id": customer_id,
                "channel": conversation.channel,
                "language": language,
                "sent_at": now,
                "behaviour": behaviour,
            },
            attempts=0,
            accepted_at=now,
            done_at=now if state == WITHHELD else None,
        )
    )
    return Accepted(message.id, message.seq, duplicate=False, state=state)


def next_pending(conn: Connection, *, conversation_id: str) -> PendingTurn | None:
    """Return the conversation's oldest owed turn, or None."""
    table = inbox.join(conversation_rows, conversation_rows.c.id == inbox.c.conversation_id)
    row = conn.execute(
        sa.select(
            inbox.c.message_id,
            inbox.c.conversation_id,
            conversation_rows.c.participant_id,
            conversation_rows.c.owner,
            inbox.c.seq,
            inbox.c.request,
            inbox.c.attempts,
            inbox.c.accepted_at,
        )
        .select_from(table)
        .where(inbox.c.conversation_id == conversation_id, inbox.c.state == PENDING)
        .order_by(inbox.c.seq)
        .limit(1)
    ).one_or_none()
    return None if row is None else PendingTurn(*row)


def pending_conversations(conn: Connection) -> list[str]:
    """Return the conversations that are owed a turn, the longest waiting first."""
    oldest = sa.func.min(inbox.c.accepted_at)
    return list(
        conn.execute(
            sa.select(inbox.c.conversation_id)
            .where(inbox.c.state == PENDING)
            .group_by(inbox.c.conversation_id)
            .order_by(oldest, inbox.c.conversation_id)
        ).scalars()
    )


def backlog(conn: Connection) -> tuple[int, float | None]:
    """Return how many turns are owed and when the oldest of them was accepted (epoch seconds)."""
    return tuple(
        conn.execute(sa.select(sa.func.count(), sa.func.min(inbox.c.accepted_at)).where(inbox.c.state == PENDING)).one()
    )


def state_of(conn: Connection, *, message_id: str) -> str | None:
    """Return what became of a message, or None when the inbox does not know it."""
    return conn.execute(sa.select(inbox.c.state).where(inbox.c.message_id == message_id)).scalar_one_or_none()


def record_attempt(conn: Connection, *, message_id: str) -> int:
    """Count one attempt that brought no result and return the new count; it survives a restart."""
    conn.execute(inbox.update().where(inbox.c.message_id == message_id).values(attempts=inbox.c.attempts + 1))
    return conn.execute(sa.select(inbox.c.attempts).where(inbox.c.message_id == message_id)).scalar_one()


def settle(conn: Connection, *, message_id: str, state: str, now: float) -> None:
    """Say what became of a message; only publishing calls this, in its own transaction."""
    conn.execute(inbox.update().where(inbox.c.message_id == message_id).values(state=state, done_at=now))


def _behaviour(conn: Connection, conversation: conversations.Conversation, *, from_button: bool, now: float) -> dict:
    earlier = {"conversation_id": conversation.id, "seq": conversation.next_seq}
    last_own = messages.last_before(conn, **earlier, senders=("customer",))
    last_said = messages.last_before(conn, **earlier, senders=("bot", "agent", "system"))
    pause = None if last_own is None else max(0.0, now - last_own.at)
    ticket = handoffs.open_ticket(conn, conversation_id=conversation.id)
    return {
        "seconds_since_last": pause,
        "returning_within_24h": pause is not None and SAME_VISIT < pause <= RETURNING_WITHIN,
        "buttons_offered": bool(not from_button and last_said is not None and last_said.data.get("buttons")),
        # The ticket of a hand-off that is not closed: the worker's own memory of it ends with its session.
        "open_ticket": None if ticket is None else ticket.ticket,
    }
