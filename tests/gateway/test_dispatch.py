"""Accepted messages get exactly one answer, whatever happens to workers and gateways."""

import pytest

from storage import conversations, handoffs, inbox, publishing
from tests.gateway.running import PATIENCE, Visitor, wait_until
from tests.gateway.worker_stand_in import reply


def answered(visitor, count: int) -> list[str]:
    wait_until(lambda: len(visitor.said_by("bot")) >= count)
    assert len(visitor.said_by("bot")) == count
    return visitor.said_by("bot")


def state_of(gateway, message_id: str) -> str:
    with gateway.database() as conn:
        return inbox.state_of(conn, message_id=message_id)


@pytest.mark.parametrize("behaviour", ["error", "garbage", "stranger", "not_ready"])
def test_a_bad_answer_is_asked_for_again(visitor, worker, behaviour):
    worker.behaviours["你好"] = [behaviour]
    assert visitor.ask("你好")[0]["text"] == "回声：你好"
    assert len(worker.requests) == 2


@pytest.mark.parametrize("behaviour", ["die", "die_after"])
def test_a_worker_that_dies_in_a_turn(visitor, worker, behaviour):
    worker.behaviours["你好"] = [behaviour]
    receipt = visitor.send("你好")
    wait_until(lambda: not worker._thread.is_alive())
    worker.stop()
    worker.start()
    assert answered(visitor, 1) == ["回声：你好"]
    assert worker.runs[receipt["message_id"]] == 1


def test_a_worker_that_starts_late(visitor, worker):
    worker.stop()
    visitor.send("你好")
    visitor.send("在吗")
    worker.start()
    assert answered(visitor, 2) == ["回声：你好", "回声：在吗"]


@pytest.mark.parametrize("behaviour", ["hang", "error", "garbage"])
def test_after_the_last_attempt_the_customer_gets_an_apology_and_a_human(start_gateway, worker, behaviour):
    gateway = start_gateway(turn_timeout_s=0.2, max_attempts=2)
    visitor = Visitor(gateway)
    worker.behaviours["难题"] = [behaviour] * 2
    receipt = visitor.send("难题")
    visitor.send("你好")
    apology, echo = answered(visitor, 2)
    assert echo == "回声：你好"
    with gateway.database() as conn:
        (ticket,) = handoffs.waiting(conn)
    assert (ticket.reason, ticket.message_id) == ("turn_failed", receipt["message_id"])
    assert ticket.ticket in apology and "抱歉" in apology
    assert state_of(gateway, receipt["message_id"]) == "failed"
    message = visitor.messages()[2]
    assert message["custom"] == {"type": "handoff", "ticket": ticket.ticket, "hours": "每天 9:00–21:00"}
    assert message["ratable"] is False


def test_a_worker_that_never_comes(start_gateway, worker):
    visitor = Visitor(start_gateway(worker_patience_s=0.1))
    worker.stop()
    receipt = visitor.send("你好")
    answered(visitor, 1)
    assert state_of(visitor.gateway, receipt["message_id"]) == "failed"
    worker.start()


def test_attempts_survive_a_restart(start_gateway, worker):
    patient = {"turn_timeout_s": PATIENCE, "max_attempts": 2}
    gateway = start_gateway(**patient)
    visitor = Visitor(gateway)
    worker.behaviours["毒"] = ["error", "hang", "error"]
    receipt = visitor.send("毒")
    wait_until(lambda: len(worker.requests) == 2)
    gateway.stop()
    visitor.gateway = start_gateway(**patient)
    answered(visitor, 1)
    assert state_of(visitor.gateway, receipt["message_id"]) == "failed"
    assert len(worker.requests) == 3


def test_a_gateway_that_dies_between_answer_and_publishing(start_gateway, worker, monkeypatch):
    gateway = start_gateway()
    visitor = Visitor(gateway)

    def power_cut(*arguments, **named):
        raise OSError("no disk")

    with monkeypatch.context() as patched:
        patched.setattr(publishing, "publish_turn", power_cut)
        receipt = visitor.send("退款")
        wait_until(lambda: worker.stored)
        gateway.stop()
    assert state_of(gateway, receipt["message_id"]) == "pending"

    visitor.gateway = start_gateway()
    assert answered(visitor, 1) == ["回声：退款"]
    assert worker.runs == {receipt["message_id"]: 1}
    assert len(worker.requests) >= 2


def test_publishing_that_fails_halfway_leaves_nothing_and_is_tried_again(visitor, worker, monkeypatch):
    calls = []
    settle = inbox.settle

    def fails_once(*arguments, **named):
        calls.append(1)
        if len(calls) == 1:
            assert visitor.said_by("bot") == []  # replies are written already, but nobody sees them
            raise OSError("disk full")
        settle(*arguments, **named)

    monkeypatch.setattr(inbox, "settle", fails_once)
    visitor.send("你好")
    assert answered(visitor, 1) == ["回声：你好"]
    assert [message["seq"] for message in visitor.messages()] == [1, 2]


def test_what_was_pending_at_the_start_is_dispatched(start_gateway, worker):
    gateway = start_gateway()
    visitors = [Visitor(gateway) for _ in range(3)]
    worker.stop()
    for visitor in visitors:
        visitor.send("你好")
        visitor.send("在吗")
    gateway.stop()
    worker.start()
    restarted = start_gateway()
    for visitor in visitors:
        visitor.gateway = restarted
        assert answered(visitor, 2) == ["回声：你好", "回声：在吗"]


def test_two_gateways_on_one_database_answer_once(start_gateway, worker):
    one = start_gateway()
    visitor = Visitor(one)
    worker.behaviours["你好"] = ["hold", "hold"]
    visitor.send("你好")
    wait_until(lambda: len(worker.requests) == 1)
    start_gateway()  # finds the message pending and asks too
    wait_until(lambda: len(worker.requests) == 2)
    worker.release.set()
    wait_until(lambda: visitor.said_by("bot"))
    visitor.ask("在吗")
    assert visitor.said_by("bot") == ["回声：你好", "回声：在吗"]


def test_a_human_owned_conversation_gets_no_bot_message(visitor, worker):
    gateway = visitor.gateway
    worker.behaviours["生气"] = ["hold"]
    receipt = visitor.send("生气")
    assert worker.arrived.wait(PATIENCE)
    with gateway.database() as conn:
        conversations.set_owner(conn, conversation_id=visitor.conversation_id, owner="human", now=1.0)
    worker.release.set()
    wait_until(lambda: state_of(gateway, receipt["message_id"]) == "withheld")
    later = visitor.send("还在吗")
    assert state_of(gateway, later["message_id"]) == "withheld"
    assert visitor.said_by("bot") == [] and len(worker.requests) == 1
    with gateway.database() as conn:
        conversations.set_owner(conn, conversation_id=visitor.conversation_id, owner="bot", now=2.0)
    assert visitor.ask("回来了")[0]["text"] == "回声：回来了"


def test_a_message_that_waits_while_a_human_takes_over(visitor, worker):
    worker.behaviours["一"] = ["hold"]
    visitor.send("一")
    waiting = visitor.send("二")
    assert worker.arrived.wait(PATIENCE)
    with visitor.gateway.database() as conn:
        conversations.set_owner(conn, conversation_id=visitor.conversation_id, owner="human", now=1.0)
    worker.release.set()
    wait_until(lambda: state_of(visitor.gateway, waiting["message_id"]) == "withheld")
    assert [request["text"] for request in worker.requests] == ["一"]


def test_a_handoff_keeps_the_bot_until_an_agent_accepts(visitor, worker):
    card = {"type": "handoff", "ticket": None, "hours": "9–21"}
    worker.results["转人工"] = {
        "replies": [reply("已为您转接，工单号 {ticket}。", custom=card, answer_kind="action")],
        "handoff": {"reason": "asked", "because": "客户要求人工", "queue": "general", "priority": "normal"},
    }
    (told,) = visitor.ask("转人工")
    ticket = told["custom"]["ticket"]
    assert ticket in told["text"] and ticket[0] == "H" and len(ticket) == 7 and ticket[1:].isdigit()
    assert visitor.ask("你好")[0]["text"] == "回声：你好"
    assert ticket in visitor.ask("转人工")[0]["text"]
    with visitor.gateway.database() as conn:
        handoffs.accept(conn, ticket=ticket, now=1.0)
    receipt = visitor.send("有人吗")
    assert state_of(visitor.gateway, receipt["message_id"]) == "withheld"


def test_a_profile_that_cannot_be_computed_does_not_cost_the_answer(visitor, worker, monkeypatch):
    def broken(profile, turn, *, now):
        raise ValueError("a bug")

    monkeypatch.setattr(visitor.gateway.parts.profiles, "update_profile", broken)
    assert visitor.ask("你好")[0]["text"] == "回声：你好"


def test_no_text_of_a_customer_in_the_log(visitor, worker, caplog):
    caplog.set_level("DEBUG", logger="bot.gateway")
    worker.behaviours["我的电话是13800138000"] = ["error", "garbage"]
    visitor.ask("我的电话是13800138000")
    assert "attempt failed" in caplog.text and "turn published" in caplog.text
    assert "13800138000" not in caplog.text and "电话" not in caplog.text
