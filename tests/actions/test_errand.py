import pytest

from actions.errand import FAILED

ERRANDS = [
    "action_my_account",
    "action_track_order",
    "action_list_orders",
    "action_refund_status",
    "action_ask_order_number",
    "action_ask_refund_confirmed",
]


@pytest.mark.parametrize("action", ERRANDS)
def test_a_failing_shop_ends_in_an_apology_with_a_human_offered(broken_shop, run, action):
    said = run(action, intent="track_order", slots={"order_number": "YS2611050002"})
    assert said.texts == [FAILED]
    assert [button["payload"] for button in said.buttons] == ["/request_human"]
    assert said.cards == []


@pytest.mark.parametrize("action", ["action_ask_order_number", "action_ask_refund_confirmed"])
def test_a_question_of_the_form_that_fails_ends_the_form(broken_shop, run, action):
    said = run(action, slots={"order_number": "YS2611050002"}, loop="refund_form")
    assert said.slots == {"requested_slot": None}


def test_half_an_answer_is_taken_back_when_the_rest_fails(backend, run, monkeypatch):
    refunds = backend.refunds("c1002")
    broken = refunds[0].__class__(**{**refunds[0].__dict__, "status": "lost"})  # a status that no text is written for
    monkeypatch.setattr(backend, "refunds", lambda customer: [refunds[0], broken])
    said = run("action_refund_status", customer="c1002", intent="refund_status")
    assert said.texts == [FAILED]
