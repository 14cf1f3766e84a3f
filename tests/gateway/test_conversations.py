import pytest

from tests.gateway.running import error_of


def test_one_current_conversation(visitor):
    answer = visitor.post("/conversations")
    assert answer.status_code == 200
    assert answer.json() == {"conversation_id": visitor.conversation_id, "created": False}


def test_the_first_is_created(gateway):
    token = gateway.client.post("/api/v1/sessions").json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    answer = gateway.client.post("/api/v1/conversations", json={"channel": "rest"}, headers=headers)
    assert answer.status_code == 201 and answer.json()["created"] is True


@pytest.mark.parametrize("body", [{"channel": "fax"}, {"channel": 1}, {"participant_id": "v_2"}, [1]])
def test_wrong_types(visitor, body):
    error_of(visitor.post("/conversations", body), 422, "invalid_request")
