"""Messages: one goes into the inbox, the transcript comes out."""

from typing import Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from bot.gateway.acceptance import MessageIn, accept_message
from bot.gateway.context import InGateway, InSession
from bot.gateway.views import message_view
from storage import messages

router = APIRouter(prefix="/conversations/{conversation_id}/messages", tags=["messages"])


class AcceptedOut(BaseModel):
    """The receipt: the message is committed and will be answered. `duplicate`: it was sent before."""

    message_id: str
    seq: int
    duplicate: bool


class ButtonOut(BaseModel):
    title: str
    token: str


class MessageOut(BaseModel):
    """One bubble of the transcript."""

    id: str
    seq: int
    sender: str
    text: str
    buttons: list[ButtonOut]
    sources: list[dict[str, Any]]
    custom: dict[str, Any] | None
    reply_to: str | None
    rating: str | None
    ratable: bool
    at: str
    client_message_id: str | None = None


class MessagesOut(BaseModel):
    messages: list[MessageOut]
    last_seq: int


@router.post("", status_code=202, response_model=AcceptedOut)
async def send_message(
    conversation_id: str, body: MessageIn, request: Request, gateway: InGateway, session: InSession
) -> dict:
    """Accept a message; the reply comes over the stream or with the next read."""
    address = request.client and request.client.host
    return await accept_message(gateway, session, conversation_id, body, address=address)


@router.get("", response_model=MessagesOut, response_model_exclude_unset=True)
async def read_messages(
    conversation_id: str,
    gateway: InGateway,
    session: InSession,
    after: int = Query(0, ge=0, le=2**31 - 1),
    limit: int = Query(100, ge=1, le=200),
) -> dict:
    """Return the messages numbered above `after`, in order, and the newest number."""
    page, last_seq = await gateway.transactions.read(
        messages.page_for,
        conversation_id=conversation_id,
        participant_id=session.participant_id,
        after=after,
        limit=limit,
    )
    return {"messages": [message_view(message, gateway.buttons) for message in page], "last_seq": last_seq}
