"""Starts every process under supervisord, says when the first message can come, and ends them all together."""

import ctypes
import errno
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from bot.settings import Settings
from bot.training.models import current_model

#: Seconds that workers may take to load the model before the start counts as failed.
START_TIMEOUT = 180
#: Seconds that all processes together may take to end; supervisord kills its own after 10.
STOP_TIMEOUT = 20

#: prctl(2): the signal a process gets when its parent dies.
_PR_SET_PDEATHSIG = 1

_PROGRAM = """
[program:{name}]
command={command}
directory={root}
autorestart=true
startsecs=1
startretries=5
stopsignal=TERM
stopwaitsecs=10
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile={log}
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=3
"""


def launch(settings: Settings, *, root: Path, console: Console) -> int:
    """Run until Ctrl-C, SIGTERM, or until supervisord ends; returns the exit status."""
    if current_model(settings.model_dir) is None:
        console.print(f"[bold red]no trained model in {settings.model_dir}[/]; run: yingda prepare")
        return 1
    obstacle = why_not_listen(settings.host, settings.port)
    if obstacle:
        console.print(f"[bold red]start:[/] {obstacle}", highlight=False)
        return 1
    # Only this user: the databases and logs inside are customers' words. `mode` does not reach made parents.
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    log_dir = settings.data_dir.absolute() / "log"
    log_dir.mkdir(parents=True, exist_ok=True)
    settings.run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    config = settings.run_dir / "supervisord.conf"
    config.write_text(supervisor_config(settings, root=root, log_dir=log_dir), encoding="utf-8")
    process = start_session(
        [sys.executable, "-m", "supervisor.supervisord", "--nodaemon", "--configuration", str(config)]
    )
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, _interrupt)
    try:
        return _watch(process, settings, log_dir, console)
    except KeyboardInterrupt:
        console.print("stopping …")
        return 0
    finally:
        stop_session(process)


def start_session(command: list[str]) -> subprocess.Popen:
    """Start a process that leads a session of its own, and that gets SIGTERM when this process dies.

    The session: Ctrl-C in the terminal reaches us alone, and we stop the children in order.
    """
    return subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_die_with_parent(),
    )


def stop_session(process: subprocess.Popen, timeout: float = STOP_TIMEOUT) -> None:
    """End `process` and everything in its session: asked first, killed after `timeout` seconds.

    Its process group would not do: supervisord gives each child a group of its own (setpgrp), so killing
    supervisord's leaves gateway and workers running with nobody to watch them.
    """
    if process.poll() is None:
        # Only the leader: supervisord ends its children itself, and would restart one that we ended.
        process.terminate()
    else:
        _signal(_members(process.pid), signal.SIGTERM)
    deadline = time.monotonic() + timeout
    while (process.poll() is None or _members(process.pid)) and time.monotonic() < deadline:
        time.sleep(0.05)
    # The leader first, so that nothing starts a child anew while we kill.
    if process.poll() is None:
        process.kill()
        process.wait()
    for _ in range(100):  # again for what was being started; not for ever, should the kernel hold one back
        members = _members(process.pid)
        if not members:
            break
        _signal(members, signal.SIGKILL)
        time.sleep(0.05)


def why_not_listen(host: str, port: int) -> str | None:
    """Return why the gateway cannot listen there and what to do about it, or None where it can."""
    try:
        # The same question that asyncio asks when the gateway starts: every address found must be free.
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError):  # UnicodeError: a name with an empty or too long part
        return f"YINGDA_HOST={host!r} is not an address, nor a name that this machine knows; for all addresses: 0.0.0.0"
    for family, kind, protocol, _, address in addresses:
        try:
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                probe.bind(address)
        except OSError as error:
            # A name with an IPv6 address on a machine without IPv6: asyncio leaves that one out, too.
            if error.errno != errno.EAFNOSUPPORT:
                return _obstacle(error, host, port, address[0])
    return None


def _obstacle(error: OSError, host: str, port: int, address: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"YINGDA_PORT={port} is in use on {host}; "
            "end the program that holds it, or set YINGDA_PORT to another number"
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return (
            f"YINGDA_HOST={host!r}: {address} is not an address of this machine; "
            "set one that is, or 0.0.0.0 for all of them"
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return (
            f"YINGDA_PORT={port}: this user may not listen there (below 1024 only root may); "
            "set YINGDA_PORT to a higher number, and let a proxy listen on the low one"
        )
    return f"YINGDA_HOST={host!r}, YINGDA_PORT={port}: cannot listen on {address} ({error.strerror})"


def supervisor_config(settings: Settings, *, root: Path, log_dir: Path) -> str:
    """Return supervisord's configuration: the gateway and one program per worker."""
    programs = {"gateway": f"{sys.executable} -m bot.gateway"}
    for index in range(settings.workers):
        programs[f"worker-{index}"] = f"{sys.executable} -m bot.engine.worker {index}"
    parts = [
        "[supervisord]",
        f"logfile={_escaped(log_dir / 'supervisord.log')}",
        f"pidfile={_escaped(settings.run_dir / 'supervisord.pid')}",
        "silent=true",
    ]
    sections = [
        _PROGRAM.format(
            name=name, command=_escaped(command), root=_escaped(root.absolute()), log=_escaped(log_dir / f"{name}.log")
        )
        for name, command in programs.items()
    ]
    return "\n".join(parts) + "\n" + "".join(sections)


def _escaped(value: object) -> str:
    # supervisord expands %(name)s in every value.
    return str(value).replace("%", "%%")


def _watch(process: subprocess.Popen, settings: Settings, log_dir: Path, console: Console) -> int:
    host = _local(settings.host)
    address = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/"
    deadline = time.monotonic() + START_TIMEOUT
    with console.status("starting gateway and workers …"):
        while not _ready(settings):
            if process.poll() is not None:
                console.print(f"[bold red]supervisord ended with status {process.returncode}[/]; see {log_dir}")
                return 1
            if time.monotonic() > deadline:
                console.print(f"[bold red]not ready after {START_TIMEOUT} s[/]; see the logs in {log_dir}")
                return 1
            time.sleep(0.2)
    console.print(f"\n[bold green]Yingda 应答 is ready:[/] {address}\n", highlight=False)
    console.print(f"logs: {log_dir}   stop: Ctrl-C", highlight=False)
    return process.wait()


def _ready(settings: Settings) -> bool:
    connection = http.client.HTTPConnection(_local(settings.host), settings.port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _local(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _die_with_parent() -> Callable[[], None] | None:
    """Return what a child runs before exec so that the kernel ends it with us, where the kernel can (Linux).

    Where `yingda run` is killed outright (SIGKILL, out of memory), nothing of ours runs any more, and supervisord
    in its own session would go on for ever, holding the port. The setting survives exec and is not inherited by
    supervisord's children, which supervisord ends in order when the signal comes.
    """
    if not sys.platform.startswith("linux"):
        return None
    # Loaded here: after the fork only calls that need no lock and no import are safe.
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def before_exec() -> None:
        prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
        if os.getppid() != parent:  # died before the call: no signal will come
            os._exit(1)

    return before_exec


def _members(session: int) -> list[int]:
    """Return the processes of a session that still run, its leader aside; none where there is no /proc."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            # proc(5): pid (name, which may hold spaces and brackets) state ppid group session …
            state, _, _, own_session = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()[:4]
        except OSError:  # ended meanwhile
            continue
        if int(own_session) == session and int(entry.name) != session and state not in "ZX":
            found.append(int(entry.name))
    return found


def _signal(processes: list[int], which: signal.Signals) -> None:
    for each in processes:
        try:
            os.kill(each, which)
        except ProcessLookupError:
            pass
