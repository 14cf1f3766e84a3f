"""One message of a log: turns the strings of a record into checked values."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from nlu_data.log_reader import RawRecord

#: A time without an offset is taken as China Standard Time, like the clocks of the support desks that write logs.
CHINA = timezone(timedelta(hours=8))
#: Longest message that is kept; what is longer is a pasted document, not a message.
MAX_TEXT_CHARACTERS = 10_000

_CUSTOMER = frozenset(
    (
        "customer",
        "user",
        "buyer",
        "client",
        "visitor",
        "member",
        "0",
        "c",
        "顾客",
        "客户",
        "买家",
        "用户",
        "访客",
        "会员",
    )
)
_AGENT = frozenset(
    (
        "agent",
        "staff",
        "seller",
        "service",
        "operator",
        "support",
        "1",
        "a",
        "客服",
        "人工客服",
        "坐席",
        "商家",
        "卖家",
        "人工",
    )
)
_TRUE = frozenset(("true", "1", "yes", "y", "t", "是", "已", "已解决", "已转"))
_FALSE = frozenset(("false", "0", "no", "n", "f", "否", "未", "未解决", "未转"))
_UNSET = frozenset(("", "nan", "null", "none", "-", "n/a", "无"))

_DATE = re.compile(
    r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*日?[T\s]*"
    r"(?:(?P<hour>\d{1,2})\s*[:时：]\s*(?P<minute>\d{1,2})(?:\s*[:分：]\s*(?P<second>\d{1,2})(?:[.,]\d+)?秒?)?分?)?"
    r"\s*(?P<offset>Z|z|[+-]\d{2}:?\d{2})?$"
)
_EPOCH = re.compile(r"(?:\d{10}(?:\.\d+)?|\d{13})$")
_EARLIEST, _LATEST = 946_684_800.0, 4_102_444_800.0  # 2000-01-01 and 2100-01-01, UTC


class RowFault(ValueError):
    """A record that cannot become a message; `reason` is the key under which it is counted."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class LogRow:
    """One message with its conversation's facts as this row states them (None: not stated)."""

    line: int
    conversation: str
    sender: str
    text: str
    at: float | None
    category: str | None
    satisfaction: int | None
    resolved: bool | None
    transferred: bool | None
    customer: str | None
    ignored: tuple[str, ...]


def read_row(record: RawRecord, *, timed: bool) -> LogRow:
    """Return the message in `record`.

    :param timed: whether the log has a time column; then a row without a readable time is refused.
    :raises RowFault: with the reason: the record's own fault, missing_conversation, bad_sender, other_sender,
        empty_text, text_too_long or bad_time. An unreadable satisfaction or flag only leaves that value out;
        its name is in `ignored`.
    """
    if record.fault is not None:
        raise RowFault(record.fault)
    values = record.values
    conversation = values["conversation_id"].strip()
    if conversation.lower() in _UNSET:
        raise RowFault("missing_conversation")
    sender = _sender(values["sender"])
    text = values["text"].strip()
    if not any(character.isprintable() and not character.isspace() for character in text):
        raise RowFault("empty_text")
    if len(text) > MAX_TEXT_CHARACTERS:
        raise RowFault("text_too_long")
    ignored: list[str] = []
    return LogRow(
        line=record.line,
        conversation=conversation,
        sender=sender,
        text=text,
        at=read_time(values.get("time", "")) if timed else None,
        category=_stated(values.get("category", "")),
        satisfaction=_satisfaction(values.get("satisfaction", ""), ignored),
        resolved=_flag("resolved", values.get("resolved", ""), ignored),
        transferred=_flag("transferred", values.get("transferred", ""), ignored),
        customer=_stated(values.get("customer_id", "")),
        ignored=tuple(ignored),
    )


def read_time(value: str) -> float:
    """Return epoch seconds for an ISO time, the common Chinese forms, or epoch seconds or milliseconds.

    :raises RowFault: `bad_time` when it is none of these, not a real time, or outside 2000–2100.
    """
    value = value.strip()
    if _EPOCH.match(value):
        at = float(value) / (1000.0 if len(value) == 13 else 1.0)
    else:
        match = _DATE.match(value)
        if match is None:
            raise RowFault("bad_time")
        parts = {name: int(match.group(name) or 0) for name in ("year", "month", "day", "hour", "minute", "second")}
        try:
            at = datetime(**parts, tzinfo=_offset(match.group("offset"))).timestamp()
        except (ValueError, OverflowError):
            raise RowFault("bad_time") from None
    if not _EARLIEST <= at <= _LATEST:
        raise RowFault("bad_time")
    return at


def _offset(written: str | None) -> timezone:
    if written is None:
        return CHINA
    if written in "Zz":
        return timezone.utc
    digits = written[1:].replace(":", "")
    shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-shift if written[0] == "-" else shift)


def _sender(value: str) -> str:
    value = value.strip().lower()
    if value in _CUSTOMER:
        return "customer"
    if value in _AGENT:
        return "agent"
    if value in ("bot", "robot", "system", "机器人", "系统", "智能客服"):
        raise RowFault("other_sender")
    raise RowFault("bad_sender")


def _stated(value: str) -> str | None:
    value = value.strip()
    return None if value.lower() in _UNSET else value


def _satisfaction(value: str, ignored: list[str]) -> int | None:
    stated = _stated(value)
    if stated is None:
        return None
    try:
        score = float(stated)
    except ValueError:
        score = 0.0
    if score not in (1.0, 2.0, 3.0, 4.0, 5.0):
        ignored.append("satisfaction")
        return None
    return int(score)


def _flag(name: str, value: str, ignored: list[str]) -> bool | None:
    stated = _stated(value)
    if stated is None:
        return None
    if stated.lower() in _TRUE:
        return True
    if stated.lower() in _FALSE:
        return False
    ignored.append(name)
    return None
