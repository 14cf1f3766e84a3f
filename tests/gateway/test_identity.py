"""Tokens, checked where they are used: forged in every way that JWT is known for."""

import base64
import json

import jwt
import pytest

from bot.gateway.errors import Forbidden, Unauthorised
from bot.gateway.identity import CustomerIdentity, Identity
from tests.gateway.running import IDENTITY_SECRET, SECRET

NOW = 1_800_000_000.0


@pytest.fixture
def now():
    return [NOW]


@pytest.fixture
def identity(now):
    return Identity(
        secret_key=SECRET,
        identity_secret=IDENTITY_SECRET,
        visitor_seconds=3600,
        customer_seconds=600,
        clock=lambda: now[0],
    )


def session_claims(**changes) -> dict:
    return {"sub": "v_1", "aud": "yingda-session", "exp": int(NOW) + 60, **changes}


def identity_claims(**changes) -> dict:
    return {"sub": "1001", "name": "林晓", "aud": "yingda", "exp": int(NOW) + 60, **changes}


def unsigned(claims: dict, alg: str = "none") -> str:
    parts = [json.dumps(part).encode() for part in ({"alg": alg, "typ": "JWT"}, claims)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."


def without(claims: dict, name: str) -> dict:
    return {key: value for key, value in claims.items() if key != name}


def test_own_tokens(identity):
    token, expires_at = identity.visitor_token("v_1")
    session = identity.session(token)
    assert (session.participant_id, session.customer_id, session.expires_at) == ("v_1", None, expires_at)
    token, _ = identity.customer_token("c_1001", CustomerIdentity("1001", "林晓"))
    session = identity.session(token)
    assert (session.participant_id, session.customer_id, session.name) == ("c_1001", "1001", "林晓")


FORGED_SESSIONS = {
    "no token": "x",
    "empty": "",
    "not ascii": "好.好.好",
    "very long": "a" * 10_000,
    "alg none": unsigned(session_claims()),
    "alg None": unsigned(session_claims(), "None"),
    "other key": jwt.encode(session_claims(), "z" * 40, algorithm="HS256"),
    "identity key": jwt.encode(session_claims(), IDENTITY_SECRET, algorithm="HS256"),
    "other hash": jwt.encode(session_claims(), SECRET + "0" * 64, algorithm="HS512"),
    "other hash, our key": jwt.encode(session_claims(), SECRET * 2, algorithm="HS384"),
    "identity audience": jwt.encode(session_claims(aud="yingda"), SECRET, algorithm="HS256"),
    "no audience": jwt.encode(without(session_claims(), "aud"), SECRET, algorithm="HS256"),
    "no expiry": jwt.encode(without(session_claims(), "exp"), SECRET, algorithm="HS256"),
    "no subject": jwt.encode(without(session_claims(), "sub"), SECRET, algorithm="HS256"),
    "expiry is a word": jwt.encode(session_claims(exp="never"), SECRET, algorithm="HS256"),
    "infinite expiry": jwt.encode(session_claims(exp=float("inf")), SECRET, algorithm="HS256"),
}


@pytest.mark.parametrize("token", FORGED_SESSIONS.values(), ids=FORGED_SESSIONS)
def test_forged_session(identity, token):
    with pytest.raises(Unauthorised) as raised:
        identity.session(token)
    assert raised.value.code == "token_invalid"


def test_expired_session(identity, now):
    token, expires_at = identity.visitor_token("v_1")
    now[0] = expires_at + 9
    identity.session(token)
    now[0] = expires_at + 11
    with pytest.raises(Unauthorised) as raised:
        identity.session(token)
    assert raised.value.code == "token_expired"


def test_signed_identity(identity):
    customer = CustomerIdentity("1001", "林晓")
    assert identity.customer(identity.sign_customer(customer, seconds=60)) == customer


def sign(claims: dict) -> str:
    return jwt.encode(claims, IDENTITY_SECRET, algorithm="HS256")


FORGED_IDENTITIES = {
    "alg none": unsigned(identity_claims()),
    "gateway's key": jwt.encode(identity_claims(), SECRET, algorithm="HS256"),
    "other hash": jwt.encode(identity_claims(), IDENTITY_SECRET * 2, algorithm="HS512"),
    "session audience": sign(identity_claims(aud="yingda-session")),
    "no audience": sign(without(identity_claims(), "aud")),
    "no expiry": sign(without(identity_claims(), "exp")),
    "a day long": sign(identity_claims(exp=int(NOW) + 86_400)),
    "no customer": sign(identity_claims(sub="")),
    "odd customer": sign(identity_claims(sub="1001' OR 1=1")),
    "long customer": sign(identity_claims(sub="1" * 63)),
    "no name": sign(without(identity_claims(), "name")),
    "name is a list": sign(identity_claims(name=["林晓"])),
    "invisible name": sign(identity_claims(name="\u200b")),
}


@pytest.mark.parametrize("token", FORGED_IDENTITIES.values(), ids=FORGED_IDENTITIES)
def test_forged_identity(identity, token):
    with pytest.raises(Forbidden) as raised:
        identity.customer(token)
    assert raised.value.code == "identity_invalid"


def test_expired_identity(identity):
    with pytest.raises(Forbidden) as raised:
        identity.customer(sign(identity_claims(exp=int(NOW) - 11)))
    assert raised.value.code == "identity_expired"
