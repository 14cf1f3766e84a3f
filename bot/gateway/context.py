"""What the routers share: one object per app, made in app.py and reached through FastAPI's dependencies."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request

from bot.gateway.buttons import Buttons
from bot.gateway.config import GatewayConfig
from bot.gateway.dispatch import Dispatcher, Profiles
from bot.gateway.errors import Unauthorised
from bot.gateway.hub import Hub
from bot.gateway.identity import Identity, Session
from bot.gateway.limits import Limit
from bot.gateway.metrics import Metrics
from bot.gateway.transactions import Transactions
from bot.gateway.workers import Workers


@dataclass(frozen=True)
class Gateway:
    """The parts of one running gateway."""

    config: GatewayConfig
    clock: Callable[[], float]
    transactions: Transactions
    identity: Identity
    buttons: Buttons
    hub: Hub
    workers: Workers
    dispatcher: Dispatcher
    metrics: Metrics
    profiles: Profiles
    mask: Callable[[str], str]
    demo_customers: Callable[[], Sequence[Mapping[str, Any]]]
    messages_limit: Limit
    address_limit: Limit
    sessions_limit: Limit


def _gateway(request: Request) -> Gateway:
    return request.app.state.gateway


def _session(request: Request) -> Session:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthorised(
            "token_missing",
            "This needs a session.",
            key="Authorization",
            expected="Bearer TOKEN",
            remedy="start one with POST /api/v1/sessions",
        )
    return _gateway(request).identity.session(token.strip())


InGateway = Annotated[Gateway, Depends(_gateway)]
InSession = Annotated[Session, Depends(_session)]
