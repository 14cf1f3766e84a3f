"""Fixtures of the storage tests: each runs on SQLite and, where a server answers, on PostgreSQL."""

import pytest

from storage.database import open_database
from storage.migration import migrate
from tests.storage.conversation import Talk
from tests.storage.databases import postgres_answers, throw_away_postgres

_BACKENDS = ["sqlite", "postgresql"] if postgres_answers() else ["sqlite"]


@pytest.fixture(params=_BACKENDS)
def database_url(request, tmp_path):
    """The URL of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/yingda.sqlite3"
    else:
        with throw_away_postgres() as url:
            yield url


@pytest.fixture
def database(database_url):
    """An engine on a migrated database."""
    migrate(database_url)
    engine = open_database(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def talk(database):
    """A visitor's conversation in that database."""
    return Talk(database)
