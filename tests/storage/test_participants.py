from concurrent.futures import ThreadPoolExecutor

import pytest

from storage import conversations, messages, participants, profiles
from storage.errors import UnknownParticipant
from tests.storage.conversation import Talk


def identify(talk, participant_id: str, customer_id: str = "1001"):
    return talk.write(
        participants.identify,
        participant_id=participant_id,
        customer_id=customer_id,
        merge=lambda own, other: {"turns": own["turns"] + other["turns"]},
        now=50.0,
    )


def speak(talk) -> None:
    talk.publish(talk.accept("你好").message_id)


def test_the_visitors_conversation_and_profile_move(talk):
    speak(talk)
    identified = identify(talk, talk.visitor)
    assert identified.participant_id == "c_1001" and identified.moved == (talk.id,)
    assert talk.write(conversations.find, conversation_id=talk.id, participant_id="c_1001").id == talk.id
    assert talk.write(profiles.find, participant_id="c_1001") == {"turns": 1}
    visitor = talk.write(participants.find, participant_id=talk.visitor)
    assert visitor.merged_into == "c_1001" and visitor.customer_id is None
    assert talk.write(participants.find, participant_id="c_1001").customer_id == "1001"


def test_again_changes_nothing_more(talk):
    speak(talk)
    identify(talk, talk.visitor)
    assert identify(talk, talk.visitor).moved == ()
    assert talk.write(profiles.find, participant_id="c_1001") == {"turns": 1}


def test_two_visitors_become_one_customer(database):
    one, two = Talk(database), Talk(database)
    for talk in (one, two):
        speak(talk)
        identify(talk, talk.visitor)
    assert one.write(profiles.find, participant_id="c_1001") == {"turns": 2}


def test_a_customer_never_becomes_another(talk):
    speak(talk)
    identify(talk, talk.visitor)
    identified = identify(talk, "c_1001", "1002")
    assert identified.participant_id == "c_1002" and identified.moved == ()
    assert talk.write(conversations.latest, participant_id="c_1002") is None
    assert talk.write(profiles.find, participant_id="c_1002") is None


@pytest.mark.parametrize("customer_id", ["", "1" * 63])
def test_impossible_customer_ids(talk, customer_id):
    with pytest.raises(ValueError, match="customer_id"):
        identify(talk, talk.visitor, customer_id)


def test_unknown_participants(talk):
    assert talk.write(participants.find, participant_id="v_no") is None
    with pytest.raises(UnknownParticipant):
        talk.write(conversations.open_for, participant_id="v_no", channel="widget", now=1.0)


def test_two_tabs_open_one_conversation(talk):
    visitor = talk.write(participants.create_visitor, now=1.0)

    def open_one(_):
        return talk.write(conversations.open_for, participant_id=visitor, channel="widget", now=1.0)

    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(open_one, range(4)))
    assert len({conversation.id for conversation, _ in opened}) == 1
    assert sum(created for _, created in opened) == 1


def test_impossible_values(talk):
    with pytest.raises(ValueError, match="fax"):
        talk.write(conversations.open_for, participant_id=talk.visitor, channel="fax", now=1.0)
    with pytest.raises(ValueError, match="nobody"):
        talk.write(conversations.set_owner, conversation_id=talk.id, owner="nobody", now=1.0)
    conversation = talk.write(conversations.find, conversation_id=talk.id)
    with pytest.raises(ValueError, match="ghost"):
        talk.write(messages.append, conversation=conversation, sender="ghost", text="a", now=1.0)
