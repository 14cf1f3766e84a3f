"""Ratings: a thumb for one answer, one to five for the conversation."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, StrictInt, StrictStr, conint

from bot.gateway.bodies import StrictBody
from bot.gateway.context import InGateway, InSession
from bot.gateway.typed_text import clean
from storage import feedback

router = APIRouter(prefix="/conversations/{conversation_id}", tags=["ratings"])


class ThumbIn(StrictBody):
    value: Literal["up", "down"]


class ThumbOut(BaseModel):
    message_id: str
    rating: str


class ScoreIn(StrictBody):
    score: conint(strict=True, ge=1, le=5)
    comment: StrictStr | None = None


class ScoreOut(BaseModel):
    conversation_id: str
    score: StrictInt


@router.post("/messages/{message_id}/rating", response_model=ThumbOut)
async def rate_message(
    conversation_id: str, message_id: str, body: ThumbIn, gateway: InGateway, session: InSession
) -> dict:
    """Rate an answer; rating again turns the thumb."""
    message = await gateway.transactions.write(
        feedback.rate_message,
        conversation_id=conversation_id,
        participant_id=session.participant_id,
        message_id=message_id,
        value=body.value,
        mask=gateway.mask,
        now=gateway.clock(),
    )
    return {"message_id": message.id, "rating": message.rating}


@router.post("/rating", response_model=ScoreOut)
async def rate_conversation(conversation_id: str, body: ScoreIn, gateway: InGateway, session: InSession) -> dict:
    """Rate the conversation; rating again replaces score and comment."""
    comment = (body.comment or "").strip()
    await gateway.transactions.write(
        feedback.rate_conversation,
        conversation_id=conversation_id,
        participant_id=session.participant_id,
        score=body.score,
        comment=clean(comment, limit=gateway.config.max_text_characters, key="comment") if comment else None,
    )
    return {"conversation_id": conversation_id, "score": body.score}
