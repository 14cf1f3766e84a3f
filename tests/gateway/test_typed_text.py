import pytest

from bot.gateway.errors import Unprocessable
from bot.gateway.typed_text import clean


@pytest.mark.parametrize("text", ["你好", "😀", "👨‍👩‍👧", "a\tb\nc", "/x", "<b>", "ㄅ", "é", "  内 部  空 格".strip()])
def test_kept_as_typed(text):
    assert clean(text, limit=500) == text


def test_the_limit_counts_what_is_kept():
    assert clean("  " + "a" * 5 + "\0\0 ", limit=5) == "aaaaa"
    with pytest.raises(Unprocessable) as refused:
        clean("a" * 6, limit=5, key="comment")
    assert (refused.value.code, refused.value.key) == ("text_too_long", "comment")


@pytest.mark.parametrize("text", ["", "\u200d", "\u0301", "\u2800\u3000", "\ud800", "\ue000"])
def test_nothing_to_see(text):
    with pytest.raises(Unprocessable) as refused:
        clean(text, limit=5)
    assert refused.value.code == "text_empty"
