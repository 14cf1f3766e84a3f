"""The launcher: a supervisor's configuration in which nothing is lost, and no process that outlives it."""

import configparser
import http.client
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.launch import start_session, stop_session, supervisor_config, why_not_listen
from bot.settings import Settings
from storage.migration import migrate

ROOT = Path(__file__).parent.parent.parent

#: What supervisord does with each child: a group of its own. This one does not listen to SIGTERM, either.
STUBBORN = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.setpgrp()
with open(sys.argv[1] + ".new", "w") as file:
    file.write(str(os.getpid()))
os.rename(sys.argv[1] + ".new", sys.argv[1])
time.sleep(300)
"""

#: Starts a child and waits, as supervisord does; argv: the child's program, its file, and what SIGTERM does here.
LEADER = """
import signal, subprocess, sys
if sys.argv[3] == "ignore":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
sys.exit(subprocess.Popen([sys.executable, "-c", sys.argv[1], sys.argv[2]]).wait())
"""

#: Seconds that a started process may take to do what it is awaited for, on a busy machine.
PATIENCE = 60


def parsed(settings, tmp_path, root=Path("/srv/yingda")):
    config = configparser.RawConfigParser()
    config.read_string(supervisor_config(settings, root=root, log_dir=tmp_path))
    return config


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


@pytest.fixture
def stubborn(tmp_path):
    """Start a leader with a child that ignores SIGTERM; returns the leader and the child's process id."""
    started: list[int] = []

    def start(on_term: str) -> tuple[subprocess.Popen, int]:
        path = tmp_path / "child.pid"
        leader = start_session([sys.executable, "-c", LEADER, STUBBORN, str(path), on_term])
        until(path.exists)
        started.extend([leader.pid, int(path.read_text())])
        return leader, started[-1]

    yield start
    for pid in started:
        if runs(pid):
            os.kill(pid, signal.SIGKILL)


def test_one_program_for_the_gateway_and_each_worker(tmp_path):
    config = parsed(Settings(workers=3, data_dir=tmp_path), tmp_path)
    programs = [name for name in config.sections() if name.startswith("program:")]
    assert programs == ["program:gateway", "program:worker-0", "program:worker-1", "program:worker-2"]
    for name in programs:
        assert config[name]["autorestart"] == "true"
        assert config[name]["stopasgroup"] == "true"
    assert config["program:worker-2"]["command"].endswith("-m bot.engine.worker 2")


def test_a_percent_sign_in_a_path_is_escaped(tmp_path):
    config = parsed(Settings(data_dir=tmp_path), tmp_path, root=Path("/srv/100%/yingda"))
    assert config["program:gateway"]["directory"] == "/srv/100%%/yingda"


@pytest.mark.parametrize("on_term", ["die", "ignore"])
def test_a_child_in_a_group_of_its_own_that_ignores_sigterm_is_ended(stubborn, on_term):
    leader, child = stubborn(on_term)
    assert os.getpgid(child) == child != os.getpgid(leader.pid)
    stop_session(leader, timeout=0.5)
    assert leader.returncode == (-signal.SIGTERM if on_term == "die" else -signal.SIGKILL)
    assert not runs(child)


def test_children_of_a_leader_that_died_by_itself_are_ended(stubborn):
    leader, child = stubborn("die")
    os.kill(leader.pid, signal.SIGKILL)
    leader.wait()
    assert runs(child)
    stop_session(leader, timeout=0.5)
    assert not runs(child)


def test_processes_of_other_sessions_are_left_alone(stubborn, tmp_path):
    other = start_session([sys.executable, "-c", "import time; time.sleep(300)"])
    try:
        leader, _ = stubborn("die")
        stop_session(leader, timeout=0.5)
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_the_leader_is_told_when_the_launcher_is_killed_outright(tmp_path):
    # What SIGTERM does in the leader is seen by the file that it leaves.
    told, leader = tmp_path / "told", tmp_path / "leader"
    program = f"""
import os, pathlib, signal, sys, time
def tell(*_):
    pathlib.Path({str(told)!r}).touch()
    sys.exit(0)
signal.signal(signal.SIGTERM, tell)
pathlib.Path({str(leader)!r} + ".new").write_text(str(os.getpid()))
os.rename({str(leader)!r} + ".new", {str(leader)!r})
time.sleep(300)
"""
    launcher = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from bot.launch import start_session; start_session([sys.executable, *sys.argv[1:]]).wait()",
            "-c",
            program,
        ],
        cwd=ROOT,
    )
    try:
        until(leader.exists)
    finally:
        launcher.kill()
        launcher.wait()
    pid = int(leader.read_text())
    try:
        until(told.exists)
        until(lambda: not runs(pid))
    finally:
        if runs(pid):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])
def test_a_port_that_is_free(host):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert why_not_listen(host, port) is None


@pytest.mark.parametrize(
    ("family", "address", "hosts"),
    [(socket.AF_INET, "127.0.0.1", ["127.0.0.1", "0.0.0.0", "localhost"]), (socket.AF_INET6, "::1", ["::1", "::"])],
)
def test_a_port_in_use(family, address, hosts):
    with socket.socket(family) as taken:
        try:
            taken.bind((address, 0))
        except OSError:
            assert family == socket.AF_INET6 and not Path("/proc/net/if_inet6").exists(), "the machine has IPv6"
            return
        taken.listen()
        port = taken.getsockname()[1]
        for host in hosts:
            assert why_not_listen(host, port).startswith(f"YINGDA_PORT={port} is in use on {host}; ")


def test_an_address_of_another_machine():
    # 192.0.2.0/24 is for documentation (RFC 5737): no machine has it.
    told = why_not_listen("192.0.2.7", 8000)
    assert told.startswith("YINGDA_HOST='192.0.2.7': 192.0.2.7 is not an address of this machine") and "0.0.0.0" in told


@pytest.mark.parametrize("host", ["no-such-host.invalid", "127.0.0.1.", "a..b", "x" * 300])
def test_a_host_that_nobody_knows(host):
    told = why_not_listen(host, 8000)
    assert told.startswith(f"YINGDA_HOST={host!r} is not an address") and "PORT" not in told


def test_what_the_gateway_makes_is_for_this_user_only(tmp_path):
    data, database = tmp_path / "data", f"sqlite:///{tmp_path}/yingda.db"
    migrate(database)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("YINGDA_")}
    environ |= {
        "YINGDA_DATA_DIR": str(data),
        "YINGDA_DATABASE_URL": database,
        "YINGDA_PORT": str(port),
        "PYTHONPATH": str(ROOT),
    }
    # In an empty folder, so that no `.env` is read; under the usual mask, which lets everybody read.
    gateway = subprocess.Popen([sys.executable, "-m", "bot.gateway"], cwd=tmp_path, env=environ, umask=0o022)

    def asked(path: str) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            connection.request("GET", path)
            return bool(connection.getresponse().status)
        except ConnectionRefusedError:
            assert gateway.poll() is None, "the gateway ended"
            return False
        finally:
            connection.close()

    try:
        until(lambda: asked("/healthz"))
        asked("/demo/customers")  # opens the shop's database
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [data, *data.rglob("*")]}
    finally:
        gateway.terminate()
        gateway.wait(PATIENCE)
    assert modes["data"] == 0o700
    assert {"keys.json", "shop.db"} <= set(modes)
    assert {name: oct(mode) for name, mode in modes.items() if mode & 0o077} == {}
