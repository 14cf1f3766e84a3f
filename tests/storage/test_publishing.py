"""Publishing a turn: all of it in one transaction, once, and nothing of the bot's under a human."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from storage import conversations, handoffs, inbox, messages, participants, profiles, publishing, teaching
from storage.errors import UnknownMessage
from storage.tables import insights
from tests.storage.conversation import HANDOFF, Talk, reply, result


def transcript(talk) -> list[tuple[int, str, str]]:
    found = talk.write(messages.read_after, conversation_id=talk.id, after=0, limit=50)
    return [(message.seq, message.sender, message.text) for message in found]


def insight_rows(talk):
    with talk.database.connect() as conn:
        return conn.execute(sa.select(insights)).mappings().all()


def test_everything_is_stored_together(talk):
    message_id = talk.accept("13800138000 怎么开发票").message_id
    published = talk.publish(message_id, handoff=HANDOFF, unknown={"nearest": ["invoice", "tax"]})
    assert published.state == "done" and not published.duplicate
    assert transcript(talk)[1:] == [(2, "bot", "一"), (3, "bot", "二")]
    assert [stored.reply_to for stored in published.replies] == [message_id] * 2
    (row,) = insight_rows(talk)
    assert (row["intent"], row["sentiment"], row["frustration"]) == ("ask_invoice", "negative", 0.6)
    assert row["data"]["model"] == "m-1"
    assert talk.write(profiles.find, participant_id=talk.visitor) == {"turns": 1}
    (ticket,) = talk.write(handoffs.waiting)
    assert ticket == published.handoff and ticket.message_id == message_id
    (question,) = talk.write(teaching.open_questions)
    assert (question.text, question.cause, question.nearest) == ("〔手机号〕 怎么开发票", "unknown", ("invoice", "tax"))
    assert talk.write(inbox.state_of, message_id=message_id) == "done"
    assert talk.write(conversations.find, conversation_id=talk.id).owner == "bot"


def test_publishing_twice_changes_nothing(talk):
    message_id = talk.accept("你好").message_id
    first = talk.publish(message_id, handoff=HANDOFF, unknown={"nearest": []})
    before = transcript(talk)
    again = talk.publish(message_id, now=99.0, replies=[reply("别的")], handoff=HANDOFF, unknown={"nearest": []})
    assert again.duplicate and again.state == "done"
    assert again.replies == first.replies and again.handoff == first.handoff
    assert transcript(talk) == before
    assert talk.write(profiles.find, participant_id=talk.visitor) == {"turns": 1}
    assert len(talk.write(handoffs.waiting)) == 1 and len(talk.write(teaching.open_questions)) == 1


def test_publishing_at_the_same_time_happens_once(talk):
    message_id = talk.accept("你好").message_id
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: talk.publish(message_id), range(4)))
    assert sorted(one.duplicate for one in results) == [False, True, True, True]
    assert all(one.replies == results[0].replies for one in results)
    assert len(transcript(talk)) == 3
    assert talk.write(profiles.find, participant_id=talk.visitor) == {"turns": 1}


def test_an_error_in_the_middle_leaves_nothing(talk):
    message_id = talk.accept("你好").message_id

    def broken(profile):
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        talk.publish(message_id, handoff=HANDOFF, update_profile=broken)
    assert len(transcript(talk)) == 1 and insight_rows(talk) == []
    assert talk.write(handoffs.waiting) == []
    assert talk.write(inbox.state_of, message_id=message_id) == "pending"
    assert talk.publish(message_id).state == "done"


def test_under_a_human_replies_and_handoff_are_withheld(talk):
    message_id = talk.accept("你好").message_id
    talk.own("human")
    published = talk.publish(message_id, handoff=HANDOFF)
    assert (published.state, published.replies, published.handoff) == ("withheld", (), None)
    assert len(transcript(talk)) == 1 and talk.write(handoffs.waiting) == []
    assert len(insight_rows(talk)) == 1
    talk.own("bot")
    assert talk.publish(message_id).state == "withheld"
    assert len(transcript(talk)) == 1


def test_a_takeover_and_a_publication_at_the_same_time_exclude_each_other(talk):
    """Whichever is first: after the take-over has returned, no bot message appears."""
    for number in range(8):
        message_id = talk.accept("你好", f"c-{number}").message_id
        with ThreadPoolExecutor(2) as pool:
            publication = pool.submit(talk.publish, message_id)
            pool.submit(talk.own, "human").result()
            at_takeover = len(transcript(talk))
            state = publication.result().state
        assert state in ("done", "withheld")
        assert len(transcript(talk)) == at_takeover
        talk.own("bot")


def test_withheld_without_a_turn(talk):
    message_id = talk.accept("你好").message_id
    untouched = talk.write(publishing.publish_withheld, message_id=message_id, now=20.0)
    assert untouched.duplicate and untouched.state == "pending"
    talk.own("human")
    assert talk.write(publishing.publish_withheld, message_id=message_id, now=20.0).state == "withheld"
    assert talk.write(publishing.publish_withheld, message_id=message_id, now=21.0).duplicate


def test_a_failed_turn(talk):
    message_id = talk.accept("你好").message_id
    apology = reply("抱歉，工单 {ticket}", custom={"type": "handoff", "ticket": None}, answer_kind="action")
    arguments = {"message_id": message_id, "apology": apology, "handoff": HANDOFF, "now": 20.0}
    failed = talk.write(publishing.publish_failure, **arguments)
    assert failed.state == "failed"
    (told,) = failed.replies
    assert told.text == f"抱歉，工单 {failed.handoff.ticket}"
    assert told.data["custom"]["ticket"] == failed.handoff.ticket
    late = talk.publish(message_id)  # the worker's result comes after all
    assert late.duplicate and late.state == "failed" and late.replies == failed.replies


def test_a_ticket_that_is_open_already_is_named(talk):
    first = talk.publish(talk.accept("转人工").message_id, handoff=HANDOFF)
    later = talk.publish(talk.accept("人呢", "c-2").message_id, replies=[reply("工单 {ticket} 在排队")])
    assert later.replies[0].text == f"工单 {first.handoff.ticket} 在排队"


def test_without_any_ticket_no_placeholder_is_shown(talk):
    published = talk.publish(talk.accept("你好").message_id, replies=[reply("工单 {ticket}。")])
    assert published.replies[0].text == "工单 。"


def test_no_insight_no_replies(talk):
    message_id = talk.accept("你好").message_id
    assert talk.publish(message_id, insight=None, replies=[]).state == "done"
    assert insight_rows(talk)[0]["sentiment"] is None


def test_an_unknown_message(talk):
    with pytest.raises(UnknownMessage):
        talk.publish("m_nothing")


def test_the_profile_of_whoever_owns_the_conversation_now(talk):
    message_id = talk.accept("你好").message_id
    talk.write(participants.identify, participant_id=talk.visitor, customer_id="1001", merge=dict, now=12.0)
    talk.publish(message_id)
    assert talk.write(profiles.find, participant_id="c_1001") == {"turns": 1}
    assert talk.write(profiles.find, participant_id=talk.visitor) is None


def test_conversations_do_not_mix(database):
    one, two = Talk(database), Talk(database)
    message_id = one.accept("你好").message_id
    two.accept("你好")
    one.write(
        publishing.publish_turn,
        message_id=message_id,
        result=result(message_id, one.id),
        update_profile=lambda profile: {},
        mask=str,
        now=20.0,
    )
    assert len(transcript(one)) == 3 and len(transcript(two)) == 1
