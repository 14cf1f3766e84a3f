"""Goal: get my money back — the way into the refund form and out of it."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.login import ask_to_log_in, customer_id

#: Emptied when a refund ends, so that the next one asks again.
FORM_SLOTS = ("order_number", "refund_reason", "refund_confirmed")


class ActionStartRefund(Action):
    """Checks the login before the form asks anything; what the message already says fills the form."""

    def name(self) -> str:
        return "action_start_refund"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        if customer_id(tracker) is None:
            ask_to_log_in(dispatcher, then="request_refund")
            return []
        kept = []
        if not next(tracker.get_latest_entity_values("refund_reason"), None):
            kept.append(SlotSet("refund_reason", None))
        return [SlotSet("refund_confirmed", None), *kept, FollowupAction("refund_form")]


class ActionCancelRefund(Action):
    """Ends the form at the customer's wish; nothing has been filed."""

    def name(self) -> str:
        return "action_cancel_refund"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        dispatcher.utter_message(text="好的，已为您取消，退款没有提交。还有什么可以帮您的吗？")
        return [SlotSet(slot, None) for slot in FORM_SLOTS]
