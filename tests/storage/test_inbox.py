from concurrent.futures import ThreadPoolExecutor

import pytest

from storage import inbox, messages
from storage.errors import UnknownConversation
from tests.storage.conversation import reply


def test_a_message_is_stored_with_its_request(talk):
    accepted = talk.accept("你好", payload="/greet", customer_id="1001")
    assert (accepted.seq, accepted.duplicate, accepted.state) == (1, False, "pending")
    turn = talk.write(inbox.next_pending, conversation_id=talk.id)
    assert turn.message_id == accepted.message_id and turn.participant_id == talk.visitor
    assert turn.request == {
        "message_id": accepted.message_id,
        "conversation_id": talk.id,
        "text": "你好",
        "payload": "/greet",
        "customer_id": "1001",
        "channel": "widget",
        "language": "zh",
        "sent_at": 10.0,
        "behaviour": {
            "seconds_since_last": None,
            "returning_within_24h": False,
            "buttons_offered": False,
            "open_ticket": None,
        },
    }


def test_the_same_client_id_gets_the_first_receipt(talk):
    first = talk.accept("你好")
    again = talk.accept("别的", now=11.0)
    assert again.duplicate and (again.message_id, again.seq) == (first.message_id, first.seq)
    assert len(talk.write(messages.read_after, conversation_id=talk.id, after=0, limit=9)) == 1


def test_many_at_once_keep_the_numbers_whole(talk):
    with ThreadPoolExecutor(6) as pool:
        receipts = list(pool.map(lambda number: talk.accept("a", f"c-{number % 6}"), range(12)))
    assert sorted({receipt.seq for receipt in receipts}) == [1, 2, 3, 4, 5, 6]
    assert sum(not receipt.duplicate for receipt in receipts) == 6


def test_somebody_elses_conversation(talk):
    for wrong in ({"participant_id": "v_other"}, {"conversation_id": "k_nothing"}):
        with pytest.raises(UnknownConversation):
            talk.accept("你好", **wrong)
    assert talk.write(inbox.backlog) == (0, None)


def test_pending_turns_come_in_order_and_oldest_first(talk):
    first, second = talk.accept("一", "c-1"), talk.accept("二", "c-2", now=11.0)
    assert talk.write(inbox.pending_conversations) == [talk.id]
    assert talk.write(inbox.backlog) == (2, 10.0)
    assert talk.write(inbox.next_pending, conversation_id=talk.id).message_id == first.message_id
    talk.publish(first.message_id)
    assert talk.write(inbox.next_pending, conversation_id=talk.id).message_id == second.message_id
    talk.publish(second.message_id)
    assert talk.write(inbox.next_pending, conversation_id=talk.id) is None
    assert talk.write(inbox.pending_conversations) == []


def test_attempts_are_counted(talk):
    message_id = talk.accept("你好").message_id
    assert [talk.write(inbox.record_attempt, message_id=message_id) for _ in range(2)] == [1, 2]
    assert talk.write(inbox.next_pending, conversation_id=talk.id).attempts == 2


def test_under_a_human_the_message_is_withheld_at_once(talk):
    talk.own("human")
    assert talk.accept("你好").state == "withheld"
    assert talk.write(inbox.next_pending, conversation_id=talk.id) is None


@pytest.mark.parametrize(
    ("pause", "returning"), [(60.0, False), (1800.0, False), (1801.0, True), (86_400.0, True), (86_401.0, False)]
)
def test_pauses(talk, pause, returning):
    talk.accept("一")
    talk.accept("二", "c-2", now=10.0 + pause)
    turns = talk.write(messages.read_after, conversation_id=talk.id, after=0, limit=9)
    assert [message.seq for message in turns] == [1, 2]
    talk.publish(turns[0].id)
    behaviour = talk.write(inbox.next_pending, conversation_id=talk.id).request["behaviour"]
    assert behaviour["seconds_since_last"] == pause and behaviour["returning_within_24h"] is returning


@pytest.mark.parametrize(("pressed", "unused"), [(False, True), (True, False)])
def test_unused_buttons(talk, pressed, unused):
    first = talk.accept("选")
    talk.publish(first.message_id, replies=[reply("选一个", buttons=[{"title": "甲", "payload": "/a"}])])
    talk.accept("都不要", "c-2", from_button=pressed, now=30.0)
    behaviour = talk.write(inbox.next_pending, conversation_id=talk.id).request["behaviour"]
    assert behaviour["buttons_offered"] is unused
