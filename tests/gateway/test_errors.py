import inspect

import pytest

from bot.gateway import errors
from bot.gateway.errors import GatewayError, Unprocessable, shown
from tests.gateway.running import check_error

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, GatewayError)]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_in_the_drawing_with_its_status_and_is_a_builtin_too(kind):
    if kind is GatewayError:
        return
    assert issubclass(kind, (ValueError, LookupError, PermissionError, RuntimeError))
    (line,) = [line for line in errors.__doc__.splitlines() if f" {kind.__name__} (" in line]
    assert f" {kind.status} " in line


def test_absent_parts_are_left_out():
    detail = Unprocessable("code", "Text.", key="text", value="").detail("r-1")
    assert detail == {"code": "code", "message": "Text.", "key": "text", "request_id": "r-1"}
    check_error(detail, "code")


@pytest.mark.parametrize(
    ("value", "text"), [("a\nb\x1b[31m", "a b [31m"), ("\ud800x", "?x"), ("a" * 200, "a" * 100 + "…"), (5, "5")]
)
def test_values_are_shown_short_and_printable(value, text):
    assert shown(value) == text
