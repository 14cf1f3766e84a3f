"""Sessions: an anonymous visitor gets a token; a signed identity makes the visitor a customer."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, StrictStr

from bot.gateway.bodies import StrictBody
from bot.gateway.context import Gateway, InGateway, InSession
from bot.gateway.identity import Session
from bot.gateway.limits import address_key
from bot.gateway.views import iso
from storage import conversations, participants

router = APIRouter(prefix="/sessions", tags=["sessions"])


class IdentifyIn(StrictBody):
    """The shop's word for who this is."""

    identity_token: StrictStr


class CustomerOut(BaseModel):
    id: str
    name: str


class SessionOut(BaseModel):
    """A new visitor's session."""

    token: str
    participant_id: str
    expires_at: str


class IdentifiedOut(SessionOut):
    """A customer's session, and the conversation to go on with (None: open one)."""

    customer: CustomerOut
    conversation_id: str | None


class CurrentSessionOut(BaseModel):
    """Whom the token belongs to."""

    participant_id: str
    customer: CustomerOut | None
    expires_at: str
    conversation_id: str | None


@router.post("", status_code=201, response_model=SessionOut)
async def create_session(request: Request, gateway: InGateway) -> dict:
    """Start an anonymous session."""
    gateway.sessions_limit.take(address_key(request.client and request.client.host))
    participant_id = await gateway.transactions.write(participants.create_visitor, now=gateway.clock())
    token, expires_at = gateway.identity.visitor_token(participant_id)
    return {"token": token, "participant_id": participant_id, "expires_at": iso(expires_at)}


@router.post("/identify", response_model=IdentifiedOut)
async def identify(request: Request, body: IdentifyIn, gateway: InGateway, session: InSession) -> dict:
    """Turn the session into a signed-in customer's; a visitor's conversation and profile come along."""
    gateway.sessions_limit.take(address_key(request.client and request.client.host))
    customer = gateway.identity.customer(body.identity_token)
    identified = await gateway.transactions.write(
        participants.identify,
        participant_id=session.participant_id,
        customer_id=customer.customer_id,
        merge=gateway.profiles.merge_profiles,
        now=gateway.clock(),
    )
    for conversation_id in identified.moved:
        # The visitor's token reads it no longer; the widget comes back with the customer's.
        gateway.hub.release(conversation_id, keep=identified.participant_id)
    token, expires_at = gateway.identity.customer_token(identified.participant_id, customer)
    return {
        "token": token,
        "participant_id": identified.participant_id,
        "expires_at": iso(expires_at),
        "customer": {"id": customer.customer_id, "name": customer.name},
        "conversation_id": await _latest_conversation(gateway, identified.participant_id),
    }


@router.get("/me", response_model=CurrentSessionOut)
async def current_session(gateway: InGateway, session: InSession) -> dict:
    """Tell whom the token belongs to."""
    return {
        "participant_id": session.participant_id,
        "customer": _customer(session),
        "expires_at": iso(session.expires_at),
        "conversation_id": await _latest_conversation(gateway, session.participant_id),
    }


def _customer(session: Session) -> dict | None:
    return None if session.customer_id is None else {"id": session.customer_id, "name": session.name}


async def _latest_conversation(gateway: Gateway, participant_id: str) -> str | None:
    conversation = await gateway.transactions.read(conversations.latest, participant_id=participant_id)
    return None if conversation is None else conversation.id
