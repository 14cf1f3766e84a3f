"""Who is it? The gateway's own session tokens, and the identity tokens that the shop's server signs.

Both are JWT with HS256 and nothing else ("alg" in the token's header is never believed), and both name their
audience, so that neither can stand for the other even if the secrets were mixed up.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from bot.gateway.errors import Forbidden, Unauthorised
from bot.gateway.typed_text import clean
from storage.participants import MAX_CUSTOMER_ID

ALGORITHM = "HS256"
SESSION_AUDIENCE = "yingda-session"
IDENTITY_AUDIENCE = "yingda"
#: Longest life of an identity token: it only carries a login over, it is no session.
IDENTITY_MAX_SECONDS = 3600.0
#: Difference between two servers' clocks that is forgiven.
LEEWAY_SECONDS = 10.0
_MAX_TOKEN = 4096
_MAX_NAME = 64
_CUSTOMER_ID = re.compile(rf"[A-Za-z0-9_.@-]{{1,{MAX_CUSTOMER_ID}}}")


@dataclass(frozen=True)
class Session:
    """Who a request comes from; `customer_id` and `name` only after a signed login."""

    participant_id: str
    customer_id: str | None
    name: str | None
    expires_at: float


@dataclass(frozen=True)
class CustomerIdentity:
    """What the shop's server vouches for."""

    customer_id: str
    name: str


class Identity:
    """Issues and checks tokens; `clock` gives UTC epoch seconds."""

    def __init__(
        self,
        *,
        secret_key: str,
        identity_secret: str,
        visitor_seconds: float,
        customer_seconds: float,
        clock: Callable[[], float],
    ) -> None:
        self._secret_key = secret_key
        self._identity_secret = identity_secret
        self._visitor_seconds = visitor_seconds
        self._customer_seconds = customer_seconds
        self._clock = clock

    def visitor_token(self, participant_id: str) -> tuple[str, float]:
        """Return a session token for an anonymous visitor and when it expires (epoch seconds)."""
        return self._session_token({"sub": participant_id}, self._visitor_seconds)

    def customer_token(self, participant_id: str, customer: CustomerIdentity) -> tuple[str, float]:
        """Return a session token for a customer whose identity has been checked, and when it expires."""
        claims = {"sub": participant_id, "customer_id": customer.customer_id, "name": customer.name}
        return self._session_token(claims, self._customer_seconds)

    def session(self, token: str) -> Session:
        """Return whom a session token belongs to.

        :raises Unauthorised: token_expired, or token_invalid when this gateway has not signed it.
        """
        claims = self._decode(
            token,
            self._secret_key,
            SESSION_AUDIENCE,
            Unauthorised(
                "token_expired", "The session has expired.", key="token", remedy="start one with POST /api/v1/sessions"
            ),
            Unauthorised(
                "token_invalid",
                "The session token is not valid.",
                key="token",
                expected="a token from POST /api/v1/sessions",
            ),
        )
        return Session(claims["sub"], claims.get("customer_id"), claims.get("name"), float(claims["exp"]))

    def customer(self, identity_token: str) -> CustomerIdentity:
        """Return the customer in an identity token of the shop's server.

        Refused with 403, not 401: the visitor's own session is still good and must not be thrown away.

        :raises Forbidden: identity_expired or identity_invalid.
        """
        invalid = Forbidden(
            "identity_invalid",
            "The identity token is not valid.",
            key="identity_token",
            expected=f"HS256, aud {IDENTITY_AUDIENCE!r}, sub = customer id, name, exp within one hour",
            remedy="sign it on the shop's server with the identity secret",
        )
        expired = Forbidden(
            "identity_expired",
            "The identity token has expired.",
            key="identity_token",
            remedy="ask the shop's server for a new one",
        )
        claims = self._decode(identity_token, self._identity_secret, IDENTITY_AUDIENCE, expired, invalid)
        if claims["exp"] - self._clock() > IDENTITY_MAX_SECONDS + LEEWAY_SECONDS:
            raise invalid
        name = claims.get("name")
        if not _CUSTOMER_ID.fullmatch(claims["sub"]) or not isinstance(name, str):
            raise invalid
        try:
            name = clean(name, limit=_MAX_NAME, key="name")
        except ValueError as error:
            raise invalid from error
        return CustomerIdentity(claims["sub"], name)

    def sign_customer(self, customer: CustomerIdentity, *, seconds: float) -> str:
        """Sign an identity token as the shop's server would; the demo shop and the tests use it."""
        return jwt.encode(
            {
                "aud": IDENTITY_AUDIENCE,
                "sub": customer.customer_id,
                "name": customer.name,
                "exp": int(self._clock() + seconds),
            },
            self._identity_secret,
            algorithm=ALGORITHM,
        )

    def _session_token(self, claims: Mapping[str, Any], seconds: float) -> tuple[str, float]:
        now = self._clock()
        expires_at = int(now + seconds)
        claims = {**claims, "aud": SESSION_AUDIENCE, "iat": int(now), "exp": expires_at}
        return jwt.encode(claims, self._secret_key, algorithm=ALGORITHM), float(expires_at)

    def _decode(self, token: str, secret: str, audience: str, expired: Exception, invalid: Exception) -> dict:
        if len(token) > _MAX_TOKEN:
            raise invalid
        try:
            claims = jwt.decode(
                token,
                secret,
                algorithms=[ALGORITHM],
                audience=audience,
                # Times are checked below with our own clock.
                options={"require": ["exp", "sub", "aud"], "verify_exp": False, "verify_iat": False},
            )
            expires_at = float(claims["exp"])
        except (jwt.InvalidTokenError, ValueError, TypeError) as error:
            raise invalid from error
        if not isinstance(claims["sub"], str) or not claims["sub"] or not expires_at < float("inf"):
            raise invalid
        if expires_at + LEEWAY_SECONDS < self._clock():
            raise expired
        return claims
