import pytest
from starlette.datastructures import Headers

from bot.gateway.guard import origin_allowed


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (None, True),
        ("http://bot.example:8000", True),
        ("https://shop.example", True),
        ("https://shop.example.evil.example", False),
        ("http://bot.example", False),
        ("null", False),
        ("", False),
    ],
)
def test_who_may_open_a_websocket(origin, allowed):
    headers = {"host": "bot.example:8000"} | ({} if origin is None else {"origin": origin})
    assert origin_allowed(Headers(headers), ("https://shop.example",)) is allowed
