"""Conversations: a participant has one current conversation and goes on with it."""

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from bot.gateway.bodies import StrictBody
from bot.gateway.context import InGateway, InSession
from storage import conversations

router = APIRouter(prefix="/conversations", tags=["conversations"])


class ConversationIn(StrictBody):
    """How the customer reaches us."""

    channel: Literal["widget", "rest"] = "widget"


class ConversationOut(BaseModel):
    conversation_id: str
    created: bool


@router.post("", status_code=201, response_model=ConversationOut, responses={200: {"model": ConversationOut}})
async def open_conversation(
    response: Response, gateway: InGateway, session: InSession, body: ConversationIn | None = None
) -> dict:
    """Return the participant's current conversation (200), or open one (201)."""
    conversation, created = await gateway.transactions.write(
        conversations.open_for,
        participant_id=session.participant_id,
        channel=(body or ConversationIn()).channel,
        now=gateway.clock(),
    )
    response.status_code = 201 if created else 200
    return {"conversation_id": conversation.id, "created": created}
