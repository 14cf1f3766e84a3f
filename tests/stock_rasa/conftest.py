"""Stock Rasa's own commands on the trained sample company, each in a process of its own that ends with its test."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from bot.training.models import current_model
from tests.trained_company import ROOT, TrainedCompany

#: TensorFlow and the model load slowly on a machine that is busy with other tests.
START_SECONDS = 180
COMMAND_SECONDS = 400


class StockRasa:
    """Runs `python -m rasa …` in the project root, with the company's data and an own product database."""

    def __init__(self, company: TrainedCompany, directory: Path) -> None:
        self.model = current_model(company.model_dir)
        self.directory = directory
        self.environment = company.environment(
            YINGDA_DATABASE_URL=f"sqlite:///{directory}/yingda.db",
            RASA_TELEMETRY_ENABLED="false",
            CUDA_VISIBLE_DEVICES="-1",
            PYTHONWARNINGS="ignore",
            SANIC_HOST="127.0.0.1",
        )
        self._started: list[subprocess.Popen] = []

    def run(
        self, *arguments: str, typed: str = "", cwd: Path = ROOT, seconds: int = 300
    ) -> subprocess.CompletedProcess:
        """Run a command to its end, `typed` at its terminal; both outputs come together in `stdout`."""
        return subprocess.run(
            [sys.executable, "-m", "rasa", *arguments],
            cwd=cwd,
            env=self.environment,
            input=typed,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=COMMAND_SECONDS,
        )

    def serve(self, name: str, *arguments: str, health: str) -> None:
        """Start a server and wait until it answers GET `health`; its output lies in `name`.log."""
        log = self.directory / f"{name}.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "rasa", *arguments],
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._started.append(process)
        end = time.monotonic() + START_SECONDS
        while not _answers(health):
            assert process.poll() is None, f"{name} ended with {process.returncode}:\n{log.read_text()[-4000:]}"
            assert time.monotonic() < end, f"{name} does not answer {health}:\n{log.read_text()[-4000:]}"
            time.sleep(0.5)

    def stop(self) -> None:
        """End every server, with the processes that it started."""
        for process in self._started:
            for number in (signal.SIGTERM, signal.SIGKILL):
                try:
                    os.killpg(process.pid, number)
                    process.wait(timeout=20)
                except (ProcessLookupError, subprocess.TimeoutExpired):
                    continue


@pytest.fixture(scope="module")
def stock_rasa(trained_company, tmp_path_factory) -> Iterator[StockRasa]:
    rasa = StockRasa(trained_company, tmp_path_factory.mktemp("stock"))
    yield rasa
    rasa.stop()


@pytest.fixture(scope="module")
def free_port() -> Callable[[], int]:
    """Each call returns a TCP port of this machine that nothing listens on."""

    def find() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]

    return find


def listening(port: int) -> set[str]:
    """Return the IPv4 addresses on which something listens on `port` ("0.0.0.0": every address of the machine)."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    local = [row[1].split(":") for row in rows if row[3] == "0A"]  # TCP_LISTEN
    return {socket.inet_ntoa(bytes.fromhex(address)[::-1]) for address, number in local if int(number, 16) == port}


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.TransportError:
        return False
