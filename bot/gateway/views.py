"""How stored things look to the outside."""

from datetime import datetime, timezone

from bot.gateway.buttons import Buttons
from storage.messages import Message


def iso(at: float) -> str:
    """Return a UTC epoch time as ISO 8601 with milliseconds and Z."""
    moment = datetime.fromtimestamp(at, tz=timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def message_view(message: Message, buttons: Buttons) -> dict:
    """Return the Message of the public API: button payloads become sealed tokens, nothing internal is shown."""
    view = {
        "id": message.id,
        "seq": message.seq,
        "sender": message.sender,
        "text": message.text,
        "buttons": [
            {
                "title": button["title"],
                "token": buttons.seal(
                    conversation_id=message.conversation_id,
                    title=button["title"],
                    payload=button["payload"],
                    at=message.at,
                ),
            }
            for button in message.data.get("buttons", ())
        ],
        "sources": list(message.data.get("sources", ())),
        "custom": message.data.get("custom"),
        "reply_to": message.reply_to,
        "rating": message.rating,
        "ratable": message.ratable,
        "at": iso(message.at),
    }
    if message.client_message_id is not None:
        view["client_message_id"] = message.client_message_id
    return view
