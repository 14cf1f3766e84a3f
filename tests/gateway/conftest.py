"""Fixtures of the gateway's tests: a migrated database, a worker on a Unix socket, a gateway on a free port."""

import shutil
import tempfile
from pathlib import Path

import pytest

from storage.migration import migrate
from tests.gateway.running import Clock, RunningGateway, Visitor
from tests.gateway.worker_stand_in import WorkerStandIn


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory):
    """A freshly migrated SQLite file to copy from."""
    path = tmp_path_factory.mktemp("migrated") / "yingda.sqlite3"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def database_url(migrated_file, tmp_path):
    path = tmp_path / "yingda.sqlite3"
    shutil.copy(migrated_file, path)
    return f"sqlite:///{path}"


@pytest.fixture
def socket_dir():
    # A Unix socket's path may have 107 characters; pytest's own folders are longer.
    with tempfile.TemporaryDirectory(prefix="yd-", dir="/tmp") as path:
        yield Path(path)


@pytest.fixture
def worker(socket_dir):
    stand_in = WorkerStandIn(socket_dir / "worker-0.sock").start()
    yield stand_in
    stand_in.release.set()
    stand_in.stop()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def start_gateway(database_url, worker, clock):
    """Start a gateway on the test's database; keyword arguments change its configuration."""
    running = []

    def start(**changes) -> RunningGateway:
        gateway = RunningGateway(database_url, worker.socket, clock, **changes)
        running.append(gateway)
        return gateway

    yield start
    for gateway in running:
        gateway.stop()


@pytest.fixture
def gateway(start_gateway):
    return start_gateway()


@pytest.fixture
def visitor(gateway):
    return Visitor(gateway)
