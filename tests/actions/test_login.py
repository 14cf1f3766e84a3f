import pytest
from rasa_sdk import Tracker

from actions.login import LOGIN_TEXT, customer_id, message_id

ERRANDS = {
    "action_my_account": "my_account",
    "action_track_order": "track_order",
    "action_list_orders": "list_orders",
    "action_refund_status": "refund_status",
    "action_start_refund": "request_refund",
    "action_ask_order_number": "request_refund",
    "action_ask_refund_confirmed": "request_refund",
}


def tracker(metadata, **slots):
    return Tracker.from_dict(
        {
            "sender_id": "conversation-1",
            "slots": slots,
            "latest_message": {"text": "我是 c1001", "entities": [], "metadata": metadata},
            "events": [],
        }
    )


@pytest.mark.parametrize(("action", "intent"), ERRANDS.items())
def test_a_visitor_is_asked_to_log_in_and_can_go_on_afterwards(backend, run, action, intent):
    said = run(action, customer=None, intent=intent, slots={"order_number": "YS2611050001"})
    assert said.texts == [LOGIN_TEXT]
    assert said.cards == [{"type": "login_required"}]
    assert [button["payload"] for button in said.buttons] == [f"/{intent}"]


def test_the_login_button_keeps_what_the_message_named(backend, run):
    said = run("action_track_order", customer=None, intent="track_order", entities={"order_number": "YS2611050001"})
    assert said.buttons[0]["payload"] == '/track_order{"order_number": "YS2611050001"}'


def test_only_the_verified_metadata_says_who_the_customer_is():
    assert customer_id(tracker({"customer_id": "c1001"})) == "c1001"
    for metadata in (None, {}, {"customer_id": None}, {"customer_id": ""}):
        assert customer_id(tracker(metadata, customer_id="c1001")) is None


def test_a_message_without_an_id_gives_no_idempotency_key():
    assert message_id(tracker({"message_id": "m-7"})) == "m-7"
    with pytest.raises(ValueError, match="conversation-1.*no message_id"):
        message_id(tracker({}))
