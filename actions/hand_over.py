"""Goal: let me talk to a human — asked for by the customer, or decided by an escalation rule."""

import datetime as dt
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.tracking import CHINA
from storage.publishing import TICKET_PLACE

OPENS, CLOSES = 9, 21  # hours of the human agents, China's time zone
HOURS = f"每天 {OPENS}:00–{CLOSES}:00"
ASKED = {"reason": "asked_for_human", "because": "客户要求人工服务", "queue": "综合客服", "priority": "normal"}

_OPENINGS = {
    "asked_for_human": "好的，已为您登记人工服务",
    "unanswered": "抱歉，一直没能答上您的问题。已为您登记人工服务",
}
_SORRY = "非常抱歉给您添麻烦了。已为您优先登记人工服务"
_MEANWHILE = "等待期间有问题也可以继续问我。"


class ActionHandOver(Action):
    """Tells the customer what happens next, and no more than that; the gateway stores the hand-off on the reply."""

    def name(self) -> str:
        return "action_hand_over"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        ticket = _ticket(tracker)
        behaviour = (tracker.latest_message.get("metadata") or {}).get("behaviour") or {}
        # The gateway knows whether the last hand-off is closed; without one the slot stands in.
        if behaviour["open_ticket"] if "open_ticket" in behaviour else tracker.get_slot("handoff_open"):
            dispatcher.utter_message(
                text=f"您的人工服务已经登记过了{ticket}，不用重复登记。{what_next(now())}{_MEANWHILE}"
            )
            return [SlotSet("escalation", None)]
        firing = {**ASKED, **(tracker.get_slot("escalation") or {})}
        dispatcher.utter_message(
            text=f"{_OPENINGS.get(firing['reason'], _SORRY)}{ticket}。{what_next(now())}{_MEANWHILE}",
            json_message={"type": "handoff", "hours": HOURS, "handoff": firing},
        )
        return [SlotSet("handoff_open", True), SlotSet("escalation", None)]


def _ticket(tracker: Tracker) -> str:
    """Return the words for the ticket's number, which the gateway puts in when it stores the hand-off.

    Without a gateway (`rasa shell`) there is no ticket; only the gateway's messages have an id.
    """
    metadata = tracker.latest_message.get("metadata") or {}
    if known := (metadata.get("behaviour") or {}).get("open_ticket"):
        return f"，工单号 {known}"
    return f"，工单号 {TICKET_PLACE}" if metadata.get("message_id") else ""


def what_next(at: dt.datetime) -> str:
    """Return when the customer hears from somebody, for a hand-off made at this time (China's time zone)."""
    if OPENS <= at.hour < CLOSES:
        return f"客服同事会在服务时间内（{HOURS}）尽快与您联系。"
    return f"现在不在人工服务时间（{HOURS}），客服同事上班后会与您联系。"


def now() -> dt.datetime:
    """Return the time in China."""
    return dt.datetime.now(CHINA)
