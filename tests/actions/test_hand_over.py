import datetime as dt

import pytest

from actions import hand_over
from actions.tracking import CHINA


@pytest.fixture
def at(monkeypatch):
    def at(hour: int, minute: int = 0) -> None:
        monkeypatch.setattr(hand_over, "now", lambda: dt.datetime(2026, 11, 23, hour, minute, tzinfo=CHINA))

    return at


def test_asked_for_a_human_the_customer_hears_what_happens_next(at, run):
    at(14)
    said = run("action_hand_over", customer=None, intent="request_human")
    assert said.texts == [
        "好的，已为您转人工客服。客服会尽快在这里回复您。之前的对话客服都能看到，您不用再说一遍。等待期间有问题也可以继续问我。"
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
    ("reason", "opening"), [("very_frustrated", "非常抱歉给您添麻烦了"), ("unanswered", "抱歉一直没能答上您的问题")]
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
    assert "已经在人工客服的排队中" in said.texts[0]
    assert said.cards == []
