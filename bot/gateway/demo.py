"""The demo shop's own server, as far as the widget needs one: it knows its customers and signs their identity.

Only in demo mode. A real shop does this on its own server, with the identity secret, after its own login.
"""

from typing import Any

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, StrictStr

from bot.gateway.bodies import StrictBody
from bot.gateway.context import InGateway
from bot.gateway.errors import NotFound
from bot.gateway.identity import CustomerIdentity

router = APIRouter(prefix="/demo", tags=["demo"])

#: A demo visitor may read the page for a while before the widget uses the token.
_TOKEN_SECONDS = 15 * 60.0


class LoginIn(StrictBody):
    customer_id: StrictStr


class LoginOut(BaseModel):
    identity_token: str
    customer: dict[str, Any]


class CustomersOut(BaseModel):
    customers: list[dict[str, Any]]


@router.get("/customers", response_model=CustomersOut)
async def list_customers(gateway: InGateway) -> dict:
    """Return the demo customers that one may log in as."""
    return {"customers": [dict(one) for one in await run_in_threadpool(gateway.demo_customers)]}


@router.post("/login", response_model=LoginOut)
async def log_in(body: LoginIn, gateway: InGateway) -> dict:
    """Sign the identity of one of the demo customers."""
    for customer in await run_in_threadpool(gateway.demo_customers):
        if customer["id"] == body.customer_id:
            identity = CustomerIdentity(customer["id"], customer["name"])
            token = gateway.identity.sign_customer(identity, seconds=_TOKEN_SECONDS)
            return {"identity_token": token, "customer": dict(customer)}
    raise NotFound(
        "unknown_customer",
        "The demo shop has no such customer.",
        key="customer_id",
        value=body.customer_id,
        expected="one of GET /demo/customers",
    )
