import asyncio

import pytest

from bot.gateway.errors import TooMany
from bot.gateway.hub import Connection, Hub
from bot.gateway.metrics import Metrics

pytestmark = pytest.mark.asyncio


class Outside:
    """Stands for storage and socket: what is committed, and what was sent."""

    def __init__(self, committed: int = 0) -> None:
        self.committed = committed
        self.sent: list[object] = []

    async def read_after(self, conversation_id, participant_id, after, limit):
        await asyncio.sleep(0)
        return [(seq, {"seq": seq}) for seq in range(after + 1, min(self.committed, after + limit) + 1)]

    async def send(self, frame) -> None:
        await asyncio.sleep(0)
        self.sent.append(frame["message"]["seq"] if frame["type"] == "message" else frame.get("on", frame["type"]))


def hub(**changes) -> Hub:
    return Hub(**{"max_connections": 3, "max_per_conversation": 2, "metrics": Metrics(), **changes})


async def settled() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


async def test_a_connection_starts_with_what_it_missed_and_sends_nothing_twice():
    outside, connection = Outside(250), Connection("k", "v", after=20)
    running = asyncio.ensure_future(connection.run(outside.send, outside.read_after))
    while connection.cursor < 250:
        await asyncio.sleep(0)
    for _ in range(3):
        connection.push()
    await settled()
    outside.committed = 251
    connection.push()
    await settled()
    assert outside.sent == list(range(21, 252))
    connection.close()
    await running


async def test_typing_ends_after_the_message():
    outside, connection, all_connections = Outside(), Connection("k", "v", after=0), hub()
    all_connections.join(connection)
    running = asyncio.ensure_future(connection.run(outside.send, outside.read_after))
    all_connections.typing("k", True)
    await settled()
    outside.committed = 1
    all_connections.push("k")
    all_connections.typing("k", False)
    await settled()
    assert outside.sent == [True, 1, False]
    connection.close()
    await running


async def test_only_what_was_sent_can_be_acknowledged():
    connection = Connection("k", "v", after=5)
    connection.acknowledge(9)
    assert connection.acknowledged == 5
    connection.cursor = 9
    for seq in (8, 3, -1):
        connection.acknowledge(seq)
    assert connection.acknowledged == 8


async def test_a_client_that_reads_nothing_is_dropped():
    connection = Connection("k", "v", after=0)
    for _ in range(1000):
        connection.put({"type": "pong"})
    assert connection.closing


async def test_limits():
    all_connections = hub()
    first = Connection("a", "v", after=0)
    all_connections.join(first)
    all_connections.join(Connection("a", "v", after=0))
    with pytest.raises(TooMany):
        all_connections.join(Connection("a", "v", after=0))
    all_connections.join(Connection("b", "v", after=0))
    with pytest.raises(TooMany):
        all_connections.join(Connection("c", "v", after=0))
    for _ in range(2):
        all_connections.leave(first)
    assert len(all_connections) == 2
    all_connections.join(Connection("c", "v", after=0))


async def test_a_conversation_that_moves_is_released():
    all_connections = hub()
    visitor, customer = Connection("a", "v_1", after=0), Connection("a", "c_1", after=0)
    all_connections.join(visitor)
    all_connections.join(customer)
    all_connections.release("a", keep="c_1")
    assert visitor.closing and not customer.closing
