"""A conversation of an imported log, as it is kept: masked, one JSON line each."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

#: A customer's messages this close together (seconds) are one utterance that was sent in pieces.
SPLIT_SECONDS = 60.0


@dataclass(frozen=True)
class Message:
    """One message; `at` is epoch seconds, `sender` "customer" or "agent", `text` already masked."""

    at: float
    sender: str
    text: str


@dataclass(frozen=True)
class Conversation:
    """A whole conversation in the order of time; `customer` is a pseudonym that only means something in this log."""

    id: str
    category: str
    satisfaction: int | None
    resolved: bool
    transferred: bool
    customer: str | None
    messages: tuple[Message, ...]

    def line(self) -> str:
        """Return the conversation as one JSON line without its line break."""
        return json.dumps(
            {
                "id": self.id,
                "category": self.category,
                "satisfaction": self.satisfaction,
                "resolved": self.resolved,
                "transferred": self.transferred,
                "customer": self.customer,
                "messages": [{"at": m.at, "sender": m.sender, "text": m.text} for m in self.messages],
            },
            ensure_ascii=False,
        )

    @classmethod
    def from_line(cls, line: str) -> "Conversation":
        """Return the conversation that `line` holds.

        :raises ValueError: when it is not JSON; KeyError or TypeError when a value is missing or of another kind.
        """
        item: dict[str, Any] = json.loads(line)
        return cls(
            id=item["id"],
            category=item["category"],
            satisfaction=item["satisfaction"],
            resolved=item["resolved"],
            transferred=item["transferred"],
            customer=item["customer"],
            messages=tuple(Message(float(m["at"]), m["sender"], m["text"]) for m in item["messages"]),
        )


@dataclass(frozen=True)
class Utterance:
    """What a side said in one go: its messages joined, the time of the first, and the conversation's category."""

    sender: str
    text: str
    at: float
    category: str


def utterances(conversation: Conversation, *, senders: Iterable[str] = ("customer", "agent")) -> list[Utterance]:
    """Return what was said, with a side's messages at most `SPLIT_SECONDS` apart joined by a comma.

    The transcript itself keeps them apart; this is the view for mining and training.
    """
    wanted = frozenset(senders)
    found: list[Utterance] = []
    previous: Message | None = None
    for message in conversation.messages:
        joins = (
            previous is not None
            and previous.sender == message.sender
            and message.at - previous.at <= SPLIT_SECONDS
            and found
        )
        if joins:
            last = found[-1]
            found[-1] = Utterance(last.sender, joined(last.text, message.text), last.at, last.category)
        else:
            found.append(Utterance(message.sender, message.text, message.at, conversation.category))
        previous = message
    return [utterance for utterance in found if utterance.sender in wanted]


def joined(first: str, second: str) -> str:
    """Return two pieces of one utterance as a text, with a comma unless the first already ends in a mark."""
    first = first.rstrip()
    return first + second if first.endswith(tuple("，。！？；：,.!?;:~…、")) else f"{first}，{second}"
