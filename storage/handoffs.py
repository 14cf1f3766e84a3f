"""Hand-offs to a human: a ticket waits, an agent accepts it (and owns the conversation), then closes it."""

import secrets
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage import conversations
from storage.errors import UnknownHandoff
from storage.tables import handoffs

WAITING, ACCEPTED, CLOSED = "waiting", "accepted", "closed"
#: Most urgent first.
PRIORITIES = ("urgent", "high", "normal", "low")
TICKET_PREFIX = "H"
_TICKET_DIGITS = 6
_TICKET_TRIES = 50


@dataclass(frozen=True)
class Handoff:
    """One ticket; `because` is the sentence that says why, `at` the UTC epoch time it was asked for."""

    ticket: str
    conversation_id: str
    message_id: str
    reason: str
    because: str
    queue: str
    priority: str
    state: str
    at: float


_COLUMNS = [
    handoffs.c[name]
    for name in ("id", "conversation_id", "message_id", "reason", "because", "queue", "priority", "state", "at")
]


def request(
    conn: Connection,
    *,
    conversation_id: str,
    message_id: str,
    reason: str,
    because: str,
    queue: str,
    priority: str,
    now: float,
) -> Handoff:
    """Store a waiting hand-off and return it; the caller has locked the conversation.

    A conversation has at most one open ticket: asking again returns the one that is waiting (made more urgent if
    the new request is), so that a customer who repeats himself keeps his number and his place.
    """
    current = open_ticket(conn, conversation_id=conversation_id)
    if current is not None:
        if current.state == WAITING and _urgency(priority) < _urgency(current.priority):
            conn.execute(handoffs.update().where(handoffs.c.id == current.ticket).values(priority=priority))
            return _find(conn, current.ticket)
        return current
    ticket = _free_ticket(conn)
    conn.execute(
        handoffs.insert().values(
            id=ticket,
            conversation_id=conversation_id,
            message_id=message_id,
            reason=reason,
            because=because,
            queue=queue,
            priority=priority,
            state=WAITING,
            at=now,
        )
    )
    return _find(conn, ticket)


def open_ticket(conn: Connection, *, conversation_id: str) -> Handoff | None:
    """Return the conversation's hand-off that is waiting or accepted, or None."""
    row = conn.execute(
        sa.select(_COLUMNS)
        .where(handoffs.c.conversation_id == conversation_id, handoffs.c.state != CLOSED)
        .order_by(handoffs.c.at)
        .limit(1)
    ).one_or_none()
    return None if row is None else Handoff(*row)


def waiting(conn: Connection, *, queue: str | None = None) -> list[Handoff]:
    """Return the waiting hand-offs (of one queue): most urgent first, then the longest waiting."""
    query = sa.select(_COLUMNS).where(handoffs.c.state == WAITING)
    if queue is not None:
        query = query.where(handoffs.c.queue == queue)
    return sorted((Handoff(*row) for row in conn.execute(query)), key=lambda one: (_urgency(one.priority), one.at))


def accept(conn: Connection, *, ticket: str, now: float) -> Handoff:
    """An agent takes the conversation: from this commit on the bot publishes nothing in it.

    :raises UnknownHandoff: when no hand-off with this ticket is waiting.
    """
    return _move(conn, ticket, before=WAITING, after=ACCEPTED, owner=conversations.HUMAN, now=now)


def close(conn: Connection, *, ticket: str, now: float) -> Handoff:
    """The agent is done: the bot answers again.

    :raises UnknownHandoff: when no hand-off with this ticket is accepted.
    """
    return _move(conn, ticket, before=ACCEPTED, after=CLOSED, owner=conversations.BOT, now=now)


def _move(conn: Connection, ticket: str, *, before: str, after: str, owner: str, now: float) -> Handoff:
    current = _find(conn, ticket)
    if current is not None:
        # The conversation is locked first, as everywhere: a turn being published is before or after, never between.
        conversations.set_owner(conn, conversation_id=current.conversation_id, owner=owner, now=now)
        changed = conn.execute(
            handoffs.update().where(handoffs.c.id == ticket, handoffs.c.state == before).values(state=after)
        )
        if changed.rowcount == 1:
            return _find(conn, ticket)
    raise UnknownHandoff(ticket, state=before)


def _find(conn: Connection, ticket: str) -> Handoff | None:
    row = conn.execute(sa.select(_COLUMNS).where(handoffs.c.id == ticket)).one_or_none()
    return None if row is None else Handoff(*row)


def _free_ticket(conn: Connection) -> str:
    # Random, so that a ticket says nothing about how many there are.
    for _ in range(_TICKET_TRIES):
        ticket = f"{TICKET_PREFIX}{secrets.randbelow(10**_TICKET_DIGITS):0{_TICKET_DIGITS}d}"
        if conn.execute(sa.select(handoffs.c.id).where(handoffs.c.id == ticket)).one_or_none() is None:
            return ticket
    raise RuntimeError(f"no free ticket found in {_TICKET_TRIES} tries: nearly all are in use; remove old hand-offs")


def _urgency(priority: str) -> int:
    return PRIORITIES.index(priority) if priority in PRIORITIES else len(PRIORITIES)
