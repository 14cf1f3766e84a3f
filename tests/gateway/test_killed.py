"""A gateway process killed with SIGKILL in the middle of turns, and the next one."""

import os
import signal
import socket
import subprocess
import sys
from functools import partial
from types import SimpleNamespace

import httpx
import pytest

from storage.migration import migrate
from tests.gateway.running import IDENTITY_SECRET, PATIENCE, SECRET, Visitor, wait_until
from tests.storage.databases import postgres_answers, throw_away_postgres

_PROGRAM = """
import sys
from pathlib import Path
import uvicorn
from bot.gateway.app import create_app
from bot.gateway.config import GatewayConfig
url, secret, identity_secret, worker, port = sys.argv[1:]
config = GatewayConfig(database_url=url, secret_key=secret, identity_secret=identity_secret,
                       worker_sockets=(Path(worker),), messages_per_minute=1000, retry_pause_s=0.01)
uvicorn.run(create_app(config), host="127.0.0.1", port=int(port), ws="wsproto", log_level="critical")
"""


@pytest.fixture(params=["sqlite", "postgresql"] if postgres_answers() else ["sqlite"])
def any_database_url(request, tmp_path):
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/killed.sqlite3"
        migrate(url)
        yield url
    else:
        with throw_away_postgres() as url:
            migrate(url)
            yield url


@pytest.fixture
def start_process(any_database_url, worker):
    processes = []

    def start():
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        arguments = [any_database_url, SECRET, IDENTITY_SECRET, str(worker.socket), str(port)]
        process = subprocess.Popen([sys.executable, "-c", _PROGRAM, *arguments])
        processes.append(process)
        client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE)

        def answers() -> bool:
            assert process.poll() is None, "the gateway did not start"
            try:
                return client.get("/healthz").status_code == 200
            except httpx.TransportError:
                return False

        wait_until(answers)
        return SimpleNamespace(client=client, process=process)

    yield start
    for process in processes:
        process.kill()
        process.wait()


def test_every_accepted_message_has_exactly_one_reply_in_order(start_process, worker):
    gateway = start_process()
    visitors = [Visitor(gateway) for _ in range(3)]
    worker.behaviours["第1句"] = ["hold"] * len(visitors)
    for visitor in visitors:
        for number in range(4):
            visitor.send(f"第{number}句")
    wait_until(lambda: sum(request["text"] == "第1句" for request in worker.requests) == len(visitors))
    os.kill(gateway.process.pid, signal.SIGKILL)
    gateway.process.wait()
    worker.release.set()

    gateway = start_process()
    for visitor in visitors:
        visitor.gateway = gateway
        assert visitor.send("第1句", "auto-2")["duplicate"] is True
        wait_until(partial(_has_replies, visitor, 4))
        assert visitor.said_by("bot") == [f"回声：第{number}句" for number in range(4)]
        transcript = visitor.messages()
        assert [message["seq"] for message in transcript] == list(range(1, 9))
        assert len({message["reply_to"] for message in transcript if message["sender"] == "bot"}) == 4
    assert set(worker.runs.values()) == {1}


def _has_replies(visitor: Visitor, count: int) -> bool:
    return len(visitor.said_by("bot")) >= count
