"""Opens a database and its transactions: SQLite (WAL) by default, PostgreSQL by URL."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

#: What `open_database` returns, for the annotations of rooms that do not import SQLAlchemy.
Database = Engine

#: How long a writer waits for another process's transaction before it gives up, in milliseconds.
BUSY_TIMEOUT_MS = 10_000


def open_database(url: str) -> Engine:
    """Return an engine for `url`; nothing is connected yet.

    SQLite gets write-ahead logging, foreign keys, a busy timeout, and transactions that take the write
    lock at their start (so that two writers queue instead of failing in the middle). Errors never show a
    statement's values: they are customers' words.

    :raises ValueError: when the URL names neither SQLite nor PostgreSQL.
    """
    parsed = sa.engine.make_url(url)
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        if parsed.database not in (None, "", ":memory:"):
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        in_memory = parsed.database in (None, "", ":memory:")
        # SQLAlchemy 1.4 would open a file anew for every transaction, its pragmas included.
        pool = {} if in_memory else {"poolclass": sa.pool.QueuePool, "pool_size": 8}
        engine = sa.create_engine(url, connect_args={"check_same_thread": False}, hide_parameters=True, **pool)
        sa.event.listen(engine, "connect", _configure_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        return engine
    if backend == "postgresql":
        return sa.create_engine(url, pool_pre_ping=True, hide_parameters=True)
    raise ValueError(
        f"database URL {parsed!r}: backend {backend!r} is not supported; "
        "use sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME"
    )


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """Yield a connection inside one write transaction: committed at the end, rolled back on an error."""
    with engine.connect().execution_options(yingda_write=True) as connection:
        with connection.begin():
            yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Yield a connection with a consistent snapshot for reading; nothing is written."""
    with engine.connect() as connection:
        with connection.begin():
            yield connection


def _configure_sqlite(dbapi_connection, _record) -> None:
    # pysqlite would start transactions by itself, late and unasked; we say BEGIN ourselves below.
    dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode=WAL")
    # FULL: a committed message must survive a power cut, not only a killed process.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("yingda_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def has_table(engine: Engine, name: str) -> bool:
    """Return whether the database has been made: it can be reached and has the table."""
    return sa.inspect(engine).has_table(name)
