"""`rasa run` beside `rasa run actions`: knowledge answers, and errands that go through the action server."""

from collections.abc import Callable
from typing import NamedTuple

import httpx
import pytest
import yaml

from tests.stock_rasa.conftest import listening
from tests.trained_company import ROOT

pytestmark = pytest.mark.timeout(900)


class Servers(NamedTuple):
    """The ports of both servers, and `say`, which posts to the REST channel and returns the replies."""

    server: int
    actions: int
    say: Callable[[str], list[dict]]


@pytest.fixture(scope="module")
def servers(stock_rasa, free_port) -> Servers:
    server, actions = free_port(), free_port()
    endpoints = yaml.safe_load((ROOT / "endpoints.yml").read_text(encoding="utf-8"))
    # The port is all that differs from the project's file.
    endpoints["action_endpoint"]["url"] = f"http://127.0.0.1:{actions}/webhook"
    file = stock_rasa.directory / "endpoints.yml"
    file.write_text(yaml.safe_dump(endpoints), encoding="utf-8")
    stock_rasa.serve("actions", "run", "actions", "--port", str(actions), health=f"http://127.0.0.1:{actions}/health")
    stock_rasa.serve(
        *("run", "run", "-i", "127.0.0.1", "-p", str(server)),
        *("--model", str(stock_rasa.model), "--endpoints", str(file)),
        health=f"http://127.0.0.1:{server}/",
    )

    def say(text: str) -> list[dict]:
        message = {"sender": "anyone", "message": text}
        response = httpx.post(f"http://127.0.0.1:{server}/webhooks/rest/webhook", json=message, timeout=120)
        assert response.status_code == 200, response.text
        return response.json()

    return Servers(server, actions, say)


def texts(replies: list[dict]) -> str:
    return "\n".join(reply.get("text", "") for reply in replies)


def test_a_greeting_is_answered(servers):
    assert "您好" in texts(servers.say("你好"))


def test_a_question_is_answered_from_the_knowledge_with_its_source(servers):
    replies = servers.say("满多少包邮")
    assert "59" in texts(replies)
    sources = [source for reply in replies for source in (reply.get("custom") or {}).get("sources", [])]
    assert sources, replies


def test_an_errand_goes_through_the_action_server(servers):
    # Rasa's sender is no proof of who writes: nobody is signed in.
    assert "登录" in texts(servers.say("我的订单"))


def test_both_listen_on_this_machine_alone(servers):
    # Each believes whoever calls it; SANIC_HOST is what binds the action server, which has no option for it.
    assert listening(servers.server) == {"127.0.0.1"}
    assert listening(servers.actions) == {"127.0.0.1"}
