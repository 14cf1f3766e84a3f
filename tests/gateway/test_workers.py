from collections import Counter
from pathlib import Path

from bot.gateway.workers import holder

CONVERSATIONS = [f"k_{number:024x}" for number in range(3000)]


def sockets(count: int) -> list[Path]:
    return [Path(f"/run/worker-{number}.sock") for number in range(count)]


def test_conversations_are_spread_evenly():
    shares = Counter(holder(one, sockets(3)) for one in CONVERSATIONS)
    assert set(shares) == set(sockets(3))
    assert max(shares.values()) < 1.15 * min(shares.values())


def test_a_removed_worker_moves_only_its_own_share():
    before = {one: holder(one, sockets(3)) for one in CONVERSATIONS}
    for one, old in before.items():
        new = holder(one, sockets(2))
        assert new == old or old == sockets(3)[2]


def test_order_of_the_sockets_does_not_matter():
    assert all(holder(one, sockets(3)) == holder(one, sockets(3)[::-1]) for one in CONVERSATIONS[:100])
