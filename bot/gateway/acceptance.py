"""One customer message on its way in, the same over REST and WebSocket: limits, text or button, inbox, receipt."""

import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import StrictStr, root_validator, validator

from bot.gateway.bodies import StrictBody
from bot.gateway.context import Gateway
from bot.gateway.identity import Session
from bot.gateway.limits import address_key
from bot.gateway.typed_text import clean
from storage import inbox
from storage.inbox import Accepted

_CLIENT_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


class MessageIn(StrictBody):
    """What a customer sends: typed text, or the token of a pressed button."""

    client_message_id: StrictStr
    text: StrictStr | None = None
    button_token: StrictStr | None = None
    language: Literal["zh", "en"] = "zh"

    @validator("client_message_id")
    def _is_client_id(cls, value: str) -> str:
        if not _CLIENT_ID.fullmatch(value):
            raise ValueError("1 to 64 of A–Z a–z 0–9 _ . : -")
        return value

    @root_validator(skip_on_failure=True)
    def _is_one_of_two(cls, values: dict) -> dict:
        if (values["text"] is None) == (values["button_token"] is None):
            raise ValueError("either text or button_token")
        return values


async def accept_message(
    gateway: Gateway, session: Session, conversation_id: str, body: MessageIn, *, address: str | None
) -> dict[str, Any]:
    """Commit a message to the inbox, have it dispatched, and return the receipt {message_id, seq, duplicate}.

    :raises bot.gateway.errors.GatewayError: limits, text and button faults.
    :raises storage.errors.UnknownConversation: when the conversation is not this participant's.
    """
    gateway.messages_limit.take(session.participant_id)
    gateway.address_limit.take(address_key(address))
    text, payload = body.text, None
    if body.button_token is not None:
        button = gateway.buttons.open(body.button_token, conversation_id=conversation_id)
        text, payload = button.words, button.intent_payload
    facts = {
        "conversation_id": conversation_id,
        "participant_id": session.participant_id,
        "client_message_id": body.client_message_id,
        "text": clean(text, limit=gateway.config.max_text_characters),
        "payload": payload,
        "customer_id": session.customer_id,
        "language": body.language,
        "from_button": body.button_token is not None,
        "now": gateway.clock(),
    }
    # The sender may be gone before the commit is done; the message is owed its turn all the same.
    accepted = await gateway.transactions.unbroken(_commit(gateway, conversation_id, facts))
    return {"message_id": accepted.message_id, "seq": accepted.seq, "duplicate": accepted.duplicate}


async def _commit(gateway: Gateway, conversation_id: str, facts: Mapping[str, Any]) -> Accepted:
    accepted = await gateway.transactions.write(inbox.accept, **facts)
    if accepted.duplicate:
        gateway.metrics.duplicates.inc()
    else:
        gateway.metrics.accepted.inc()
        gateway.hub.push(conversation_id)
    if accepted.state == inbox.PENDING:
        gateway.dispatcher.notice(conversation_id)
    return accepted
