import pytest
from cryptography.fernet import Fernet

from bot.gateway.buttons import Buttons
from bot.gateway.errors import Unprocessable
from tests.gateway.running import Visitor, error_of
from tests.gateway.worker_stand_in import reply

REFUND = {"title": "申请退款", "payload": '/request_refund{"order_number": "YS2611050001"}'}
QUESTION = {"title": "发票怎么开", "payload": "怎么开发票？"}


def offered(visitor, worker) -> list[dict]:
    worker.results["选"] = {"replies": [reply("请选择：", buttons=[REFUND, QUESTION])]}
    return visitor.ask("选")[0]["buttons"]


def press(visitor, token: str):
    return visitor.post(f"{visitor.path}/messages", {"client_message_id": "press", "button_token": token})


def test_a_pressed_button_brings_its_payload(visitor, worker):
    button = offered(visitor, worker)[0]
    assert set(button) == {"title", "token"} and "request_refund" not in button["token"]
    assert press(visitor, button["token"]).status_code == 202
    assert visitor.said_by("customer") == ["选", "申请退款"]
    visitor.ask("然后呢")
    assert worker.requests[1]["payload"] == REFUND["payload"] and worker.requests[1]["text"] == "申请退款"
    assert worker.requests[1]["behaviour"]["buttons_offered"] is False


def test_a_button_may_stand_for_words(visitor, worker):
    assert press(visitor, offered(visitor, worker)[1]["token"]).status_code == 202
    visitor.ask("然后呢")
    assert worker.requests[1]["payload"] is None and worker.requests[1]["text"] == "怎么开发票？"


@pytest.mark.parametrize(
    "token", ["", "x", "好", "/request_refund", "a" * 5000, Fernet(Fernet.generate_key()).encrypt(b"{}").decode()]
)
def test_forged(visitor, worker, token):
    error_of(press(visitor, token), 422, "button_invalid")
    assert visitor.messages() == []


def test_changed(visitor, worker):
    token = offered(visitor, worker)[0]["token"]
    middle = len(token) // 2
    changed = token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1 :]
    error_of(press(visitor, changed), 422, "button_invalid")


def test_expired(visitor, worker, clock):
    token = offered(visitor, worker)[0]["token"]
    clock.ahead += 24 * 3600 + 5
    error_of(press(visitor, token), 422, "button_expired")


def test_offered_to_somebody_else(gateway, visitor, worker):
    token = offered(visitor, worker)[0]["token"]
    error_of(press(Visitor(gateway), token), 422, "button_foreign")


def test_another_installation_cannot_open_it():
    one, other = (Buttons(secret_key=letter * 40, seconds=60, clock=lambda: 100.0) for letter in "ab")
    token = one.seal(conversation_id="k_1", title="t", payload="/p", at=100.0)
    assert one.open(token, conversation_id="k_1").payload == "/p"
    with pytest.raises(Unprocessable):
        other.open(token, conversation_id="k_1")
