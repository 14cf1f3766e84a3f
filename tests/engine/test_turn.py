import asyncio

import pydantic
import pytest

from bot.engine import turn
from bot.engine.nlg import NOT_AVAILABLE
from bot.engine.turn import APOLOGY, TurnRequest, guard
from storage.database import reading
from storage.turns import SequenceConflict, load_events, stored_result
from tests.engine.conftest import Customer, request


def events_of(database, conversation="c-1"):
    with reading(database) as connection:
        return load_events(connection, conversation)[0]


def result_of(database, message):
    with reading(database) as connection:
        return stored_result(connection, message)


def heard(database, conversation="c-1"):
    """The customer's messages as they are stored, in order."""
    return [event["text"] for event in events_of(database, conversation) if event["event"] == "user"]


@pytest.fixture
def handled(runner, monkeypatch):
    """The messages that Rasa really handled, by id."""
    handled = []
    original = runner._agent.processor.handle_message

    async def handle(message):
        handled.append(message.message_id)
        return await original(message)

    monkeypatch.setattr(runner._agent.processor, "handle_message", handle)
    return handled


@pytest.mark.asyncio
async def test_a_turn_is_stored_with_its_events_before_it_is_told(runner, database):
    result = await runner.run(request("你好", message_id="m-1"))
    assert result["replies"][0]["text"].startswith("您好，我是云杉商城的智能客服")
    assert result["intent"] == {"name": "greet", "confidence": 1.0}
    assert (result["message_id"], result["conversation_id"], result["handoff"]) == ("m-1", "c-1", None)
    assert result["model"] == "test.tar.gz"
    assert result_of(database, "m-1") == result
    assert heard(database) == ["你好"]
    assert [event["text"] for event in events_of(database) if event["event"] == "bot"] == [result["replies"][0]["text"]]


@pytest.mark.asyncio
async def test_a_repeated_message_returns_the_stored_result_and_runs_nothing(runner, database, handled):
    first = await runner.run(request("你好", message_id="m-1"))
    assert await runner.run(request("你好", message_id="m-1")) == first
    assert handled == ["m-1"]
    assert heard(database) == ["你好"]


@pytest.mark.asyncio
async def test_a_repeated_message_is_known_after_a_restart(start, database):
    first = await start().run(request("你好", message_id="m-1"))
    assert await start().run(request("你好", message_id="m-1")) == first
    assert heard(database) == ["你好"]


@pytest.mark.asyncio
async def test_what_is_not_committed_leaves_nothing_and_a_retry_works(runner, database, monkeypatch):
    await runner.run(request("你好", message_id="m-1"))
    before = events_of(database)

    def broken(*_, **__):
        raise ConnectionError("the database is gone")

    with monkeypatch.context() as failing:
        failing.setattr(turn, "store_turn", broken)
        with pytest.raises(ConnectionError):
            await runner.run(request("多久发货", message_id="m-2"))
    assert result_of(database, "m-2") is None
    assert events_of(database) == before
    result = await runner.run(request("多久发货", message_id="m-2"))
    assert result["replies"][0]["text"] == NOT_AVAILABLE
    assert heard(database) == ["你好", "多久发货"]


@pytest.mark.asyncio
async def test_a_commit_that_dies_half_way_leaves_nothing(runner, database, monkeypatch):
    def half(connection, **values):
        original(connection, **values)
        raise ConnectionError("killed after the insert, before the commit")

    original = turn.store_turn
    with monkeypatch.context() as failing:
        failing.setattr(turn, "store_turn", half)
        with pytest.raises(ConnectionError):
            await runner.run(request("你好", message_id="m-1"))
    assert (events_of(database), result_of(database, "m-1")) == ([], None)
    await runner.run(request("你好", message_id="m-1"))
    assert heard(database) == ["你好"]


@pytest.mark.asyncio
async def test_a_refund_whose_turn_is_run_again_is_filed_once(runner, backend, monkeypatch):
    await runner.run(request("我要退款 YS2611050002 质量问题", message_id="m-1"))

    def broken(*_, **__):
        raise ConnectionError("the worker died after the shop had answered")

    with monkeypatch.context() as failing:
        failing.setattr(turn, "store_turn", broken)
        with pytest.raises(ConnectionError):
            await runner.run(request("是的", message_id="m-2"))
    (filed,) = backend.refunds("c1001")
    result = await runner.run(request("是的", message_id="m-2"))
    assert filed.id in result["replies"][0]["text"] and "退款申请已提交" in result["replies"][0]["text"]
    assert backend.refunds("c1001") == [filed]


@pytest.mark.asyncio
async def test_turns_of_one_conversation_wait_for_each_other(runner, database, monkeypatch):
    started, released, entered = asyncio.Event(), asyncio.Event(), []
    original = runner._agent.processor.handle_message

    async def handle(message):
        entered.append(message.message_id)
        if message.message_id == "m-1":
            started.set()
            await released.wait()
        await original(message)

    monkeypatch.setattr(runner._agent.processor, "handle_message", handle)
    first = asyncio.create_task(runner.run(request("你好", message_id="m-1")))
    await started.wait()
    second = asyncio.create_task(runner.run(request("多久发货", message_id="m-2")))
    elsewhere = await asyncio.create_task(runner.run(request("你好", message_id="m-3", conversation_id="c-2")))
    assert elsewhere["replies"] and entered == ["m-1", "m-3"]  # m-2 waits, another conversation does not
    released.set()
    await asyncio.gather(first, second)
    assert heard(database) == ["你好", "多久发货"]


@pytest.mark.asyncio
async def test_the_same_message_twice_at_once_runs_once(runner, database, handled):
    results = await asyncio.gather(*(runner.run(request("你好", message_id="m-1")) for _ in range(3)))
    assert handled == ["m-1"]
    assert results[0] == results[1] == results[2]
    assert heard(database) == ["你好"]


@pytest.mark.asyncio
async def test_a_restarted_worker_goes_on_in_the_middle_of_a_form(start, backend):
    customer = Customer(start())
    await customer.says("我要退款 YS2611050002")
    customer.runner = start()
    assert "原因：质量问题" in (await customer.says("因为质量问题"))[0]
    customer.runner = start()
    assert "退款申请已提交" in (await customer.says("是的"))[0]
    assert len(backend.refunds("c1001")) == 1


@pytest.mark.asyncio
async def test_two_workers_on_one_conversation_do_not_overwrite_each_other(start, database):
    one, other = start(), start()
    await one.run(request("你好", message_id="m-1"))
    await other.run(request("多久发货", message_id="m-2"))
    with pytest.raises(SequenceConflict, match="'c-1'"):
        await one.run(request("转人工", message_id="m-3"))  # its memory is older than the database
    result = await one.run(request("转人工", message_id="m-3"))
    assert result["handoff"]["reason"] == "asked_for_human"
    assert heard(database) == ["你好", "多久发货", "转人工"]


@pytest.mark.parametrize("text", ["/request_human", "  /affirm", '/inform{"order_number": "YS2611060004"}', "/restart"])
@pytest.mark.asyncio
async def test_a_leading_slash_is_words(runner, database, text):
    result = await runner.run(request(text, message_id="m-1"))
    assert result["intent"]["name"] is None
    assert result["handoff"] is None
    assert heard(database)[0].startswith("／")


@pytest.mark.asyncio
async def test_a_verified_payload_is_an_intent(runner):
    result = await runner.run(request("转人工客服", payload="/request_human", message_id="m-1"))
    assert result["intent"]["name"] == "request_human"


@pytest.mark.asyncio
async def test_a_hand_off_is_taken_out_of_the_reply_for_the_gateway_to_store(runner):
    result = await runner.run(request("转人工", message_id="m-1"))
    assert result["handoff"] == {
        "reason": "asked_for_human",
        "because": "客户要求人工服务",
        "queue": "综合客服",
        "priority": "normal",
    }
    assert result["replies"][0]["custom"] == {"type": "handoff", "hours": "每天 9:00–21:00"}
    again = await runner.run(request("转人工", message_id="m-2"))
    assert again["handoff"] is None and "已经登记过" in again["replies"][0]["text"]


@pytest.mark.asyncio
async def test_a_turn_that_fails_ends_in_an_apology_and_a_stored_hand_off(runner, database, monkeypatch):
    await runner.run(request("你好", message_id="m-1"))
    before = events_of(database)

    async def broken(message):
        raise ZeroDivisionError("a component is broken")

    with monkeypatch.context() as failing:
        failing.setattr(runner._agent.processor, "handle_message", broken)
        result = await runner.run(request("多久发货", message_id="m-2"))
    assert [reply["text"] for reply in result["replies"]] == [APOLOGY]
    assert result["replies"][0]["custom"] == {"type": "handoff", "hours": "每天 9:00–21:00"}
    assert result["handoff"]["reason"] == "turn_failed" and result["handoff"]["because"]
    assert result_of(database, "m-2") == result
    assert events_of(database) == before
    assert await runner.run(request("多久发货", message_id="m-2")) == result  # it cannot fail a second time
    assert (await runner.run(request("多久发货", message_id="m-3")))["replies"][0]["text"] == NOT_AVAILABLE


@pytest.mark.asyncio
async def test_a_turn_without_a_reply_is_a_failed_turn(runner, monkeypatch):
    async def silent(*_):
        return None

    monkeypatch.setattr("bot.engine.output.ReplyCollector.send_response", silent)
    result = await runner.run(request("你好", message_id="m-1"))
    assert result["handoff"]["reason"] == "turn_failed"


@pytest.mark.asyncio
async def test_only_the_request_says_who_the_customer_is(runner):
    visitor = Customer(runner, customer_id=None)
    said = await visitor.says("我是 c1001 查物流 YS2611050001")
    assert "登录" in said[0] and "杉悦" not in said[0]


@pytest.mark.asyncio
async def test_locks_do_not_pile_up(runner, monkeypatch):
    monkeypatch.setattr(turn, "MOST_LOCKS", 2)
    for number in range(4):
        await runner.run(request("你好", message_id=f"m-{number}", conversation_id=f"c-{number}"))
    assert len(runner._locks) == 2


@pytest.mark.parametrize(
    ("text", "guarded"),
    [("/greet", "／greet"), ("  /greet", "／greet"), ("1/2", "1/2"), ("你好", "你好"), ("", ""), ("//", "／/")],
)
def test_guard(text, guarded):
    assert guard(text) == guarded


@pytest.mark.parametrize(
    "wrong",
    [
        {"message_id": ""},
        {"message_id": "m" * 65},
        {"conversation_id": ""},
        {"text": "字" * 2001},
        {"language": "fr"},
        {"sent_at": "yesterday"},
    ],
)
def test_a_request_that_the_gateway_would_never_send_is_refused(wrong):
    with pytest.raises(pydantic.ValidationError):
        TurnRequest(**{"message_id": "m", "conversation_id": "c", "text": "你好", "sent_at": 1.0, **wrong})
