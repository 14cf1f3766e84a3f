import pytest

from actions.login import LOGIN_TEXT
from actions.refund_submit import FAILED

SLOTS = {"order_number": "YS2611050002", "refund_reason": "尺码不合适", "refund_confirmed": True}
EMPTY = {"order_number": None, "refund_reason": None, "refund_confirmed": None}


def test_a_confirmed_refund_is_filed_and_told(backend, run):
    said = run("action_submit_refund", intent="affirm", slots=SLOTS)
    (refund,) = backend.refunds("c1001")
    assert (refund.order_id, refund.reason, refund.status) == ("YS2611050002", "尺码不合适", "reviewing")
    assert said.texts[0].startswith(f"退款申请已提交，退款单号 {refund.id}（订单 YS2611050002，¥638.00）目前审核中。")
    assert said.cards[0]["refund_id"] == refund.id
    assert said.slots == EMPTY


def test_a_turn_that_runs_again_files_nothing_twice(backend, run):
    first = run("action_submit_refund", intent="affirm", slots=SLOTS, message_id="m-9")
    again = run("action_submit_refund", intent="affirm", slots=SLOTS, message_id="m-9")
    assert again.texts == first.texts
    assert len(backend.refunds("c1001")) == 1


def test_a_second_refund_of_the_order_is_refused_in_words(backend, run):
    run("action_submit_refund", intent="affirm", slots=SLOTS, message_id="m-1")
    said = run("action_submit_refund", intent="affirm", slots=SLOTS, message_id="m-2")
    assert "已经有一笔退款正在处理" in said.texts[0]
    assert said.slots == EMPTY
    assert len(backend.refunds("c1001")) == 1


@pytest.mark.parametrize(("confirmed", "texts"), [(False, ["好的，退款没有提交。需要的时候随时告诉我。"]), (None, [])])
def test_without_a_yes_nothing_is_filed(backend, run, confirmed, texts):
    said = run("action_submit_refund", intent="deny", slots={**SLOTS, "refund_confirmed": confirmed})
    assert (said.texts, said.slots) == (texts, EMPTY)
    assert backend.refunds("c1001") == []


def test_somebody_elses_order_is_not_refunded(backend, run):
    said = run("action_submit_refund", customer="c1002", intent="affirm", slots=SLOTS)
    assert "没有在您的账户下找到" in said.texts[0]
    assert backend.refunds("c1001") == []


def test_a_visitor_is_asked_to_log_in(backend, run):
    said = run("action_submit_refund", customer=None, intent="affirm", slots=SLOTS)
    assert (said.texts, said.slots) == ([LOGIN_TEXT], EMPTY)


def test_a_failing_shop_does_not_say_that_nothing_happened(broken_shop, run):
    said = run("action_submit_refund", intent="affirm", slots=SLOTS)
    assert (said.texts, said.slots) == ([FAILED], EMPTY)
    assert said.buttons[0]["payload"] == "/request_human"


def test_a_message_without_an_id_files_nothing(backend, run):
    said = run("action_submit_refund", intent="affirm", slots=SLOTS, message_id=None)
    assert said.texts == [FAILED]
    assert backend.refunds("c1001") == []
