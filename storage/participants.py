"""Who talks: anonymous visitors, and customers known from a signed identity."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage import profiles
from storage.tables import conversations, participants
from storage.upserts import insert_if_absent

VISITOR_PREFIX = "v_"
CUSTOMER_PREFIX = "c_"
#: Longest customer id that still fits the column together with its prefix.
MAX_CUSTOMER_ID = 62


@dataclass(frozen=True)
class Participant:
    """One row of the participants table; `customer_id` is set only from a verified identity."""

    id: str
    customer_id: str | None
    merged_into: str | None


@dataclass(frozen=True)
class Identified:
    """What a signed login did: the customer's participant and the conversations that came along."""

    participant_id: str
    moved: tuple[str, ...]


def create_visitor(conn: Connection, *, now: float) -> str:
    """Store a new anonymous participant and return its id."""
    participant_id = VISITOR_PREFIX + secrets.token_hex(12)
    conn.execute(participants.insert().values(id=participant_id, created_at=now))
    return participant_id


def find(conn: Connection, *, participant_id: str) -> Participant | None:
    """Return the participant, or None."""
    row = conn.execute(
        sa.select(participants.c.id, participants.c.customer_id, participants.c.merged_into).where(
            participants.c.id == participant_id
        )
    ).one_or_none()
    return None if row is None else Participant(*row)


def identify(
    conn: Connection,
    *,
    participant_id: str,
    customer_id: str,
    merge: Callable[[dict, dict], dict],
    now: float,
) -> Identified:
    """Make the participant a known customer; calling it again changes nothing more.

    A visitor's conversations move to the customer and the two profiles become one (`merge(customer's, visitor's)`).
    A participant that already is a customer is never merged into another one: on a shared computer the second
    customer must not see the first one's conversation.

    :raises ValueError: when the customer id is empty or longer than 62 characters.
    """
    if not 1 <= len(customer_id) <= MAX_CUSTOMER_ID:
        raise ValueError(f"customer_id {customer_id[:80]!r}: must have 1 to {MAX_CUSTOMER_ID} characters")
    customer = CUSTOMER_PREFIX + customer_id
    insert_if_absent(conn, participants, {"id": customer, "customer_id": customer_id, "created_at": now})
    if not participant_id.startswith(VISITOR_PREFIX):
        return Identified(participant_id=customer, moved=())

    moved = tuple(
        conn.execute(
            sa.select(conversations.c.id)
            .where(conversations.c.participant_id == participant_id)
            .order_by(conversations.c.id)
            .with_for_update()
        ).scalars()
    )
    if moved:
        conn.execute(
            conversations.update()
            .where(conversations.c.participant_id == participant_id)
            .values(participant_id=customer, updated_at=now)
        )
    visitor_profile = profiles.take(conn, participant_id=participant_id)
    if visitor_profile is not None:
        profiles.change(
            conn,
            participant_id=customer,
            change=lambda own: visitor_profile if own is None else merge(own, visitor_profile),
            now=now,
        )
    conn.execute(participants.update().where(participants.c.id == participant_id).values(merged_into=customer))
    return Identified(participant_id=customer, moved=moved)
