import os
import re
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from actions import shop
from bot.engine.worker import create_app
from bot.settings import load_settings
from nlu_data.sample_shop import seed_shop
from storage.database import open_database
from storage.migration import migrate
from tests.engine.conftest import request

ROOT = Path(__file__).parents[2]

#: Seconds that a worker process may take to import and load everything, on a busy machine.
PATIENCE = 240


@pytest.fixture
def worker(model, tmp_path, monkeypatch):
    """A worker's application on a data folder of its own, as it answers on its socket."""
    monkeypatch.setattr(shop, "_current", [])
    monkeypatch.delenv("YINGDA_SHOP_DATABASE_URL", raising=False)
    settings = load_settings({"YINGDA_DATA_DIR": str(tmp_path / "data")}, None)
    migrate(settings.database)
    seed_shop(open_database(settings.shop_database))
    with TestClient(create_app(settings, model)) as client:
        yield client


def test_a_worker_says_that_it_is_ready_and_with_what(worker):
    health = worker.get("/health").json()
    assert (health["ready"], health["model"], health["pid"]) == (True, "test.tar.gz", os.getpid())


def test_a_worker_answers_from_the_shop_of_its_settings(worker):
    message = request("查物流", payload="/list_orders", message_id="m-1", customer_id="c1002")
    result = worker.post("/turn", content=message.json()).json()
    assert "YS2611060004" in result["replies"][0]["text"]


def test_a_request_that_is_none_is_refused(worker):
    assert worker.post("/turn", json={"text": "你好"}).status_code == 422


def test_a_worker_process_tells_nobody_what_customers_write(model, tmp_path):
    data, shop_file, said = tmp_path / "data", tmp_path / "shop.db", tmp_path / "said.log"
    names = {
        "YINGDA_DATA_DIR": str(data),
        "YINGDA_MODEL_DIR": str(model.parent),
        "YINGDA_DATABASE_URL": f"sqlite:///{tmp_path}/yingda.db",
        "YINGDA_SHOP_DATABASE_URL": f"sqlite:///{shop_file}",
        "YINGDA_LOG_LEVEL": "debug",
    }
    settings = load_settings(names, None)
    migrate(settings.database)
    engine = open_database(settings.shop_database)
    seed_shop(engine)
    engine.dispose()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("YINGDA_")}
    environ |= {**names, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with said.open("wb") as output:
        # As the supervisor starts it, but in a folder without `.env`; under the usual mask, which lets everybody read.
        process = subprocess.Popen(
            [sys.executable, "-m", "bot.engine.worker", "0"],
            cwd=tmp_path,
            env=environ,
            stdout=output,
            stderr=subprocess.STDOUT,
            umask=0o022,
        )
    try:
        transport = httpx.HTTPTransport(uds=str(settings.worker_socket(0)))
        with httpx.Client(transport=transport, base_url="http://worker", timeout=PATIENCE) as client:
            deadline = time.monotonic() + PATIENCE
            while not settings.worker_socket(0).exists():
                assert process.poll() is None and time.monotonic() < deadline, said.read_text()
                time.sleep(0.1)
            words = "查物流 YS2611060004 purplevetch"
            message = request(words, message_id="m-1", customer_id="c1002")
            found = client.post("/turn", content=message.json()).json()
            with sqlite3.connect(shop_file) as shop_database:
                shop_database.execute("ALTER TABLE orders RENAME TO lost")
            message = request(words, message_id="m-2", customer_id="c1002")
            failed = client.post("/turn", content=message.json()).json()
            mask = re.search(r"^Umask:\s+(\d+)$", Path(f"/proc/{process.pid}/status").read_text(), re.MULTILINE)
    finally:
        process.terminate()
        process.wait(PATIENCE)
    told = said.read_text(encoding="utf-8")
    # The words went all the way, once well and once into an error that is logged.
    assert "YS2611060004" in found["replies"][0]["text"] and "YS2611060004" not in failed["replies"][0]["text"]
    assert f"worker {process.pid} ready with {model.name}" in told
    assert "sqlalchemy.exc.OperationalError, raised through:" in told
    assert [each for each in (*words.split(), "2611060004") if each in told] == []
    assert mask.group(1) == "0077"
    assert [stat.S_IMODE(path.stat().st_mode) for path in (data, data / "run")] == [0o700, 0o700]
