"""Start and stop: what a person at the terminal sees."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.e2e.conftest import start_product
from tests.trained_company import ROOT


def test_ctrl_c_ends_every_process(trained_company):
    with tempfile.TemporaryDirectory(prefix="yingda-stop-") as folder:
        product = start_product(trained_company, Path(folder))
        assert len(product.worker_pids()) == 2
        os.kill(product.process.pid, signal.SIGINT)
        assert product.process.wait(60) == 0
        deadline = time.monotonic() + 10
        while product.processes() and time.monotonic() < deadline:
            time.sleep(0.2)
        assert product.processes() == []


def test_a_port_in_use_is_said(trained_company, product):
    port = product.address.rsplit(":", 1)[1]
    with tempfile.TemporaryDirectory(prefix="yingda-port-") as folder:
        done = subprocess.run(
            [sys.executable, "-m", "bot.cli", "run"],
            cwd=ROOT,
            env=trained_company.environment(YINGDA_DATA_DIR=folder, YINGDA_PORT=port),
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert done.returncode == 1
    assert f"YINGDA_PORT={port}" in done.stdout + done.stderr


def test_an_unknown_setting_stops_the_start(trained_company):
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "run"],
        cwd=ROOT,
        env=trained_company.environment(YINGDA_PROT="8000"),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 2
    assert "YINGDA_PROT" in done.stderr and "YINGDA_PORT" in done.stderr
