"""The one transaction that publishes a turn: everything the customer and the desk see of it, or nothing.

Locked conversation → owner checked → replies numbered and stored → insight, profile, hand-off, teach queue → inbox
state. A message that is no longer pending is left alone, so publishing twice (a crashed or a second dispatcher)
changes nothing and returns what the first one stored.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage import conversations, handoffs, inbox, messages, profiles, teaching
from storage.errors import UnknownMessage
from storage.handoffs import Handoff
from storage.messages import Message
from storage.tables import inbox as inbox_rows
from storage.tables import insights

#: Where a reply's text is to name the ticket, which is not known before this transaction.
TICKET_PLACE = "{ticket}"


@dataclass(frozen=True)
class Published:
    """What became of a turn. `duplicate`: it had been published before, nothing was changed now."""

    state: str
    replies: tuple[Message, ...]
    handoff: Handoff | None
    duplicate: bool


def publish_turn(
    conn: Connection,
    *,
    message_id: str,
    result: Mapping[str, Any],
    update_profile: Callable[[dict | None], dict],
    mask: Callable[[str], str],
    now: float,
) -> Published:
    """Publish the worker's result (a TurnResult as plain JSON) for one accepted message.

    When a human owns the conversation by now, replies and hand-off are withheld; insight and profile are kept, for
    they describe what the customer wrote. `update_profile` gets the stored profile (or None) and returns the new one.

    :raises storage.errors.UnknownMessage: when the inbox does not know the message.
    """
    return _publish(
        conn,
        message_id,
        replies=result["replies"],
        handoff=result["handoff"],
        settled=inbox.DONE,
        beside=lambda conversation: _store_reading(conn, conversation, message_id, result, update_profile, mask, now),
        now=now,
    )


def publish_failure(
    conn: Connection, *, message_id: str, apology: Mapping[str, Any], handoff: Mapping[str, str], now: float
) -> Published:
    """Publish an apology and a hand-off for a message whose turn failed for good; the inbox says failed.

    :raises storage.errors.UnknownMessage: when the inbox does not know the message.
    """
    return _publish(
        conn,
        message_id,
        replies=[apology],
        handoff=handoff,
        settled=inbox.FAILED,
        beside=lambda conversation: None,
        now=now,
    )


def publish_withheld(conn: Connection, *, message_id: str, now: float) -> Published:
    """Settle a message without a turn because a human owns the conversation by now.

    When the bot owns it (again), nothing is changed and the state stays pending: the turn is owed.

    :raises storage.errors.UnknownMessage: when the inbox does not know the message.
    """
    conversation, state = _locked(conn, message_id)
    if state == inbox.PENDING and conversation.owner == conversations.HUMAN:
        inbox.settle(conn, message_id=message_id, state=inbox.WITHHELD, now=now)
        return Published(inbox.WITHHELD, (), None, duplicate=False)
    return Published(state, (), None, duplicate=True)


def _publish(
    conn: Connection,
    message_id: str,
    *,
    replies: Sequence[Mapping[str, Any]],
    handoff: Mapping[str, str] | None,
    settled: str,
    beside: Callable[[conversations.Conversation], None],
    now: float,
) -> Published:
    conversation, state = _locked(conn, message_id)
    if state != inbox.PENDING:
        stored = tuple(messages.replies_to(conn, message_id=message_id))
        ticket = handoffs.open_ticket(conn, conversation_id=conversation.id)
        return Published(state, stored, ticket, duplicate=True)

    ticket = None
    stored = []
    if conversation.owner == conversations.HUMAN:
        settled = inbox.WITHHELD
    else:
        if handoff is not None:
            ticket = handoffs.request(
                conn, conversation_id=conversation.id, message_id=message_id, now=now, **_handoff_fields(handoff)
            )
        elif any(TICKET_PLACE in reply["text"] for reply in replies):
            ticket = handoffs.open_ticket(conn, conversation_id=conversation.id)
        for number, reply in enumerate(replies, start=1):
            text, data = _with_ticket(reply, ticket)
            stored.append(
                messages.append(
                    conn,
                    conversation=conversation,
                    # Derived, so that even a bug above cannot store the same reply twice.
                    message_id=f"{message_id}_{number}",
                    sender="bot",
                    text=text,
                    data=data,
                    reply_to=message_id,
                    now=now,
                )
            )
    beside(conversation)
    inbox.settle(conn, message_id=message_id, state=settled, now=now)
    return Published(settled, tuple(stored), ticket, duplicate=False)


def _locked(conn: Connection, message_id: str) -> tuple[conversations.Conversation, str]:
    conversation_id = conn.execute(
        sa.select(inbox_rows.c.conversation_id).where(inbox_rows.c.message_id == message_id)
    ).scalar_one_or_none()
    if conversation_id is None:
        raise UnknownMessage(message_id)
    conversation = conversations.lock(conn, conversation_id=conversation_id)
    # Read only after the lock: a second publisher waits there and then finds the first one's state.
    state = inbox.state_of(conn, message_id=message_id)
    return conversation, state


def _store_reading(
    conn: Connection,
    conversation: conversations.Conversation,
    message_id: str,
    result: Mapping[str, Any],
    update_profile: Callable[[dict | None], dict],
    mask: Callable[[str], str],
    now: float,
) -> None:
    insight = result["insight"] or {}
    intent = result["intent"]
    conn.execute(
        insights.insert().values(
            message_id=message_id,
            conversation_id=conversation.id,
            intent=intent["name"],
            intent_confidence=intent["confidence"],
            sentiment=(insight.get("sentiment") or {}).get("label"),
            frustration=insight.get("frustration"),
            data={
                "insight": result["insight"],
                "entities": result["entities"],
                "model": result["model"],
                "elapsed_ms": result["elapsed_ms"],
            },
            at=now,
        )
    )
    profiles.change(conn, participant_id=conversation.participant_id, change=update_profile, now=now)
    if result["unknown"] is not None:
        asked = messages.find(conn, conversation_id=conversation.id, message_id=message_id)
        teaching.queue(
            conn,
            message_id=message_id,
            conversation_id=conversation.id,
            masked_text=mask(asked.text),
            cause=teaching.UNKNOWN,
            nearest=result["unknown"]["nearest"],
            now=now,
        )


def _handoff_fields(handoff: Mapping[str, str]) -> dict[str, str]:
    return {name: handoff[name] for name in ("reason", "because", "queue", "priority")}


def _with_ticket(reply: Mapping[str, Any], ticket: Handoff | None) -> tuple[str, dict]:
    text = reply["text"]
    data = {name: reply[name] for name in ("buttons", "sources", "custom", "answer_kind")}
    text = text.replace(TICKET_PLACE, "" if ticket is None else ticket.ticket)
    if ticket is not None:
        if (data["custom"] or {}).get("type") == "handoff":
            data["custom"] = {**data["custom"], "ticket": ticket.ticket}
    return text, data
