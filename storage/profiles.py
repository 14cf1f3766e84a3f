"""The profile document of each participant; what it contains is decided above (analytics)."""

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.tables import profiles
from storage.upserts import insert_or_update


def find(conn: Connection, *, participant_id: str) -> dict | None:
    """Return the stored profile, or None when there is none yet."""
    return conn.execute(_profile_of(participant_id)).scalar_one_or_none()


def change(conn: Connection, *, participant_id: str, change: Callable[[dict | None], dict], now: float) -> dict:
    """Replace the profile by `change(profile or None)` and return the new one; nobody writes in between."""
    profile = change(conn.execute(_profile_of(participant_id).with_for_update()).scalar_one_or_none())
    insert_or_update(
        conn,
        profiles,
        {"participant_id": participant_id, "data": profile, "updated_at": now},
        key=("participant_id",),
    )
    return profile


def take(conn: Connection, *, participant_id: str) -> dict | None:
    """Remove the profile and return it, or None: what was taken cannot be merged twice."""
    profile = conn.execute(_profile_of(participant_id).with_for_update()).scalar_one_or_none()
    if profile is not None:
        conn.execute(profiles.delete().where(profiles.c.participant_id == participant_id))
    return profile


def _profile_of(participant_id: str):
    return sa.select(profiles.c.data).where(profiles.c.participant_id == participant_id)
