"""What a customer typed, made safe to store and show, and otherwise left as typed."""

import unicodedata

from bot.gateway.errors import Unprocessable

#: Turn the reading direction of what follows, also outside the message: good only for deceiving people.
_DIRECTION_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
#: Letters and symbols by category that nevertheless show nothing.
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def clean(text: str, *, limit: int, key: str = "text") -> str:
    """Return the text without control characters and outer white space.

    Line breaks and tabs stay; so do emoji, markup, SQL and a leading slash, which are all only text here.

    :raises Unprocessable: when nothing visible is left (text_empty) or more than `limit` characters (text_too_long).
    """
    kept = "".join(filter(_keeps, text.replace("\r\n", "\n").replace("\r", "\n"))).strip()
    if not any(map(_shows, kept)):
        raise Unprocessable(
            "text_empty",
            "The message has no visible character.",
            key=key,
            expected="at least 1 visible character",
            remedy="write something",
        )
    if len(kept) > limit:
        raise Unprocessable(
            "text_too_long",
            f"The message has {len(kept)} characters, more than {limit}.",
            key=key,
            value=f"{len(kept)} characters",
            expected=f"at most {limit} characters",
            remedy="shorten it or send it in parts",
        )
    return kept


def _keeps(character: str) -> bool:
    if character in "\n\t":
        return True
    # Cc: control characters; Cs: half of a surrogate pair, which no database can store.
    return unicodedata.category(character) not in ("Cc", "Cs") and character not in _DIRECTION_CONTROLS


def _shows(character: str) -> bool:
    # Marks need something to stand on; separators, format characters and unassigned code points show nothing.
    return unicodedata.category(character)[0] in "LNPS" and character not in _BLANKS
