"""Goal: get my money back — the way into the refund form and out of it."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.errand import Errand, Events

FORM = "refund_form"
#: Emptied when a refund ends, so that the next one asks again.
FORM_SLOTS = ("order_number", "refund_reason", "refund_confirmed")


class ActionStartRefund(Errand):
    """Checks the login before the form asks anything; what the message already says fills the form."""

    intent = "request_refund"

    def name(self) -> str:
        return "action_start_refund"

    def serve(self, dispatcher: CollectingDispatcher, tracker: Tracker, customer: str) -> Events:
        if tracker.active_loop.get("name") == FORM:
            return [FollowupAction(FORM)]  # asked for again in the middle of it: what was answered stays
        forgotten = [SlotSet("refund_confirmed", None)]
        if not next(tracker.get_latest_entity_values("refund_reason"), None):
            # “坏了” said an hour ago about something else is no reason; an order talked about just now is the one.
            forgotten.append(SlotSet("refund_reason", None))
        return [*forgotten, FollowupAction(FORM)]


class ActionCancelRefund(Action):
    """Ends the form at the customer's wish; nothing has been filed."""

    def name(self) -> str:
        return "action_cancel_refund"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        dispatcher.utter_message(text="好的，已为您取消，退款没有提交。还有什么可以帮您的吗？")
        return emptied()


def emptied() -> Events:
    """Return the events that empty the form's slots."""
    return [SlotSet(slot, None) for slot in FORM_SLOTS]
