import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SessionStarted, SlotSet, UserUttered

from bot.engine import tracker_store
from bot.engine.tracker_store import TurnTrackerStore
from storage.database import reading, transaction
from storage.turns import load_events, store_turn
from tests.engine.conftest import DIALOGUE

pytestmark = pytest.mark.asyncio

DOMAIN = Domain.load(DIALOGUE / "domain.yml")


@pytest.fixture
def store(database):
    return TurnTrackerStore(database, DOMAIN)


async def say(store, database, *texts, conversation="c-1", message="m-1"):
    """One turn: events onto the tracker, saved as Rasa does, stored as the turn does."""
    tracker = await store.get_or_create_tracker(conversation)
    for text in texts:
        tracker.update(UserUttered(text), DOMAIN)
    await store.save(tracker)
    first, events = store.take_new_events(conversation)
    with transaction(database) as connection:
        store_turn(
            connection,
            conversation_id=conversation,
            message_id=message,
            first_sequence=first,
            events=events,
            result={},
            now=1.0,
        )
    store.committed(conversation)
    return first, [event["event"] for event in events]


async def test_an_unknown_conversation_has_no_tracker(store):
    assert await store.retrieve("c-1") is None


async def test_saving_alone_stores_nothing(store, database):
    tracker = await store.get_or_create_tracker("c-1")
    tracker.update(UserUttered("你好"), DOMAIN)
    await store.save(tracker)
    with reading(database) as connection:
        assert load_events(connection, "c-1") == ([], 0)


async def test_each_turn_stores_only_what_is_new(store, database):
    assert await say(store, database, "你好") == (0, ["action", "user"])
    assert await say(store, database, "多久发货", message="m-2") == (2, ["user"])
    with reading(database) as connection:
        events, following = load_events(connection, "c-1")
    assert ([event.get("text") for event in events], following) == ([None, "你好", "多久发货"], 3)


async def test_another_process_reads_the_same_conversation_and_goes_on(store, database):
    await say(store, database, "你好")
    other = TurnTrackerStore(database, DOMAIN)
    assert (await other.retrieve("c-1")).latest_message.text == "你好"
    assert await say(other, database, "多久发货", message="m-2") == (2, ["user"])


async def test_a_forgotten_turn_is_loaded_as_it_is_stored(store, database):
    await say(store, database, "你好")
    (await store.retrieve("c-1")).update(UserUttered("half a turn"), DOMAIN)
    store.forget("c-1")
    store.forget("c-1")  # also where nothing is kept
    assert (await store.retrieve("c-1")).latest_message.text == "你好"


async def test_after_a_new_session_only_that_is_loaded_and_numbers_go_on(store, database):
    tracker = await store.get_or_create_tracker("c-1")
    for event in (
        UserUttered("昨天"),
        SlotSet("refund_reason", "坏了"),
        ActionExecuted("action_session_start"),
        SessionStarted(),
        UserUttered("今天"),
    ):
        tracker.update(event, DOMAIN)
    await say(store, database)
    other = TurnTrackerStore(database, DOMAIN)
    loaded = await other.retrieve("c-1")
    assert [event.text for event in loaded.events if isinstance(event, UserUttered)] == ["今天"]
    assert loaded.get_slot("refund_reason") is None
    assert await say(other, database, "现在", message="m-2") == (6, ["user"])


async def test_what_leaves_the_memory_is_read_again(store, database, monkeypatch):
    monkeypatch.setattr(tracker_store, "HOT_TRACKERS", 2)
    for number in range(4):
        await say(store, database, f"第 {number} 位", conversation=f"c-{number}", message=f"m-{number}")
    assert len(store._hot) == 2
    assert (await store.retrieve("c-0")).latest_message.text == "第 0 位"
    assert await say(store, database, "还是我", conversation="c-0", message="m-9") == (2, ["user"])


async def test_a_read_that_fails_raises_instead_of_forgetting_the_customer(store, database):
    with database.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE tracker_events RENAME TO gone")
    with pytest.raises(Exception, match="tracker_events"):
        await store.retrieve("c-1")
