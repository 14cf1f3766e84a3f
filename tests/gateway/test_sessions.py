import pytest

from storage import profiles
from tests.gateway.running import CUSTOMERS, Visitor, error_of


def sign_in(visitor, customer_id: str = "1001"):
    login = visitor.gateway.client.post("/demo/login", json={"customer_id": customer_id}).json()
    return visitor.post("/sessions/identify", {"identity_token": login["identity_token"]})


def test_a_new_session(gateway):
    answer = gateway.client.post("/api/v1/sessions")
    assert answer.status_code == 201
    session = answer.json()
    assert set(session) == {"token", "participant_id", "expires_at"}
    assert session["participant_id"].startswith("v_") and session["expires_at"].endswith("Z")


def test_me(visitor):
    assert visitor.get("/sessions/me").json() == {
        "participant_id": visitor.participant_id,
        "customer": None,
        "expires_at": visitor.get("/sessions/me").json()["expires_at"],
        "conversation_id": visitor.conversation_id,
    }


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "token_missing"),
        ("", "token_missing"),
        ("Basic abc", "token_missing"),
        ("Bearer", "token_missing"),
        ("Bearer forged", "token_invalid"),
        ("Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ2XzEifQ.", "token_invalid"),
    ],
)
def test_no_good_token(visitor, header, code):
    headers = {} if header is None else {"Authorization": header}
    for method, path in [
        ("GET", "/sessions/me"),
        ("POST", "/conversations"),
        ("GET", f"{visitor.path}/messages"),
        ("POST", f"{visitor.path}/rating"),
    ]:
        body = {"score": 5} if path.endswith("rating") else None
        answer = visitor.gateway.client.request(method, f"/api/v1{path}", headers=headers, json=body)
        error_of(answer, 401, code)
        assert answer.headers["www-authenticate"] == "Bearer"


def test_an_expired_session(visitor, clock):
    clock.ahead += 31 * 86_400
    error_of(visitor.get("/sessions/me"), 401, "token_expired")


def test_a_token_that_outlived_its_database(gateway):
    token, _ = gateway.parts.identity.visitor_token("v_gone")
    answer = gateway.client.post("/api/v1/conversations", headers={"Authorization": f"Bearer {token}"})
    error_of(answer, 401, "token_invalid")


def test_signing_in_brings_the_conversation_along(visitor, worker):
    visitor.ask("你好")
    anonymous = Visitor.__new__(Visitor)
    anonymous.__dict__.update(visitor.__dict__)
    identified = sign_in(visitor).json()
    assert identified["customer"] == CUSTOMERS[0]
    assert identified["participant_id"] == "c_1001"
    assert identified["conversation_id"] == visitor.conversation_id
    visitor.token = identified["token"]
    assert visitor.ask("我的订单")[0]["text"] == "回声：我的订单"
    assert [request["customer_id"] for request in worker.requests] == [None, "1001"]
    assert visitor.get("/sessions/me").json()["customer"] == CUSTOMERS[0]
    # The visitor's own token no longer opens what has become a customer's conversation.
    error_of(anonymous.get(f"{visitor.path}/messages"), 404, "unknown_conversation")
    with visitor.gateway.database() as conn:
        assert profiles.find(conn, participant_id="c_1001")["messages"] == 2
        assert profiles.find(conn, participant_id=visitor.participant_id) is None


def test_signing_in_twice_is_the_same(visitor):
    first, second = sign_in(visitor).json(), sign_in(visitor).json()
    assert first["participant_id"] == second["participant_id"]
    assert first["conversation_id"] == second["conversation_id"]


def test_a_customer_on_another_device_goes_on(gateway):
    one, two = Visitor(gateway), Visitor(gateway)
    conversation_id = sign_in(one).json()["conversation_id"]
    two.token = sign_in(two).json()["token"]
    assert two.get(f"/conversations/{conversation_id}/messages").status_code == 200


def test_the_next_customer_at_the_same_computer_sees_nothing(visitor):
    visitor.token = sign_in(visitor, "1001").json()["token"]
    second = sign_in(visitor, "1002").json()
    assert second["participant_id"] == "c_1002" and second["conversation_id"] is None
    visitor.token = second["token"]
    error_of(visitor.get(f"{visitor.path}/messages"), 404, "unknown_conversation")


def test_a_refused_identity_leaves_the_session_as_it_was(visitor, clock):
    login = visitor.gateway.client.post("/demo/login", json={"customer_id": "1001"}).json()
    forged = login["identity_token"][:-3] + "abc"
    error_of(visitor.post("/sessions/identify", {"identity_token": forged}), 403, "identity_invalid")
    error_of(visitor.post("/sessions/identify", {"identity_token": visitor.token}), 403, "identity_invalid")
    clock.ahead += 3600
    answer = visitor.post("/sessions/identify", {"identity_token": login["identity_token"]})
    error_of(answer, 403, "identity_expired")
    assert visitor.get("/sessions/me").json()["customer"] is None


@pytest.mark.parametrize(
    "body", [{}, {"identity_token": None}, {"identity_token": 5}, {"identity_token": "x", "sub": "1"}]
)
def test_wrong_types(visitor, body):
    error_of(visitor.post("/sessions/identify", body), 422, "invalid_request")


def test_too_many_sessions(start_gateway):
    client = start_gateway(sessions_per_minute_per_address=2).client
    for _ in range(2):
        assert client.post("/api/v1/sessions").status_code == 201
    refused = client.post("/api/v1/sessions")
    error_of(refused, 429, "rate_limited")
    assert int(refused.headers["Retry-After"]) >= 1
