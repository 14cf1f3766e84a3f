"""Fixtures of the whole suite: no setting leaks in, no test reaches beyond this machine."""

import ipaddress
import os
import socket
from pathlib import Path

import pytest

from tests.trained_company import TrainedCompany, train_company

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def clean_settings(monkeypatch):
    """A developer's YINGDA_* variables must not change what a test sees."""
    for name in [name for name in os.environ if name.startswith("YINGDA_") and name != "YINGDA_REFERENCE_DATA"]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def only_this_machine(monkeypatch):
    """Connections to other machines fail: a test that needs the network would pass here and fail elsewhere."""
    connect = socket.socket.connect

    def guarded(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _local(address[0]):
            raise AssertionError(f"a test wants to connect to {address}; only this machine is allowed")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def trained_company() -> TrainedCompany:
    """The sample company with its real trained model."""
    return train_company()


def _local(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def pytest_sessionfinish(session, exitstatus):
    """Leave a note for CI that tests did run and passed."""
    note = ROOT / "var" / "test" / "passed"
    note.unlink(missing_ok=True)
    if exitstatus == 0 and session.testscollected:
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(f"{session.testscollected}\n")
