"""Goal: get my money back — file the confirmed refund, once."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.login import ask_to_log_in, customer_id, message_id
from actions.refund_start import FORM_SLOTS
from actions.refund_status import show_refund
from actions.shop import RefundRefused, current_shop


class ActionSubmitRefund(Action):
    """Files the refund under the confirming message's id, so that a repeated turn files nothing twice."""

    def name(self) -> str:
        return "action_submit_refund"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        emptied = [SlotSet(slot, None) for slot in FORM_SLOTS]
        customer = customer_id(tracker)
        if customer is None:  # signed out in the middle of the form
            ask_to_log_in(dispatcher, then="request_refund")
            return emptied
        if not tracker.get_slot("refund_confirmed"):
            dispatcher.utter_message(text="好的，退款没有提交。需要的时候随时告诉我。")
            return emptied
        try:
            refund = current_shop().request_refund(
                customer,
                tracker.get_slot("order_number"),
                tracker.get_slot("refund_reason"),
                idempotency_key=f"refund:{message_id(tracker)}",
            )
        except RefundRefused as refusal:
            dispatcher.utter_message(text=str(refusal))
            return emptied
        show_refund(dispatcher, refund, "退款申请已提交，退款单号")
        return emptied
