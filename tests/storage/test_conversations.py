import pytest

from storage import conversations
from storage.errors import UnknownConversation
from tests.storage.conversation import Talk


def test_the_latest_is_the_one_with_the_newest_activity(database):
    one, two = Talk(database), Talk(database)
    two.write(lambda conn: conn.execute(conversations.conversations.update().values(participant_id=one.visitor)))
    one.accept("你好", now=20.0)
    assert one.write(conversations.latest, participant_id=one.visitor).id == one.id
    two.accept("你好", now=30.0, participant_id=one.visitor)
    assert one.write(conversations.latest, participant_id=one.visitor).id == two.id


def test_a_strangers_conversation_looks_unknown(talk):
    assert talk.write(conversations.find, conversation_id=talk.id).participant_id == talk.visitor
    for step in (conversations.find, conversations.lock):
        with pytest.raises(UnknownConversation) as there:
            talk.write(step, conversation_id=talk.id, participant_id="v_other")
        with pytest.raises(UnknownConversation) as nowhere:
            talk.write(step, conversation_id="k_nothing", participant_id="v_other")
        assert str(there.value).replace(talk.id, "ID") == str(nowhere.value).replace("k_nothing", "ID")
