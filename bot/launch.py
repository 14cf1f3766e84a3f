"""Starts every process under supervisord, says when the first message can come, and ends them all together."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console

from bot.settings import Settings
from bot.training.models import current_model

#: Seconds that workers may take to load the model before the start counts as failed.
START_TIMEOUT = 180
STOP_TIMEOUT = 20

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
    if not _free(settings.host, settings.port):
        console.print(
            f"[bold red]YINGDA_PORT={settings.port} is in use on {settings.host}[/]; "
            "end the program that holds it, or set YINGDA_PORT to another number"
        )
        return 1
    log_dir = settings.data_dir.absolute() / "log"
    log_dir.mkdir(parents=True, exist_ok=True)
    settings.run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    config = settings.run_dir / "supervisord.conf"
    config.write_text(supervisor_config(settings, root=root, log_dir=log_dir), encoding="utf-8")
    # Its own session: Ctrl-C in the terminal reaches us alone, and we stop the children in order.
    process = subprocess.Popen(
        [sys.executable, "-m", "supervisor.supervisord", "--nodaemon", "--configuration", str(config)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, _interrupt)
    try:
        return _watch(process, settings, log_dir, console)
    except KeyboardInterrupt:
        console.print("stopping …")
        return 0
    finally:
        _stop(process)


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
    address = f"http://{_local(settings.host)}:{settings.port}/"
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


def _free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _local(host: str) -> str:
    return "127.0.0.1" if host == "0.0.0.0" else host


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _stop(process: subprocess.Popen) -> None:
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        # The whole session: supervisord and whatever it could not end.
        os.killpg(process.pid, signal.SIGKILL)
