"""What all errands for a signed-in customer share: the login before, and an apology when the shop fails."""

import logging
from abc import ABC, abstractmethod
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import REQUESTED_SLOT

from actions.login import ask_to_log_in, customer_id

logger = logging.getLogger(__name__)

Events = list[dict[str, Any]]

FAILED = "非常抱歉，系统刚才出了点问题，暂时没能办成。请您稍后再试，也可以转人工客服为您处理。"
HUMAN_BUTTON = {"title": "转人工客服", "payload": "/request_human"}


class Errand(Action, ABC):
    """An action about one customer's own account.

    A visitor is asked to log in first. Whatever goes wrong in the shop, the customer gets an apology and the
    offer of a human; half an answer that was already said is taken back.
    """

    #: The intent that starts this errand again after a login.
    intent: str
    #: What the customer reads when it fails.
    failed: str = FAILED
    #: Events that leave a clean state behind when the errand cannot go on.
    gives_up: Events = []

    @abstractmethod
    def name(self) -> str: ...

    @abstractmethod
    def serve(self, dispatcher: CollectingDispatcher, tracker: Tracker, customer: str) -> Events:
        """Do it for the customer with this verified id; returns Rasa events."""

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        customer = customer_id(tracker)
        if customer is None:
            ask_to_log_in(dispatcher, tracker, then=self.intent)
            return list(self.gives_up)
        try:
            return self.serve(dispatcher, tracker, customer)
        except Exception:
            logger.exception("%s failed in conversation %s", self.name(), tracker.sender_id)
            apologise(dispatcher, self.failed)
            return list(self.gives_up)


def apologise(dispatcher: CollectingDispatcher, text: str = FAILED) -> None:
    """Say only this, instead of whatever the failed action has said so far, and offer a human."""
    dispatcher.messages.clear()
    dispatcher.utter_message(text=text, buttons=[HUMAN_BUTTON])


def end_form() -> dict[str, Any]:
    """Return the event by which an action that the form itself runs (asking, validating) ends the form.

    (rasa/core/actions/forms.py, `FormAction.is_done`)
    """
    return SlotSet(REQUESTED_SLOT, None)
