"""Who the customer is: only what the gateway verified and sent with the message counts."""

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

LOGIN_TEXT = "这项服务需要先确认您的身份。请在页面右上角登录，登录后点“我已登录，继续”。"


def customer_id(tracker: Tracker) -> str | None:
    """Return the signed-in customer's id from the latest message's metadata, or None for a visitor."""
    metadata = tracker.latest_message.get("metadata") or {}
    return metadata.get("customer_id") or None


def message_id(tracker: Tracker) -> str:
    """Return the id of the message being answered: a repeated turn has the same, which makes it an idempotency key."""
    metadata = tracker.latest_message.get("metadata") or {}
    return metadata.get("message_id") or tracker.latest_message.get("message_id") or tracker.sender_id


def ask_to_log_in(dispatcher: CollectingDispatcher, *, then: str) -> None:
    """Ask for a login, with a button that goes on with intent `then` afterwards."""
    dispatcher.utter_message(
        text=LOGIN_TEXT,
        buttons=[{"title": "我已登录，继续", "payload": f"/{then}"}],
        json_message={"type": "login_required"},
    )
