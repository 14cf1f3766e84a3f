import pytest

from storage import teaching
from storage.errors import UnknownQuestion


def queue(talk, message_id: str, at: float) -> bool:
    return talk.write(
        teaching.queue,
        message_id=message_id,
        conversation_id=talk.id,
        masked_text=message_id,
        cause="unknown",
        nearest=("a", "b"),
        now=at,
    )


def test_newest_first_and_paged(talk):
    assert [queue(talk, f"m_{number}", float(number)) for number in range(3)] == [True] * 3
    assert queue(talk, "m_0", 9.0) is False
    assert [one.message_id for one in talk.write(teaching.open_questions)] == ["m_2", "m_1", "m_0"]
    assert [one.message_id for one in talk.write(teaching.open_questions, limit=1, offset=1)] == ["m_1"]


@pytest.mark.parametrize("state", ["taught", "dismissed"])
def test_resolving(talk, state):
    queue(talk, "m_0", 1.0)
    talk.write(teaching.resolve, message_id="m_0", state=state)
    assert talk.write(teaching.open_questions) == []
    with pytest.raises(UnknownQuestion):
        talk.write(teaching.resolve, message_id="m_0", state=state)


def test_unknown_question_and_state(talk):
    with pytest.raises(UnknownQuestion):
        talk.write(teaching.resolve, message_id="m_no", state="taught")
    with pytest.raises(ValueError, match="open"):
        talk.write(teaching.resolve, message_id="m_no", state="open")
