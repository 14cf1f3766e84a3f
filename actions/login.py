"""Who the customer is: only what the gateway verified and sent with the message counts."""

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.buttons import payload

LOGIN_TEXT = "这项服务需要先确认您的身份。请在页面右上角登录，登录后点“我已登录，继续”。"
#: What the customer has already said and need not say again after the login.
KEPT_ENTITIES = ("order_number", "parcel_number", "refund_reason")


def customer_id(tracker: Tracker) -> str | None:
    """Return the signed-in customer's id from the latest message's metadata, or None for a visitor.

    Slots and entities are never asked: a customer can write anything into them.
    """
    metadata = tracker.latest_message.get("metadata") or {}
    return metadata.get("customer_id") or None


def message_id(tracker: Tracker) -> str:
    """Return the id of the message being answered: a repeated turn has the same, which makes it an idempotency key.

    :raises ValueError: when the message has none; a made-up key would let a repeated turn act twice.
    """
    metadata = tracker.latest_message.get("metadata") or {}
    found = metadata.get("message_id") or tracker.latest_message.get("message_id")
    if not found:
        raise ValueError(f"the latest message of conversation {tracker.sender_id!r} has no message_id; expected one")
    return str(found)


def ask_to_log_in(dispatcher: CollectingDispatcher, tracker: Tracker, *, then: str) -> None:
    """Ask for a login, with a button that goes on with intent `then` and what the message already named."""
    said = {name: value for name in KEPT_ENTITIES if (value := next(tracker.get_latest_entity_values(name), None))}
    dispatcher.utter_message(
        text=LOGIN_TEXT,
        buttons=[{"title": "我已登录，继续", "payload": payload(then, **said)}],
        json_message={"type": "login_required"},
    )
