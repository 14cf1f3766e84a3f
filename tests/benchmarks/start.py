"""Times `make run` as a person sees it: python -m tests.benchmarks.start [--fresh] [--port N]

Prints the seconds from the command to its "ready" line, the seconds that training took, and the seconds from the
command to the reply to a first message. With --fresh it does so in a fresh clone in a temporary folder (installation
included); without, in this checkout, where nothing should be left to train.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

import httpx

ROOT = Path(__file__).parent.parent.parent
LONGEST = 1_500  # seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--fresh", action="store_true", help="clone into a temporary folder first")
    parser.add_argument("--port", type=int, default=8137)
    options = parser.parse_args()
    folder = ROOT
    if options.fresh:
        folder = Path(tempfile.mkdtemp(prefix="yingda-start-"))
        subprocess.run(["git", "clone", "-q", str(ROOT), str(folder)], check=True)
    try:
        measure(folder, options.port)
    finally:
        if options.fresh:
            shutil.rmtree(folder, ignore_errors=True)


def measure(folder: Path, port: int) -> None:
    """Run `make run` in `folder` until the first reply, print the times, and end it with Ctrl-C."""
    environment = {**os.environ, "YINGDA_PORT": str(port)}
    started = time.perf_counter()
    process = subprocess.Popen(
        ["make", "run"],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    preparing = 0.0
    try:
        for line in process.stdout:
            if found := re.search(r"prepared in (\d+) s", line):
                preparing = float(found.group(1))
            if "ready: http" in line:
                break
            if time.perf_counter() - started > LONGEST:
                raise SystemExit(f"not ready after {LONGEST} s")
        else:
            raise SystemExit(f"make run ended with {process.wait()} before it was ready")
        ready = time.perf_counter() - started
        reply = first_reply(f"http://127.0.0.1:{port}")
        replied = time.perf_counter() - started
    finally:
        if process.poll() is None:
            # As Ctrl-C does: the signal reaches make and what it runs.
            os.killpg(process.pid, signal.SIGINT)
            process.wait(60)
    print(f"ready after {ready:.1f} s (of it preparing, training included: {preparing:.0f} s)")
    print(f"first message answered after {replied:.1f} s: {reply}")


def first_reply(address: str) -> str:
    with httpx.Client(base_url=address, timeout=30) as client:
        token = client.post("/api/v1/sessions").json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        conversation = client.post("/api/v1/conversations").json()["conversation_id"]
        body = {"client_message_id": uuid.uuid4().hex, "text": "多久发货？"}
        client.post(f"/api/v1/conversations/{conversation}/messages", json=body).raise_for_status()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            messages = client.get(f"/api/v1/conversations/{conversation}/messages").json()["messages"]
            replies = [message["text"] for message in messages if message["sender"] == "bot"]
            if replies:
                return replies[0]
            time.sleep(0.02)
    raise SystemExit("no reply within 30 s")


if __name__ == "__main__":
    main()
