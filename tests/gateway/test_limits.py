import pytest

from bot.gateway.errors import TooMany
from bot.gateway.limits import Limit, address_key


@pytest.fixture
def now():
    return [0.0]


def test_a_burst_then_a_steady_rate(now):
    limit = Limit("messages", per_minute=6, clock=lambda: now[0])
    for _ in range(6):
        limit.take("a")
    with pytest.raises(TooMany) as refused:
        limit.take("a")
    assert refused.value.retry_after == pytest.approx(10)
    limit.take("b")
    now[0] += refused.value.retry_after
    limit.take("a")
    with pytest.raises(TooMany):
        limit.take("a")


def test_refused_attempts_do_not_lengthen_the_wait(now):
    limit = Limit("messages", per_minute=60, clock=lambda: now[0])
    for _ in range(60):
        limit.take("a")
    for _ in range(100):
        with pytest.raises(TooMany):
            limit.take("a")
    now[0] += 1.001
    limit.take("a")


def test_memory_is_bounded(now):
    limit = Limit("messages", per_minute=1, clock=lambda: now[0], max_keys=10)
    for number in range(1000):
        limit.take(str(number))
    assert len(limit) == 10


@pytest.mark.parametrize(
    ("host", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "2001:db8:1:2::"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", "unknown"),
        (None, "unknown"),
        ("testclient", "testclient"),
    ],
)
def test_address_keys(host, key):
    assert address_key(host) == key
