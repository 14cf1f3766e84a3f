"""Goal: get my money back — what the refund form accepts, and how an answer is corrected."""

import logging
import re
from typing import Any

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import REQUESTED_SLOT

from actions.errand import HUMAN_BUTTON, Events, apologise, end_form
from actions.login import ask_to_log_in, customer_id
from actions.shop import FAULTS, current_shop

logger = logging.getLogger(__name__)

#: A reason is a few words; a story is cut here.
LONGEST_REASON = 100
#: Answers that name nothing new: the form asks again instead of looking for knowledge about “不是”.
ANSWERS = frozenset({"affirm", "deny", "inform"})

_CHANGE = r"(?:换|改|修改|更改|更换|重选|重填|重新(?:选|填|写))(?:一下|一个|下|个|掉|另外|其他|别的|退款|的)*"
_WRONG = r"(?:号|选|写|填|搞|弄|给)*(?:错了?|不对)"
#: How customers say that they want another value without naming it yet → the slot to ask for again.
CORRECTIONS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("refund_reason", re.compile(rf"{_CHANGE}(?:原因|理由)|(?:原因|理由){_WRONG}")),
    (
        "order_number",
        re.compile(rf"{_CHANGE}(?:订单|单号|单子|一单)|(?:订单|单号|单子){_WRONG}|不是这[一个]?(?:单|订单)"),
    ),
)


class ValidateRefundForm(FormValidationAction):
    """Accepts an order only if it is the customer's own and may be refunded; a refused one is asked for again."""

    def name(self) -> str:
        return "validate_refund_form"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        # Rasa also hands over slots that were emptied in this turn, as None.
        given = {slot: value for slot, value in tracker.slots_to_validate().items() if value is not None}
        if given and customer_id(tracker) is None:  # signed out in the middle of the form
            ask_to_log_in(dispatcher, tracker, then="request_refund")
            return _given_up()
        try:
            events = await super().run(dispatcher, tracker, domain)
        except Exception:
            logger.exception("checking a refund failed in conversation %s", tracker.sender_id)
            apologise(dispatcher)
            return _given_up()
        if any(event["name"] == REQUESTED_SLOT and event["value"] is None for event in events):
            return [*events, *_given_up()]
        return [*events, *_corrections(tracker, given)]

    def validate_order_number(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        if value is None:
            return {"order_number": None}
        if len(set(tracker.get_latest_entity_values("order_number"))) > 1:
            dispatcher.utter_message(text="一次只能办理一笔退款，请告诉我先退哪一单。")
            return {"order_number": None}
        shop = current_shop()
        order = shop.order(customer_id(tracker), str(value))
        if order is None:
            dispatcher.utter_message(text=f"没有在您的账户下找到订单 {value}，请核对一下订单号。")
            return {"order_number": None}
        refusal = shop.refusal(order, tracker.get_slot("refund_reason"))
        if refusal:
            dispatcher.utter_message(text=refusal, buttons=[HUMAN_BUTTON])
            return {"order_number": None}
        return {"order_number": order.id}

    def validate_refund_reason(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        reason = _reason(value, tracker)
        order_id = tracker.get_slot("order_number")
        if not reason or not order_id:
            return {"refund_reason": reason or None}
        shop = current_shop()
        order = shop.order(customer_id(tracker), str(order_id))
        refusal = shop.refusal(order, reason) if order else None
        if refusal:  # the order alone was fine; with this reason its time is over
            dispatcher.utter_message(text=refusal, buttons=[HUMAN_BUTTON])
            return {"refund_reason": None, REQUESTED_SLOT: None}
        return {"refund_reason": reason}

    def validate_refund_confirmed(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        # “不对，是质量问题” is a correction and no "no"; a yes to something that was not shown is no yes.
        changed = any(
            tracker.get_slot(slot) != _before_message(tracker, slot) for slot in ("order_number", "refund_reason")
        )
        return {"refund_confirmed": None if changed else value}


def _reason(value: Any, tracker: Tracker) -> str:
    """Return the reason to file: the extractor's name for it, one that is the shop's fault first, or the words."""
    named = [str(reason) for reason in tracker.get_latest_entity_values("refund_reason")]
    known = next((reason for reason in named if reason in FAULTS), named[0] if named else None)
    return (known or " ".join(str(value or "").split())).lstrip("／/")[:LONGEST_REASON].strip("，。,. ")


def _corrections(tracker: Tracker, given: dict[str, Any]) -> Events:
    """Return what to ask for again because of how the message speaks, not because of what it names."""
    if not tracker.get_slot(REQUESTED_SLOT):
        return []
    text = tracker.latest_message.get("text") or ""
    named = {entity["entity"] for entity in tracker.latest_message.get("entities") or []}
    again = [slot for slot, pattern in CORRECTIONS if slot not in named and pattern.search(text)]
    if again and not text.startswith("/"):
        # “换个订单”, said where the reason is asked for, was taken as the reason's text.
        taken = ["refund_reason"] if "refund_reason" in given and "refund_reason" not in named else []
        return [SlotSet(slot, None) for slot in dict.fromkeys([*again, *taken, "refund_confirmed"])]
    if not given and (tracker.latest_message.get("intent") or {}).get("name") in ANSWERS:
        return [SlotSet("refund_confirmed", None)]  # an event keeps Rasa from rejecting the form; it asks again
    return []


def _before_message(tracker: Tracker, slot: str) -> Any:
    """Return the slot's value as it was when the latest message came in."""
    value, before = None, None
    for event in tracker.events:
        if event["event"] == "user":
            before = value
        elif event["event"] == "slot" and event["name"] == slot:
            value = event["value"]
    return before


def _given_up() -> Events:
    return [SlotSet("refund_confirmed", None), end_form()]
