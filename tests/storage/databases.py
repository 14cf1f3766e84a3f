"""Databases for the storage tests: SQLite files, and throw-away databases of a PostgreSQL server that answers."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

SERVER = "postgresql://postgres@127.0.0.1:5432"


def postgres_answers() -> bool:
    """Whether a PostgreSQL server that trusts us listens on the usual local port."""
    engine = sa.create_engine(f"{SERVER}/postgres", connect_args={"connect_timeout": 2})
    try:
        with engine.connect():
            return True
    except sa.exc.OperationalError:
        return False
    finally:
        engine.dispose()


@contextmanager
def throw_away_postgres() -> Iterator[str]:
    """Yield the URL of a new, empty database; it is dropped afterwards."""
    name = "yingda_test_" + secrets.token_hex(6)
    engine = sa.create_engine(f"{SERVER}/postgres", isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
        try:
            yield f"{SERVER}/{name}"
        finally:
            with engine.connect() as connection:
                connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        engine.dispose()
