"""A customer's profile: a small JSON document folded from the turns, with exponential decay.

Every number that fades is a *decayed sum*: a turn of age `a` counts `2 ** (-a / half-life)`. Such sums can be added in
any order and merged exactly, so a profile that is rebuilt from history comes out the same, a late event lands where
it belongs, and merging a visitor into a customer equals having seen one person all along (up to float rounding and
to the caps on long lists). Only turn times enter the sums, never the time of the rebuild.

Half-lives (days): habits (hours, channels) 60, interests 45, mood level 30, mood of the moment 0.25, escalations 90.
"""

import copy
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from analytics.daytime import hour_of_day

PROFILE_VERSION = 1

DAY = 86_400.0
HABIT_HALF_LIFE = 60 * DAY
INTEREST_HALF_LIFE = 45 * DAY
MOOD_HALF_LIFE = 30 * DAY
MOMENT_HALF_LIFE = 0.25 * DAY
ESCALATION_HALF_LIFE = 90 * DAY

#: An issue that nobody has mentioned for this long is no longer open, whether or not anybody said thanks.
ISSUE_OPEN_SECONDS = 14 * DAY

#: Caps that keep the document small; the weakest or oldest go first.
MAX_NAMES = 24
MAX_CONVERSATIONS = 8
MAX_RECENT_MESSAGES = 32

#: How many turns of evidence make an inferred value half certain: confidence = n / (n + this).
HALF_CERTAIN = 4.0

TOPICS: dict[str, str] = {
    **dict.fromkeys(
        (
            "ask_shipping_time",
            "ask_shipping_fee",
            "ask_delivery_area",
            "ask_change_address",
            "ask_parcel_exception",
            "track_order",
        ),
        "物流",
    ),
    **dict.fromkeys(("list_orders", "ask_cancel_order", "ask_stock"), "订单"),
    **dict.fromkeys(
        (
            "request_refund",
            "refund_status",
            "ask_return_policy",
            "ask_return_freight",
            "ask_exchange",
            "ask_refund_time",
            "ask_damaged",
            "ask_warranty",
        ),
        "售后",
    ),
    **dict.fromkeys(("ask_payment_method", "ask_payment_problem", "ask_installment"), "支付"),
    "ask_invoice": "发票",
    **dict.fromkeys(("ask_coupon", "ask_price_protection"), "优惠"),
    **dict.fromkeys(("ask_membership", "ask_account", "my_account"), "会员"),
    **dict.fromkeys(("ask_authenticity", "ask_size", "ask_gift"), "商品"),
    "complain": "投诉",
}
#: Intents that say something is wrong; each opens an issue of its own name.
ISSUE_INTENTS = frozenset(
    {"ask_parcel_exception", "ask_damaged", "ask_payment_problem", "request_refund", "refund_status", "complain"}
)
#: Intents with which customers close what they came for.
RESOLVING_INTENTS = frozenset({"thank"})


@dataclass(frozen=True)
class TurnFacts:
    """What one customer message adds to the profile; times are UTC epoch seconds."""

    at: float
    conversation_id: str
    message_id: str | None = None  # a message seen before changes nothing
    channel: str = "widget"
    intent: str | None = None
    intent_confidence: float = 0.0  # 0–1, weighs the interest
    sentiment: Mapping[str, float] | None = None  # probabilities of negative, neutral, positive
    frustration: float | None = None  # 0–1
    products: tuple[str, ...] = field(default=())
    unknown: bool = False  # the bot had no answer
    handed_over: bool = False  # this turn ended in a hand-off to a human


def empty_profile() -> dict:
    """Return the profile of somebody who has not said anything yet (plain JSON)."""
    return {
        "version": PROFILE_VERSION,
        "messages": 0,
        "unknown": 0,
        "first_seen": None,
        "last_seen": None,
        "resolved_at": None,
        "recent": {},  # message id → time, to recognise a repeated turn
        "hours": _sums(),  # "0" … "23", shop time
        "channels": _sums(),
        "topics": _sums(),
        "products": _sums(),
        "sentiment": {"moment": _mean(), "level": _mean()},  # of positive − negative, −1 … 1
        "frustration": {"moment": _mean(), "level": _mean()},  # 0 … 1
        "issues": {},  # intent → first_at, last_at, mentions, conversations {id: last time}
        "escalations": {"count": 0, "last_at": None, "weight": _mean()},
    }


def update_profile(profile: dict, turn: TurnFacts, *, now: float) -> dict:
    """Return a new profile with `turn` added; `profile` is left as it was.

    A turn dated after `now` (a clock that runs ahead) counts as of `now`; otherwise `now` changes nothing, which is
    what makes a rebuild from history come out the same. A message id that was just seen changes nothing.

    :raises ValueError: on a profile of another version, a time that is not finite, a probability outside 0–1.
    """
    _check_version(profile)
    _check_turn(turn, now)
    profile = copy.deepcopy(profile)
    at = min(turn.at, now)
    if turn.message_id is not None:
        if turn.message_id in profile["recent"]:
            return profile
        profile["recent"][turn.message_id] = at
        profile["recent"] = _newest(profile["recent"], MAX_RECENT_MESSAGES)

    profile["messages"] += 1
    profile["unknown"] += int(turn.unknown)
    profile["first_seen"] = _earliest(profile["first_seen"], at)
    profile["last_seen"] = _latest(profile["last_seen"], at)
    _add(profile["hours"], str(int(hour_of_day(at))), 1.0, at, HABIT_HALF_LIFE)
    _add(profile["channels"], turn.channel, 1.0, at, HABIT_HALF_LIFE)
    topic = TOPICS.get(turn.intent or "")
    if topic is not None:
        _add(profile["topics"], topic, turn.intent_confidence, at, INTEREST_HALF_LIFE)
    for product in turn.products:
        _add(profile["products"], product, 1.0, at, INTEREST_HALF_LIFE)
    if turn.sentiment is not None:
        _observe(profile["sentiment"], turn.sentiment["positive"] - turn.sentiment["negative"], at)
    if turn.frustration is not None:
        _observe(profile["frustration"], turn.frustration, at)
    if turn.intent in ISSUE_INTENTS:
        _mention_issue(profile["issues"], turn.intent, turn.conversation_id, at)
    if turn.intent in RESOLVING_INTENTS:
        profile["resolved_at"] = _latest(profile["resolved_at"], at)
    if turn.handed_over:
        escalations = profile["escalations"]
        escalations["count"] += 1
        escalations["last_at"] = _latest(escalations["last_at"], at)
        _add_mean(escalations["weight"], 1.0, at, ESCALATION_HALF_LIFE)
    return profile


def merge_profiles(a: dict, b: dict) -> dict:
    """Return the profile of one person who was seen as two (a visitor who logged in); symmetric, inputs unchanged.

    :raises ValueError: when either profile is of another version.
    """
    _check_version(a)
    _check_version(b)
    merged = empty_profile()
    merged["messages"] = a["messages"] + b["messages"]
    merged["unknown"] = a["unknown"] + b["unknown"]
    merged["first_seen"] = _earliest(a["first_seen"], b["first_seen"])
    merged["last_seen"] = _latest(a["last_seen"], b["last_seen"])
    merged["resolved_at"] = _latest(a["resolved_at"], b["resolved_at"])
    merged["recent"] = _newest({**a["recent"], **b["recent"]}, MAX_RECENT_MESSAGES)
    for name, half_life in (
        ("hours", HABIT_HALF_LIFE),
        ("channels", HABIT_HALF_LIFE),
        ("topics", INTEREST_HALF_LIFE),
        ("products", INTEREST_HALF_LIFE),
    ):
        merged[name] = _merge_sums(a[name], b[name], half_life)
    for name in ("sentiment", "frustration"):
        merged[name] = {
            "moment": _merge_mean(a[name]["moment"], b[name]["moment"], MOMENT_HALF_LIFE),
            "level": _merge_mean(a[name]["level"], b[name]["level"], MOOD_HALF_LIFE),
        }
    for intent in sorted({*a["issues"], *b["issues"]}):
        sides = [side["issues"][intent] for side in (a, b) if intent in side["issues"]]
        conversations: dict[str, float] = {}
        for side in sides:
            for conversation, at in side["conversations"].items():
                conversations[conversation] = max(at, conversations.get(conversation, at))
        merged["issues"][intent] = {
            "first_at": min(side["first_at"] for side in sides),
            "last_at": max(side["last_at"] for side in sides),
            "mentions": sum(side["mentions"] for side in sides),
            "conversations": _newest(conversations, MAX_CONVERSATIONS),
        }
    merged["escalations"] = {
        "count": a["escalations"]["count"] + b["escalations"]["count"],
        "last_at": _latest(a["escalations"]["last_at"], b["escalations"]["last_at"]),
        "weight": _merge_mean(a["escalations"]["weight"], b["escalations"]["weight"], ESCALATION_HALF_LIFE),
    }
    return merged


def summary(profile: dict, *, now: float | None = None) -> dict:
    """Return what the engine, the rules and the customer's own export read.

    Counted values stand as they are; every inferred one is `{"value", "confidence" 0–1, "source"}`. `now` (UTC epoch
    seconds) fades everything to that moment; without it the moment is the last turn seen.

    :raises ValueError: when the profile is of another version.
    """
    _check_version(profile)
    last_seen = profile["last_seen"]
    moment = last_seen if now is None else now if last_seen is None else max(now, last_seen)
    sentiment, frustration = profile["sentiment"], profile["frustration"]
    issues = [
        {
            "intent": intent,
            "open": _is_open(issue, profile["resolved_at"], moment),
            "repeated": len(issue["conversations"]) > 1,
            "mentions": issue["mentions"],
            "first_at": issue["first_at"],
            "last_at": issue["last_at"],
        }
        for intent, issue in sorted(profile["issues"].items())
    ]
    return {
        "version": PROFILE_VERSION,
        "messages": profile["messages"],
        "unknown": profile["unknown"],
        "first_seen": profile["first_seen"],
        "last_seen": last_seen,
        "active_hours": _leading(profile["hours"], moment, HABIT_HALF_LIFE, 3, "message times", key="hour"),
        "channels": _leading(profile["channels"], moment, HABIT_HALF_LIFE, 3, "channels written on"),
        "topics": _leading(profile["topics"], moment, INTEREST_HALF_LIFE, 5, "intents"),
        "products": _leading(profile["products"], moment, INTEREST_HALF_LIFE, 5, "products named"),
        "sentiment": _inferred(sentiment["level"], moment, MOOD_HALF_LIFE),
        "sentiment_trend": _trend(sentiment, moment),
        "frustration": _inferred(frustration["level"], moment, MOOD_HALF_LIFE),
        "frustration_trend": _trend(frustration, moment),
        "issues": issues,
        "open_issues": sum(issue["open"] for issue in issues),
        "repeated_issues": sum(issue["open"] and issue["repeated"] for issue in issues),
        "escalations": profile["escalations"]["count"],
        "last_escalation_at": profile["escalations"]["last_at"],
        "recent_escalations": round(_faded(profile["escalations"]["weight"], moment, ESCALATION_HALF_LIFE)[1], 4),
    }


# --- decayed sums: {"at": reference time, name: weight as of that time} ---------------------------


def _sums() -> dict:
    return {"at": None, "weights": {}}


def _mean() -> dict:
    return {"at": None, "sum": 0.0, "weight": 0.0}


def _decay(age: float, half_life: float) -> float:
    return 2.0 ** (-age / half_life)


def _add(sums: dict, name: str, weight: float, at: float, half_life: float) -> None:
    addition = {"at": at, "weights": {name: weight}}
    merged = _merge_sums(sums, addition, half_life)
    sums["at"], sums["weights"] = merged["at"], merged["weights"]


def _merge_sums(a: dict, b: dict, half_life: float) -> dict:
    at = _latest(a["at"], b["at"])
    weights: dict[str, float] = {}
    for side in (a, b):
        if side["at"] is None:
            continue
        factor = _decay(at - side["at"], half_life)
        for name, weight in side["weights"].items():
            weights[name] = weights.get(name, 0.0) + weight * factor
    kept = sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:MAX_NAMES]
    return {"at": at, "weights": dict(sorted(kept))}


def _add_mean(mean: dict, value: float, at: float, half_life: float) -> None:
    mean.update(_merge_mean(mean, {"at": at, "sum": value, "weight": 1.0}, half_life))


def _merge_mean(a: dict, b: dict, half_life: float) -> dict:
    at = _latest(a["at"], b["at"])
    total, weight = 0.0, 0.0
    for side in (a, b):
        if side["at"] is not None:
            factor = _decay(at - side["at"], half_life)
            total += side["sum"] * factor
            weight += side["weight"] * factor
    return {"at": at, "sum": total, "weight": weight}


def _faded(mean: dict, moment: float | None, half_life: float) -> tuple[float, float]:
    """The mean's value, and its weight of evidence at `moment`."""
    if mean["at"] is None or mean["weight"] <= 0.0:
        return 0.0, 0.0
    return mean["sum"] / mean["weight"], mean["weight"] * _decay(max(0.0, moment - mean["at"]), half_life)


def _observe(mood: dict, value: float, at: float) -> None:
    _add_mean(mood["moment"], value, at, MOMENT_HALF_LIFE)
    _add_mean(mood["level"], value, at, MOOD_HALF_LIFE)


# --- what the summary says ------------------------------------------------------------------------


def _confidence(evidence: float) -> float:
    return round(evidence / (evidence + HALF_CERTAIN), 4)


def _inferred(mean: dict, moment: float | None, half_life: float) -> dict:
    value, evidence = _faded(mean, moment, half_life)
    return {"value": round(value, 4), "confidence": _confidence(evidence), "source": "insight model"}


def _trend(mood: dict, moment: float | None) -> dict:
    """How the last hours differ from the usual level: above 0 is more of it than usual."""
    recent, evidence = _faded(mood["moment"], moment, MOMENT_HALF_LIFE)
    level, _ = _faded(mood["level"], moment, MOOD_HALF_LIFE)
    return {"value": round(recent - level, 4), "confidence": _confidence(evidence), "source": "insight model"}


def _leading(
    sums: dict, moment: float | None, half_life: float, count: int, source: str, key: str = "name"
) -> list[dict]:
    total = sum(sums["weights"].values())
    if total <= 0.0:
        return []
    confidence = _confidence(total * _decay(max(0.0, moment - sums["at"]), half_life))
    ranked = sorted(sums["weights"].items(), key=lambda item: (-item[1], item[0]))[:count]
    return [
        {
            key: int(name) if key == "hour" else name,
            "value": round(weight / total, 4),  # share of all
            "confidence": confidence,
            "source": source,
        }
        for name, weight in ranked
    ]


def _is_open(issue: dict, resolved_at: float | None, moment: float) -> bool:
    resolved = resolved_at is not None and resolved_at >= issue["last_at"]
    return not resolved and moment - issue["last_at"] <= ISSUE_OPEN_SECONDS


def _mention_issue(issues: dict, intent: str, conversation_id: str, at: float) -> None:
    issue = issues.setdefault(intent, {"first_at": at, "last_at": at, "mentions": 0, "conversations": {}})
    issue["first_at"] = min(issue["first_at"], at)
    issue["last_at"] = max(issue["last_at"], at)
    issue["mentions"] += 1
    conversations = issue["conversations"]
    conversations[conversation_id] = max(at, conversations.get(conversation_id, at))
    issue["conversations"] = _newest(conversations, MAX_CONVERSATIONS)


def _newest(times: dict[str, float], count: int) -> dict[str, float]:
    kept = sorted(times.items(), key=lambda item: (-item[1], item[0]))[:count]
    return dict(sorted(kept))


def _earliest(a: float | None, b: float | None) -> float | None:
    return min((at for at in (a, b) if at is not None), default=None)


def _latest(a: float | None, b: float | None) -> float | None:
    return max((at for at in (a, b) if at is not None), default=None)


# --- what is refused ------------------------------------------------------------------------------


def _check_version(profile: Mapping[str, Any]) -> None:
    version = profile.get("version")
    if version != PROFILE_VERSION:
        raise ValueError(
            f"profile version={version!r}: expected {PROFILE_VERSION}; rebuild the profile from the stored turns"
        )


def _check_turn(turn: TurnFacts, now: float) -> None:
    for key, value in (("at", turn.at), ("now", now)):
        if not math.isfinite(value):
            raise ValueError(f"{key}={value!r}: expected a finite UTC epoch second; pass the time of acceptance")
    checked = {"intent_confidence": turn.intent_confidence}
    if turn.frustration is not None:
        checked["frustration"] = turn.frustration
    if turn.sentiment is not None:
        for label in ("negative", "positive"):
            if label not in turn.sentiment:
                raise ValueError(f"sentiment={dict(turn.sentiment)!r}: expected the key {label!r}; pass all three")
            checked[f"sentiment.{label}"] = turn.sentiment[label]
    for key, value in checked.items():
        if not -1e-6 <= value <= 1.0 + 1e-6:  # float32 probabilities may pass 1 by a rounding error
            raise ValueError(f"{key}={value!r}: expected a number from 0 to 1; pass the model's probability")
