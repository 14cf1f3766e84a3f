"""The whole product, started as `make run` starts it, and a headless Chromium to use it with."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.requirements import chromium
from tests.trained_company import ROOT, prepare

#: Two workers load TensorFlow on a machine that may be busy with other tests.
START_SECONDS = 240


@dataclass
class Product:
    """A running product: its address, its data folder, and the launcher's process."""

    address: str
    data_dir: Path
    process: subprocess.Popen
    output: list[str] = field(default_factory=list)

    def worker_pids(self) -> list[int]:
        """Return the process ids of the engine workers that serve this product."""
        own = str(self.data_dir).encode()
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                command = (entry / "cmdline").read_bytes()
                environment = (entry / "environ").read_bytes()
            except OSError:
                continue
            if b"bot.engine.worker" in command and own in environment:
                found.append(int(entry.name))
        return sorted(found)

    def processes(self) -> list[int]:
        """Return every process that carries this product's data folder in its environment, the tests' own aside."""
        own = str(self.data_dir).encode()
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                try:
                    if own in (entry / "environ").read_bytes() and (entry / "cmdline").read_bytes():
                        found.append(int(entry.name))
                except OSError:
                    continue
        return found


def start_product(trained_company, data_dir: Path) -> Product:
    port = _free_port()
    environment = trained_company.environment(
        YINGDA_DATA_DIR=str(data_dir), YINGDA_PORT=str(port), YINGDA_MESSAGES_PER_MINUTE="200"
    )
    prepare(environment)
    process = subprocess.Popen(
        [sys.executable, "-m", "bot.cli", "run"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    product = Product(f"http://127.0.0.1:{port}", data_dir, process)
    threading.Thread(target=_read, args=(product,), daemon=True).start()
    deadline = time.monotonic() + START_SECONDS
    while not any(re.search(r"ready: http", line) for line in product.output):
        if process.poll() is not None or time.monotonic() > deadline:
            stop_product(product)
            logs = "".join(path.read_text()[-3000:] for path in sorted((data_dir / "log").glob("*.log")))
            pytest.fail("the product did not start:\n" + "".join(product.output) + logs)
        time.sleep(0.2)
    return product


def stop_product(product: Product) -> None:
    if product.process.poll() is None:
        product.process.send_signal(signal.SIGINT)
        product.process.wait(60)


@pytest.fixture(scope="session")
def product(trained_company):
    # A short path: Unix sockets lie inside.
    with tempfile.TemporaryDirectory(prefix="yingda-e2e-") as folder:
        product = start_product(trained_company, Path(folder))
        yield product
        stop_product(product)


# Of one module: Playwright keeps an event loop running in this thread until it stops, and asyncio tests come after.
@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(),
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--no-first-run",
                "--disable-sync",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser, product):
    context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 860})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(product.address)
    yield page
    context.close()
    assert errors == [], "the page threw errors"


def _read(product: Product) -> None:
    for line in product.process.stdout:
        product.output.append(line)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
