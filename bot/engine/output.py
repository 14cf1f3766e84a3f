"""Output channel that collects a turn's replies in the form the gateway publishes."""

from typing import Any

from rasa.core.channels.channel import OutputChannel

#: `custom` of a reply that the answer composer made: carries its kind and sources beside the text.
ANSWER = "answer"


class ReplyCollector(OutputChannel):
    """Keeps each response whole: Rasa's own collector splits text at blank lines and sends `custom` apart."""

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self.replies: list[dict[str, Any]] = []

    def name(self) -> str:  # type: ignore[override]
        return self._channel

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        custom = dict(message.get("custom") or {})
        sources, kind = [], "action"
        if custom.get("type") == ANSWER:
            sources, kind = custom.get("sources", []), custom.get("kind", "template")
            custom = {}
        text = (message.get("text") or "").strip()
        if not text and not custom:
            return
        self.replies.append(
            {
                "text": text,
                "buttons": [
                    {"title": button["title"], "payload": button["payload"]} for button in message.get("buttons") or []
                ],
                "sources": sources,
                "custom": custom or None,
                "answer_kind": kind,
            }
        )

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        await self.send_response(recipient_id, {"text": text, **kwargs})
