"""A conversation to test with: one visitor, messages by number, results as a worker would send them."""

from collections.abc import Callable

from storage import conversations, inbox, participants, publishing
from storage.database import transaction


class Talk:
    """One visitor's conversation in a database; times are small numbers."""

    def __init__(self, database) -> None:
        self.database = database
        self.visitor = self.write(participants.create_visitor, now=1.0)
        opened, _ = self.write(conversations.open_for, participant_id=self.visitor, channel="widget", now=1.0)
        self.id = opened.id

    def write(self, function: Callable, **arguments):
        with transaction(self.database) as conn:
            return function(conn, **arguments)

    def accept(self, text: str, client_id: str = "c-1", *, now: float = 10.0, **changes):
        arguments = {
            "conversation_id": self.id,
            "participant_id": self.visitor,
            "client_message_id": client_id,
            "text": text,
            "payload": None,
            "customer_id": None,
            "language": "zh",
            "from_button": False,
            "now": now,
            **changes,
        }
        return self.write(inbox.accept, **arguments)

    def publish(self, message_id: str, *, now: float = 20.0, update_profile=None, **parts):
        return self.write(
            publishing.publish_turn,
            message_id=message_id,
            result=result(message_id, self.id, **parts),
            update_profile=update_profile or (lambda profile: {"turns": (profile or {"turns": 0})["turns"] + 1}),
            mask=lambda text: text.replace("13800138000", "〔手机号〕"),
            now=now,
        )

    def own(self, owner: str) -> None:
        self.write(conversations.set_owner, conversation_id=self.id, owner=owner, now=15.0)


def reply(text: str, **parts) -> dict:
    return {"text": text, "buttons": [], "sources": [], "custom": None, "answer_kind": "template", **parts}


def result(message_id: str, conversation_id: str, **parts) -> dict:
    return {
        "message_id": message_id,
        "conversation_id": conversation_id,
        "replies": [reply("一"), reply("二")],
        "intent": {"name": "ask_invoice", "confidence": 0.8},
        "entities": [],
        "insight": {
            "sentiment": {"label": "negative", "negative": 0.7, "neutral": 0.2, "positive": 0.1},
            "frustration": 0.6,
            "behaviour": {},
        },
        "handoff": None,
        "unknown": None,
        "model": "m-1",
        "elapsed_ms": 5.0,
        **parts,
    }


HANDOFF = {"reason": "asked", "because": "客户要求人工", "queue": "general", "priority": "normal"}
