"""Escalation rules: which fires, what it says, and which line a mistake is on."""

from pathlib import Path

import pytest

from analytics.escalation import DEFAULT_RULES, FACTS, Firing, RulesError, first_firing, load_rules
from analytics.profiles import TurnFacts, empty_profile, summary, update_profile

HAND_OVER = "{queue: 综合客服, priority: high, reason: test, because: 测试}"


def write_rules(directory: Path, text: str) -> Path:
    path = directory / "rules.yml"
    path.write_text(text, encoding="utf-8")
    return path


def one_rule(directory: Path, when: str) -> Path:
    return write_rules(directory, f"rules:\n  - name: only\n    when: {when}\n    hand_over: {HAND_OVER}\n")


def test_a_request_for_a_human_fires_first_and_says_why() -> None:
    facts = {"intent": "request_human", "frustration": 0.95, "turns": 5, "open_handoff": False}

    firing = first_firing(load_rules(DEFAULT_RULES), facts)

    assert firing == Firing(
        "asked-for-human",
        "综合客服",
        "normal",
        "asked_for_human",
        "因为客户要求人工服务（意图为request_human）。",
    )


def test_because_quotes_the_figures(tmp_path: Path) -> None:
    path = one_rule(tmp_path, "{frustration: {at_least: 0.75}, sentiment: {is: negative}}")

    firing = first_firing(load_rules(path), {"frustration": 0.8249, "sentiment": "negative"})

    assert firing is not None
    assert firing.because == "因为测试（烦躁度 0.82，不低于 0.75；情绪为负面）。"


@pytest.mark.parametrize(
    ("when", "facts", "fires"),
    [
        ("{frustration: {at_least: 0.5}}", {"frustration": 0.5}, True),
        ("{frustration: {above: 0.5}}", {"frustration": 0.5}, False),
        ("{frustration: {at_most: 0.5}}", {"frustration": 0.5}, True),
        ("{frustration: {below: 0.5}}", {"frustration": 0.5}, False),
        ("{turns: {at_least: 2, below: 5}}", {"turns": 4}, True),
        ("{turns: {at_least: 2, below: 5}}", {"turns": 5}, False),
        ("{intent: {in: [complain, refund_status]}}", {"intent": "complain"}, True),
        ("{intent: {in: [complain, refund_status]}}", {"intent": "greet"}, False),
        ("{logged_in: {is: false}}", {"logged_in": False}, True),
        ("{not: {logged_in: {is: true}}}", {"logged_in": False}, True),
        ("{any: [{turns: {above: 9}}, {intent: {is: complain}}]}", {"turns": 1, "intent": "complain"}, True),
        ("{all: [{turns: {above: 9}}, {intent: {is: complain}}]}", {"turns": 1, "intent": "complain"}, False),
        ("{amount: {at_least: 0}}", {"amount": None}, False),
        ("{amount: {at_least: 0}}", {}, False),
        ("{profile.escalations: {at_least: 1}}", {"profile": None}, False),
    ],
)
def test_conditions(tmp_path: Path, when: str, facts: dict, fires: bool) -> None:
    assert (first_firing(load_rules(one_rule(tmp_path, when)), facts) is not None) is fires


def test_nothing_fires_while_a_hand_over_is_waiting() -> None:
    rules = load_rules(DEFAULT_RULES)
    facts = {"intent": "request_human", "frustration": 1.0, "turns": 9}

    assert first_firing(rules, {**facts, "open_handoff": False}) is not None
    assert first_firing(rules, {**facts, "open_handoff": True}) is None


def test_quiet_facts_fire_nothing() -> None:
    facts = {
        "intent": "ask_invoice",
        "intent_confidence": 0.9,
        "frustration": 0.1,
        "sentiment": "neutral",
        "sentiment_negative": 0.1,
        "unknown_in_a_row": 0,
        "turns": 2,
        "logged_in": True,
        "amount": None,
        "profile": summary(empty_profile()),
        "open_handoff": False,
    }

    assert first_firing(load_rules(DEFAULT_RULES), facts) is None


def test_the_profile_can_fire_a_rule() -> None:
    profile = empty_profile()
    for day in (0, 1):
        turn = TurnFacts(at=1e9 + day * 86_400, conversation_id=f"c{day}", intent="ask_damaged", intent_confidence=0.9)
        profile = update_profile(profile, turn, now=2e9)
    facts = {"intent": "ask_damaged", "sentiment": "negative", "turns": 1, "profile": summary(profile)}

    firing = first_firing(load_rules(DEFAULT_RULES), facts)

    assert firing is not None
    assert firing.rule == "same-issue-again"
    assert "反复出现的问题数 1，不低于 1" in firing.because


def test_every_numeric_profile_fact_stands_in_the_summary() -> None:
    seen = summary(empty_profile())
    for name in FACTS:
        if name.startswith("profile."):
            assert name.removeprefix("profile.") in seen


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "the file is empty"),
        ("rules: []\n", 1, "at least one rule"),
        ("rules:\n  - name: a\n   when: {}\n", 3, "check indentation"),
        ("rule:\n  - name: a\n", 1, "rules (did you mean it?)"),
        (f"rules:\n  - name: a\n    when: {{}}\n    hand_over: {HAND_OVER}\n", 3, "at least one condition"),
        (
            f"rules:\n  - name: a\n    when:\n      frustation: {{at_least: 1}}\n    hand_over: {HAND_OVER}\n",
            4,
            "frustration (did you mean it?)",
        ),
        (
            (
                f"rules:\n  - name: a\n    when:\n      turns: {{is: 1}}\n      frustration: {{least: 1}}\n"
                f"    hand_over: {HAND_OVER}\n"
            ),
            5,
            "one of is, at_least",
        ),
        (f"rules:\n  - name: a\n    when: {{turns: {{above: two}}}}\n    hand_over: {HAND_OVER}\n", 3, "a number"),
        (f"rules:\n  - name: a\n    when: {{turns: {{above: .nan}}}}\n    hand_over: {HAND_OVER}\n", 3, "a number"),
        (f"rules:\n  - name: a\n    when: {{sentiment: {{is: sad}}}}\n    hand_over: {HAND_OVER}\n", 3, "negative"),
        (f"rules:\n  - name: a\n    when: {{intent: {{in: complain}}}}\n    hand_over: {HAND_OVER}\n", 3, "a list"),
        (f"rules:\n  - name: a\n    when: {{logged_in: {{is: 1}}}}\n    hand_over: {HAND_OVER}\n", 3, "true or false"),
        ("rules:\n  - name: a\n    when: {turns: {is: 1}}\n", 2, "'hand_over'"),
        (
            (
                "rules:\n  - name: a\n    when: {turns: {is: 1}}\n    hand_over:\n      queue: q\n      priority: now\n"
                "      reason: r_r\n      because: b\n"
            ),
            6,
            "low, normal, high, urgent",
        ),
        (
            (
                "rules:\n  - name: a\n    when: {turns: {is: 1}}\n    hand_over:\n      queue: q\n      reason: 原因\n"
                "      because: b\n"
            ),
            6,
            "small letters",
        ),
        (
            (
                f"rules:\n  - name: a\n    when: {{turns: {{is: 1}}}}\n    hand_over: {HAND_OVER}\n"
                f"  - name: a\n    when: {{turns: {{is: 2}}}}\n    hand_over: {HAND_OVER}\n"
            ),
            5,
            "line 2 has the same",
        ),
        (
            (
                f"rules:\n  - name: a\n    when:\n      turns: {{is: 1}}\n      turns: {{is: 2}}\n"
                f"    hand_over: {HAND_OVER}\n"
            ),
            5,
            "each key once",
        ),
        (
            f"rules:\n  - name: a\n    when: &loop\n      any: [*loop]\n    hand_over: {HAND_OVER}\n",
            3,
            "an alias that contains itself",
        ),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    with pytest.raises(RulesError) as caught:
        load_rules(write_rules(tmp_path, text))

    assert str(caught.value).startswith(f"rules.yml:{line}: ")
    assert said in str(caught.value)


def test_a_missing_file_is_a_rules_error(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match="cannot be read"):
        load_rules(tmp_path / "absent.yml")
