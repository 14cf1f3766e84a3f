"""Owed turns that no gateway has been told of are found, and turns in flight are not run twice."""

import pytest

from bot.gateway.metrics import Metrics
from bot.gateway.sweep import Sweep
from bot.gateway.transactions import Transactions
from storage import inbox
from tests.gateway.running import Visitor, wait_until
from tests.gateway.test_dispatch import answered, state_of

#: Longer than a turn may take: a row that stands still for so long has been left alone.
LONG = 60.0
OFTEN, NEVER = {"sweep_every_s": 0.01}, {"sweep_every_s": 3600}


@pytest.fixture
def sweeps(monkeypatch):
    """Counts how often any gateway has looked through the inbox."""
    looked = []
    look = inbox.pending_conversations

    def counted(conn):
        found = look(conn)
        looked.append(found)
        return found

    monkeypatch.setattr(inbox, "pending_conversations", counted)

    def wait_for(number: int) -> None:
        # One more than asked for: the first may have begun before the call.
        end = len(looked) + number + 1
        wait_until(lambda: len(looked) >= end)

    return wait_for


def commit_beside(visitor, text: str) -> str:
    """Commit a message as another gateway does, of which this one hears nothing; return its id."""
    with visitor.gateway.database() as conn:
        return inbox.accept(
            conn,
            conversation_id=visitor.conversation_id,
            participant_id=visitor.participant_id,
            client_message_id=f"beside-{text}",
            text=text,
            payload=None,
            customer_id=None,
            language="zh",
            from_button=False,
            now=visitor.gateway.clock(),
        ).message_id


def test_a_row_committed_by_somebody_else_is_answered(start_gateway, worker, clock, sweeps):
    visitor = Visitor(start_gateway(**OFTEN))
    messages = [commit_beside(visitor, text) for text in ("一", "二")]
    sweeps(2)
    assert worker.requests == []  # for all it knows another gateway is at work on them
    clock.ahead += LONG
    assert answered(visitor, 2) == ["回声：一", "回声：二"]
    sweeps(2)
    assert [request["message_id"] for request in worker.requests] == messages


def test_a_row_is_answered_with_nobody_moving_the_clock(start_gateway, worker):
    visitor = Visitor(start_gateway(**OFTEN, turn_timeout_s=1.0))
    commit_beside(visitor, "你好")
    assert answered(visitor, 1) == ["回声：你好"]


def test_an_own_turn_in_flight_is_not_run_twice(start_gateway, worker, clock, sweeps):
    visitor = Visitor(start_gateway(**OFTEN))
    worker.behaviours["慢"] = ["hold"]
    receipt = visitor.send("慢")
    assert worker.arrived.wait(LONG)
    sweeps(2)
    clock.ahead += LONG
    sweeps(3)
    worker.release.set()
    assert answered(visitor, 1) == ["回声：慢"]
    sweeps(2)
    assert [request["message_id"] for request in worker.requests] == [receipt["message_id"]]


def test_a_turn_in_flight_at_another_gateway_is_left_to_it_until_that_is_gone(start_gateway, worker, clock, sweeps):
    first = start_gateway(**NEVER)
    visitor = Visitor(first)
    worker.behaviours["慢"] = ["hold"]
    second = start_gateway(**OFTEN)
    receipt = visitor.send("慢")
    assert worker.arrived.wait(LONG)
    sweeps(5)
    assert len(worker.requests) == 1
    first.stop()
    assert state_of(first, receipt["message_id"]) == "pending"
    visitor.gateway = second
    clock.ahead += LONG
    assert answered(visitor, 1) == ["回声：慢"]
    worker.release.set()
    assert worker.runs == {receipt["message_id"]: 1}


@pytest.mark.asyncio
async def test_an_attempt_made_elsewhere_begins_the_wait_anew(start_gateway, database_url, clock):
    gateway = start_gateway(**NEVER)
    visitor = Visitor(gateway)
    message_id = commit_beside(visitor, "你好")
    transactions = Transactions(database_url)
    sweep = Sweep(gateway.config, transactions=transactions, metrics=Metrics(), clock=clock)
    assert await sweep.left_alone(frozenset()) == []
    clock.ahead += LONG
    await transactions.write(inbox.record_attempt, message_id=message_id)
    assert await sweep.left_alone(frozenset()) == []
    clock.ahead += LONG
    assert await sweep.left_alone(frozenset()) == [visitor.conversation_id]
    assert await sweep.left_alone(frozenset({visitor.conversation_id})) == []
    transactions.close()


def test_storage_that_is_away_for_a_while_does_not_end_the_sweep(start_gateway, worker, monkeypatch):
    visitor = Visitor(start_gateway(**OFTEN, turn_timeout_s=1.0))
    failures = []

    def away(conn):
        failures.append(1)
        raise OSError("no disk")

    with monkeypatch.context() as patched:
        patched.setattr(inbox, "pending_conversations", away)
        wait_until(lambda: len(failures) >= 2)
    commit_beside(visitor, "你好")
    assert answered(visitor, 1) == ["回声：你好"]
