import pytest

from storage import conversations, feedback, teaching
from storage.errors import NotRatable, UnknownConversation, UnknownMessage
from tests.storage.conversation import reply


@pytest.fixture
def answer(talk):
    message_id = talk.accept("13800138000 怎么退").message_id
    source = {"entry_id": "returns", "revision": 1, "title": "退货", "kind": "template"}
    return talk.publish(message_id, replies=[reply("这样退", sources=[source])]).replies[0]


def rate(talk, answer_id: str, value: str, **changes):
    arguments = {"conversation_id": talk.id, "participant_id": talk.visitor, "message_id": answer_id, "value": value}
    mask = lambda text: text.replace("13800138000", "〔手机号〕")  # noqa: E731
    return talk.write(feedback.rate_message, **{**arguments, "mask": mask, "now": 30.0, **changes})


def open_texts(talk) -> list[str]:
    return [question.text for question in talk.write(teaching.open_questions)]


def test_down_up_down(talk, answer):
    assert rate(talk, answer.id, "down").rating == "down"
    assert rate(talk, answer.id, "down").rating == "down"
    (question,) = talk.write(teaching.open_questions)
    assert (question.text, question.nearest, question.cause) == ("〔手机号〕 怎么退", ("returns",), "thumbs_down")
    assert rate(talk, answer.id, "up").rating == "up" and open_texts(talk) == []
    rate(talk, answer.id, "down")
    assert open_texts(talk) == ["〔手机号〕 怎么退"]


def test_a_question_that_was_unknown_stays_queued_as_such(talk):
    message_id = talk.accept("x").message_id
    answer = talk.publish(message_id, unknown={"nearest": ["a"]}).replies[0]
    rate(talk, answer.id, "down")
    rate(talk, answer.id, "up")
    (question,) = talk.write(teaching.open_questions)
    assert question.cause == "unknown"


def test_what_cannot_be_rated(talk, answer):
    action = talk.publish(talk.accept("单", "c-2").message_id, replies=[reply("单", answer_kind="action")]).replies[0]
    for message_id, error in [(answer.reply_to, NotRatable), (action.id, NotRatable), ("m_no", UnknownMessage)]:
        with pytest.raises(error):
            rate(talk, message_id, "up")
    with pytest.raises(ValueError, match="sideways"):
        rate(talk, answer.id, "sideways")
    with pytest.raises(UnknownConversation):
        rate(talk, answer.id, "up", participant_id="v_other")


def test_scores(talk):
    arguments = {"conversation_id": talk.id, "participant_id": talk.visitor, "comment": None}
    for score in (1, 5):
        talk.write(feedback.rate_conversation, score=score, **arguments)
        assert talk.write(conversations.find, conversation_id=talk.id).score == score
    for score in (0, 6):
        with pytest.raises(ValueError, match=str(score)):
            talk.write(feedback.rate_conversation, score=score, **arguments)
    with pytest.raises(UnknownConversation):
        talk.write(feedback.rate_conversation, score=3, **{**arguments, "participant_id": "v_other"})
