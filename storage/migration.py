"""Brings a database to the current schema: the only way tables are made outside tests."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from storage.database import open_database, transaction

_SCRIPTS = Path(__file__).with_name("migrations")
#: Any fixed number: PostgreSQL's advisory lock that lets only one process migrate at a time.
_ADVISORY_LOCK = 7_281_305


def migrate(url: str, *, revision: str = "head") -> None:
    """Upgrade the database at `url` to `revision`, in one transaction; a current database is left as it is.

    Several processes may call this at once: the others wait and then find nothing to do.

    :raises ValueError: when the URL names neither SQLite nor PostgreSQL.
    """
    _run(url, command.upgrade, revision)


def downgrade(url: str, *, revision: str) -> None:
    """Take the database back to `revision` ("base" removes every table and what is in it).

    :raises ValueError: when the URL names neither SQLite nor PostgreSQL.
    """
    _run(url, command.downgrade, revision)


def _run(url: str, step, revision: str) -> None:
    engine = open_database(url)
    try:
        with transaction(engine) as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            config = Config()
            config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
            config.attributes["connection"] = connection
            step(config, revision)
    finally:
        engine.dispose()
