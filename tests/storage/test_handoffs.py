import re

import pytest

from storage import conversations, handoffs
from storage.errors import UnknownHandoff
from tests.storage.conversation import HANDOFF, Talk


def ask(talk, message_id: str = "m_1", **changes):
    arguments = {"conversation_id": talk.id, "message_id": message_id, "now": 5.0, **HANDOFF, **changes}
    return talk.write(handoffs.request, **arguments)


def owner(talk) -> str:
    return talk.write(conversations.find, conversation_id=talk.id).owner


def test_from_waiting_to_closed(talk):
    ticket = ask(talk).ticket
    assert re.fullmatch(r"H\d{6}", ticket)
    assert owner(talk) == "bot"
    assert talk.write(handoffs.accept, ticket=ticket, now=6.0).state == "accepted"
    assert owner(talk) == "human" and talk.write(handoffs.waiting) == []
    assert talk.write(handoffs.close, ticket=ticket, now=7.0).state == "closed"
    assert owner(talk) == "bot"
    assert ask(talk, "m_2").ticket != ticket


def test_asking_again_keeps_the_ticket_and_raises_its_priority(talk):
    first = ask(talk)
    assert ask(talk, "m_2") == first
    raised = ask(talk, "m_3", priority="urgent")
    assert (raised.ticket, raised.priority, raised.reason) == (first.ticket, "urgent", "asked")
    assert ask(talk, "m_4", priority="low").priority == "urgent"


def test_the_most_urgent_and_then_the_oldest_is_first(database):
    talks = [Talk(database) for _ in range(4)]
    for number, (talk, priority) in enumerate(zip(talks, ["normal", "urgent", "normal", "odd"], strict=True)):
        ask(talk, f"m_{number}", priority=priority, now=float(number), queue="a" if number else "b")
    order = [one.message_id for one in talks[0].write(handoffs.waiting)]
    assert order == ["m_1", "m_0", "m_2", "m_3"]
    assert [one.message_id for one in talks[0].write(handoffs.waiting, queue="b")] == ["m_0"]


def test_steps_out_of_order(talk):
    ticket = ask(talk).ticket
    for step, wrong in [(handoffs.close, ticket), (handoffs.accept, "H000000")]:
        with pytest.raises(UnknownHandoff):
            talk.write(step, ticket=wrong, now=6.0)
    assert owner(talk) == "bot"
    talk.write(handoffs.accept, ticket=ticket, now=6.0)
    with pytest.raises(UnknownHandoff):
        talk.write(handoffs.accept, ticket=ticket, now=7.0)
    assert owner(talk) == "human"
