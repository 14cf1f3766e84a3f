"""Goal: let me talk to a human — asked for by the customer, or decided by an escalation rule."""

import datetime as dt
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.tracking import CHINA

OPENS, CLOSES = 9, 21  # hours of the human agents, China's time zone
HOURS = f"每天 {OPENS}:00–{CLOSES}:00"
ASKED = {"reason": "asked_for_human", "because": "客户要求人工服务", "queue": "综合客服", "priority": "normal"}

_OPENINGS = {
    "asked_for_human": "好的，已为您转人工客服。",
    "unanswered": "抱歉一直没能答上您的问题，已为您转人工客服。",
}
_SORRY = "非常抱歉给您添麻烦了，已为您优先转人工客服。"


class ActionHandOver(Action):
    """Tells the customer what happens next; the gateway stores the hand-off that rides on the reply."""

    def name(self) -> str:
        return "action_hand_over"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        if tracker.get_slot("handoff_open"):
            dispatcher.utter_message(text=f"您已经在人工客服的排队中。{what_next(now())}等待期间有问题也可以继续问我。")
            return [SlotSet("escalation", None)]
        firing = {**ASKED, **(tracker.get_slot("escalation") or {})}
        dispatcher.utter_message(
            text=(
                f"{_OPENINGS.get(firing['reason'], _SORRY)}{what_next(now())}"
                "之前的对话客服都能看到，您不用再说一遍。等待期间有问题也可以继续问我。"
            ),
            json_message={"type": "handoff", "hours": HOURS, "handoff": firing},
        )
        return [SlotSet("handoff_open", True), SlotSet("escalation", None)]


def what_next(at: dt.datetime) -> str:
    """Return when an agent will answer, for a hand-off made at this time (China's time zone)."""
    if OPENS <= at.hour < CLOSES:
        return "客服会尽快在这里回复您。"
    return f"现在不在人工服务时间（{HOURS}），客服上班后会第一时间在这里回复您。"


def now() -> dt.datetime:
    """Return the time in China."""
    return dt.datetime.now(CHINA)
