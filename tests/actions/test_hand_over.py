import datetime as dt

import pytest

from actions import hand_over
from actions.tracking import CHINA
from storage.database import open_database
from storage.migration import migrate
from tests.storage.conversation import Talk, reply


@pytest.fixture
def at(monkeypatch):
    def at(hour: int, minute: int = 0) -> None:
        monkeypatch.setattr(hand_over, "now", lambda: dt.datetime(2026, 11, 23, hour, minute, tzinfo=CHINA))

    return at


def test_asked_for_a_human_the_customer_hears_what_happens_next(at, run):
    at(14)
    said = run("action_hand_over", customer=None, intent="request_human")
    assert said.texts == [
        "好的，已为您登记人工服务，工单号 {ticket}。客服同事会在服务时间内（每天 9:00–21:00）尽快与您联系。"
        "等待期间有问题也可以继续问我。"
    ]
    assert said.cards == [
        {
            "type": "handoff",
            "hours": "每天 9:00–21:00",
            "handoff": {
                "reason": "asked_for_human",
                "because": "客户要求人工服务",
                "queue": "综合客服",
                "priority": "normal",
            },
        }
    ]
    assert said.slots == {"handoff_open": True, "escalation": None}


@pytest.mark.parametrize(("hour", "minute", "open_now"), [(8, 59, False), (9, 0, True), (20, 59, True), (21, 0, False)])
def test_outside_of_the_hours_the_customer_hears_when(at, run, hour, minute, open_now):
    at(hour, minute)
    text = run("action_hand_over", intent="request_human").texts[0]
    assert ("现在不在人工服务时间（每天 9:00–21:00）" in text) is not open_now


@pytest.mark.parametrize(
    ("reason", "opening"), [("very_frustrated", "非常抱歉给您添麻烦了"), ("unanswered", "抱歉，一直没能答上您的问题")]
)
def test_what_a_rule_decided_travels_with_the_reply(at, run, reason, opening):
    at(14)
    firing = {"reason": reason, "because": "客户情绪非常激动", "queue": "投诉专线", "priority": "urgent"}
    said = run("action_hand_over", slots={"escalation": firing})
    assert said.texts[0].startswith(opening)
    assert said.cards[0]["handoff"] == firing
    assert said.slots["escalation"] is None


def test_nobody_is_handed_over_twice(at, run):
    at(14)
    said = run("action_hand_over", slots={"handoff_open": True})
    assert said.texts[0].startswith("您的人工服务已经登记过了，工单号 {ticket}，不用重复登记。")
    assert said.cards == []


@pytest.mark.parametrize("slots", [{}, {"handoff_open": True}])
def test_without_a_gateway_no_ticket_is_named(at, run, slots):
    at(14)
    text = run("action_hand_over", slots=slots, message_id=None).texts[0]
    assert "已" in text and "人工服务" in text and "工单" not in text and "{" not in text


@pytest.mark.parametrize("hour", [3, 14])
@pytest.mark.parametrize("slots", [{}, {"handoff_open": True}, {"escalation": {"reason": "complaint"}}])
def test_the_gateway_puts_the_ticket_in(at, run, hour, slots, tmp_path):
    """The place for the number is the one that the gateway's transaction fills."""
    at(hour)
    url = f"sqlite:///{tmp_path}/yingda.db"
    migrate(url)
    database = open_database(url)
    try:
        talk = Talk(database)
        handoff = {"reason": "asked", "because": "客户要求人工服务", "queue": "综合客服", "priority": "normal"}
        message = talk.accept("转人工").message_id
        text = run("action_hand_over", slots=slots).texts[0]
        published = talk.publish(message, replies=[reply(text, answer_kind="action")], handoff=handoff)
    finally:
        database.dispose()
    assert f"，工单号 {published.handoff.ticket}" in published.replies[0].text


def test_after_a_closed_ticket_a_human_can_be_asked_for_again(at, run):
    at(10)
    said = run("action_hand_over", slots={"handoff_open": True}, behaviour={"open_ticket": None})
    assert said.cards and said.cards[0]["handoff"]["reason"] == "asked_for_human"


def test_while_a_ticket_is_open_its_number_is_told(at, run):
    at(10)
    said = run("action_hand_over", behaviour={"open_ticket": "H123456"})
    assert "H123456" in said.texts[0] and said.cards == []
