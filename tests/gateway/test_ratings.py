import pytest

from storage import conversations, teaching
from tests.gateway.running import Visitor, error_of
from tests.gateway.worker_stand_in import reply


def queue_of(gateway):
    with gateway.database() as conn:
        return teaching.open_questions(conn)


def rate(visitor, message_id: str, value):
    return visitor.post(f"{visitor.path}/messages/{message_id}/rating", {"value": value})


def test_a_thumb_down_teaches(visitor):
    (answer,) = visitor.ask("我的电话13800138000，怎么开发票")
    given = rate(visitor, answer["id"], "down")
    assert given.status_code == 200 and given.json() == {"message_id": answer["id"], "rating": "down"}
    assert visitor.messages()[1]["rating"] == "down"
    (question,) = queue_of(visitor.gateway)
    assert (question.cause, question.text) == ("thumbs_down", "我的电话〔手机号〕，怎么开发票")
    assert rate(visitor, answer["id"], "up").json()["rating"] == "up"
    assert queue_of(visitor.gateway) == []


@pytest.mark.parametrize("value", ["sideways", "", None, 1, True, ["up"]])
def test_wrong_thumbs(visitor, value):
    (answer,) = visitor.ask("你好")
    error_of(rate(visitor, answer["id"], value), 422, "invalid_request")


def test_only_answers_from_knowledge_are_rated(visitor, worker):
    worker.results["订单"] = {"replies": [reply("您的订单已发货。", answer_kind="action")]}
    (answer,) = visitor.ask("订单")
    assert answer["ratable"] is False
    error_of(rate(visitor, answer["id"], "up"), 422, "not_ratable")
    error_of(rate(visitor, visitor.messages()[0]["id"], "up"), 422, "not_ratable")


def test_unknown_and_strangers_messages(gateway, visitor):
    (answer,) = visitor.ask("你好")
    stranger = Visitor(gateway)
    error_of(rate(visitor, "m_nothing", "up"), 404, "unknown_message")
    error_of(rate(stranger, answer["id"], "up"), 404, "unknown_message")
    answer = stranger.post(f"{visitor.path}/messages/{answer['id']}/rating", {"value": "up"})
    error_of(answer, 404, "unknown_conversation")


def test_the_conversations_score(visitor):
    answer = visitor.post(f"{visitor.path}/rating", {"score": 4, "comment": " 不错 "})
    assert answer.json() == {"conversation_id": visitor.conversation_id, "score": 4}
    visitor.post(f"{visitor.path}/rating", {"score": 5})
    with visitor.gateway.database() as conn:
        assert conversations.find(conn, conversation_id=visitor.conversation_id).score == 5


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"score": 0}, "invalid_request"),
        ({"score": 6}, "invalid_request"),
        ({"score": "5"}, "invalid_request"),
        ({"score": 4.5}, "invalid_request"),
        ({"score": True}, "invalid_request"),
        ({}, "invalid_request"),
        ({"score": 5, "comment": 5}, "invalid_request"),
        ({"score": 5, "comment": "a" * 501}, "text_too_long"),
    ],
)
def test_wrong_scores(visitor, body, code):
    error_of(visitor.post(f"{visitor.path}/rating", body), 422, code)


def test_a_strangers_conversation(gateway, visitor):
    error_of(Visitor(gateway).post(f"{visitor.path}/rating", {"score": 1}), 404, "unknown_conversation")
