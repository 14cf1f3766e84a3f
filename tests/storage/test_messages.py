import pytest

from storage import messages
from storage.errors import UnknownConversation, UnknownMessage


def test_reading_on_from_a_number(talk):
    for number in range(3):
        talk.accept(f"第{number}句", f"c-{number}")
    page = talk.write(messages.read_after, conversation_id=talk.id, after=1, limit=1)
    assert [(message.seq, message.text, message.client_message_id) for message in page] == [(2, "第1句", "c-1")]
    page, last = talk.write(messages.page_for, conversation_id=talk.id, participant_id=talk.visitor, after=3, limit=9)
    assert page == [] and last == 3
    with pytest.raises(UnknownConversation):
        talk.write(messages.page_for, conversation_id=talk.id, participant_id="v_other", after=0, limit=9)


def test_text_comes_back_as_it_was(talk):
    text = "'; DROP TABLE messages; -- <b>\U0001f468‍\U0001f469‍\U0001f467 \\ % :x"
    talk.accept(text)
    assert talk.write(messages.read_after, conversation_id=talk.id, after=0, limit=9)[0].text == text


def test_the_last_before(talk):
    first = talk.accept("一")
    talk.publish(first.message_id)
    found = talk.write(messages.last_before, conversation_id=talk.id, seq=3, senders=("bot", "agent"))
    assert (found.seq, found.reply_to) == (2, first.message_id)
    assert talk.write(messages.last_before, conversation_id=talk.id, seq=1, senders=("customer",)) is None


def test_unknown(talk):
    with pytest.raises(UnknownMessage):
        talk.write(messages.find, conversation_id=talk.id, message_id="m_no")
