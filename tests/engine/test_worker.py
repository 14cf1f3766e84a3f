import os

import pytest
from fastapi.testclient import TestClient

from actions import shop
from bot.engine.worker import create_app
from bot.settings import load_settings
from nlu_data.sample_shop import seed_shop
from storage.database import open_database
from storage.migration import migrate
from tests.engine.conftest import request


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
