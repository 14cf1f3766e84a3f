import pytest

from storage.database import reading, transaction
from storage.turns import SequenceConflict, load_events, store_turn, stored_result

RESULT = {"replies": [{"text": "您好！"}], "intent": {"name": "greet", "confidence": 0.9}}


def event(kind, **more):
    return {"event": kind, "timestamp": 1.5, **more}


def store(database, *, message="m-1", first=0, events=(), conversation="c-1", result=RESULT):
    with transaction(database) as connection:
        store_turn(
            connection,
            conversation_id=conversation,
            message_id=message,
            first_sequence=first,
            events=list(events),
            result=result,
            now=2.0,
        )


def loaded(database, conversation="c-1"):
    with reading(database) as connection:
        return load_events(connection, conversation)


def known(database, message):
    with reading(database) as connection:
        return stored_result(connection, message)


def test_nothing_stored_is_nothing_loaded(database):
    assert loaded(database) == ([], 0)
    assert known(database, "m-1") is None


def test_turns_follow_each_other(database):
    store(database, events=[event("session_started"), event("user", text="你好 😊")])
    store(database, message="m-2", first=2, events=[event("user", text="多久发货")])
    store(database, message="m-3", conversation="c-2", events=[event("user", text="别人的")])
    events, following = loaded(database)
    assert [each.get("text") for each in events] == [None, "你好 😊", "多久发货"]
    assert following == 3
    assert known(database, "m-1") == RESULT


def test_only_the_last_session_is_loaded_and_the_rest_stays_stored(database):
    store(database, events=[event("session_started"), event("user", text="昨天")])
    store(
        database, message="m-2", first=2, events=[event("action"), event("session_started"), event("user", text="今天")]
    )
    events, following = loaded(database)
    assert [each["event"] for each in events] == ["session_started", "user"]
    assert events[1]["text"] == "今天"
    assert following == 5


def test_events_that_somebody_else_stored_first_are_a_conflict_and_nothing_is_kept(database):
    store(database, events=[event("user", text="一")])
    with pytest.raises(SequenceConflict, match="'c-1'.*event 0.*'m-2'.*load the conversation again"):
        store(database, message="m-2", first=0, events=[event("user", text="二"), event("user", text="三")])
    assert loaded(database) == ([event("user", text="一")], 1)
    assert known(database, "m-2") is None


def test_a_message_has_one_result(database):
    store(database, events=[event("user", text="一")])
    with pytest.raises(SequenceConflict):
        store(database, first=1, events=[event("user", text="一")], result={"replies": []})
    assert loaded(database)[1] == 1
    assert known(database, "m-1") == RESULT


def test_a_failed_turn_keeps_its_result_without_events(database):
    store(database, events=[])
    assert loaded(database) == ([], 0)
    assert known(database, "m-1") == RESULT


def test_a_value_that_is_no_json_is_stored_as_its_text(database):
    store(database, events=[event("slot", name="amount", value={1})])
    assert loaded(database)[0][0]["value"] == "{1}"
