"""Insert statements that agree on SQLite and PostgreSQL about a row that is already there."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection


def insert_if_absent(conn: Connection, table: sa.Table, values: Mapping[str, Any]) -> bool:
    """Insert a row unless its primary or another unique key exists; return whether it was inserted."""
    statement = _insert(conn, table).values(**values).on_conflict_do_nothing()
    return conn.execute(statement).rowcount == 1


def insert_or_update(conn: Connection, table: sa.Table, values: Mapping[str, Any], *, key: Sequence[str]) -> None:
    """Insert a row, or overwrite the other columns named in `values` where the columns of `key` already exist."""
    statement = _insert(conn, table).values(**values)
    changed = {name: statement.excluded[name] for name in values if name not in key}
    conn.execute(statement.on_conflict_do_update(index_elements=list(key), set_=changed))


def _insert(conn: Connection, table: sa.Table):
    return postgresql.insert(table) if conn.dialect.name == "postgresql" else sqlite.insert(table)
