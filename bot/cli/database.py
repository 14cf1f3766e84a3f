"""The product database for one command."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.cli import terminal
from storage.database import Database, open_database


@contextmanager
def product_database(what: str) -> Iterator[Database]:
    """Yield the database, brought to the current schema first; end the command `what` clearly on its faults."""
    from storage.migration import migrate

    url = terminal.settings().database
    with terminal.ends_clearly(what):
        # Also before the first start: an empty queue is no error.
        migrate(url)
        database = open_database(url)
        try:
            yield database
        finally:
            database.dispose()
