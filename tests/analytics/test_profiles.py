"""Profiles: folding is pure, repeatable and independent of the order; decay and merging follow their definition."""

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.profiles import (
    DAY,
    INTEREST_HALF_LIFE,
    ISSUE_OPEN_SECONDS,
    TurnFacts,
    empty_profile,
    merge_profiles,
    summary,
    update_profile,
)

START = 1_790_000_000.0  # 2026-09-21 22:13:20 in Beijing


def fold(turns: list[TurnFacts], now: float = START + 400 * DAY) -> dict:
    profile = empty_profile()
    for turn in turns:
        profile = update_profile(profile, turn, now=now)
    return profile


@st.composite
def probabilities(draw: st.DrawFn) -> dict[str, float]:
    negative = draw(st.floats(0, 1))
    positive = draw(st.floats(0, 1)) * (1 - negative)
    return {"negative": negative, "neutral": 1 - negative - positive, "positive": positive}


turns = st.lists(
    st.builds(
        TurnFacts,
        at=st.floats(START, START + 300 * DAY),
        conversation_id=st.sampled_from(["c1", "c2", "c3"]),
        channel=st.sampled_from(["widget", "rest"]),
        intent=st.sampled_from([None, "thank", "ask_damaged", "track_order", "complain", "out_of_scope"]),
        intent_confidence=st.floats(0, 1),
        sentiment=st.none() | probabilities(),
        frustration=st.none() | st.floats(0, 1),
        products=st.sampled_from([(), ("空气炸锅",), ("耳机", "充电宝")]),
        unknown=st.booleans(),
        handed_over=st.booleans(),
    ),
    max_size=12,
)


@given(turns)
@settings(max_examples=60, deadline=None)
def test_rebuilding_gives_the_same_profile_and_is_json(history: list[TurnFacts]) -> None:
    assert fold(history) == fold(history, now=START + 900 * DAY)
    assert json.loads(json.dumps(fold(history), allow_nan=False)) == fold(history)


@given(turns, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_events_does_not_matter(history: list[TurnFacts], random) -> None:
    shuffled = list(history)
    random.shuffle(shuffled)

    assert_close(fold(shuffled), fold(history))


@given(turns, turns)
@settings(max_examples=60, deadline=None)
def test_merging_equals_having_been_one(a: list[TurnFacts], b: list[TurnFacts]) -> None:
    merged = merge_profiles(fold(a), fold(b))

    assert_close(merge_profiles(fold(b), fold(a)), merged)
    assert_close(merged, fold(a + b))


@given(turns)
@settings(max_examples=60, deadline=None)
def test_confidences_and_shares_are_probabilities(history: list[TurnFacts]) -> None:
    seen = summary(fold(history), now=START + 500 * DAY)
    inferred = [*seen["topics"], *seen["products"], *seen["active_hours"], *seen["channels"], seen["frustration"]]
    for item in inferred:
        assert 0 <= item["confidence"] < 1
        assert 0 <= item["value"] <= 1
        assert item["source"]
    assert -1 <= seen["sentiment"]["value"] <= 1


def assert_close(a, b) -> None:
    if isinstance(a, dict):
        assert a.keys() == b.keys()
        for key in a:
            assert_close(a[key], b[key])
    elif isinstance(a, float):
        assert a == pytest.approx(b, rel=1e-6, abs=1e-9)
    else:
        assert a == b


def test_the_input_is_left_as_it_was() -> None:
    profile = fold([TurnFacts(at=START, conversation_id="c1", intent="ask_damaged", intent_confidence=1.0)])
    before = copy.deepcopy(profile)

    update_profile(profile, TurnFacts(at=START + 9, conversation_id="c2", intent="ask_damaged"), now=START + 9)

    assert profile == before


def test_an_interest_halves_in_its_half_life() -> None:
    old = TurnFacts(at=START, conversation_id="c1", intent="ask_invoice", intent_confidence=1.0)
    new = TurnFacts(at=START + INTEREST_HALF_LIFE, conversation_id="c2", intent="track_order", intent_confidence=1.0)

    topics = {item["name"]: item["value"] for item in summary(fold([old, new]))["topics"]}

    assert topics == {"物流": pytest.approx(2 / 3, abs=1e-4), "发票": pytest.approx(1 / 3, abs=1e-4)}


def test_hours_are_the_shops_own() -> None:
    seen = summary(fold([TurnFacts(at=START, conversation_id="c1")]))

    assert seen["active_hours"][0]["hour"] == 22  # 14:13 UTC


def test_a_repeated_message_changes_nothing() -> None:
    turn = TurnFacts(at=START, conversation_id="c1", message_id="m1", frustration=0.9, handed_over=True)

    assert fold([turn, turn]) == fold([turn])


def test_a_turn_from_the_future_counts_as_of_now() -> None:
    turn = TurnFacts(at=START + 99, conversation_id="c1")

    assert update_profile(empty_profile(), turn, now=START)["last_seen"] == START


def test_an_issue_opens_repeats_and_is_closed_by_thanks_or_time() -> None:
    first = TurnFacts(at=START, conversation_id="c1", intent="ask_damaged", intent_confidence=0.8)
    again = TurnFacts(at=START + DAY, conversation_id="c2", intent="ask_damaged", intent_confidence=0.8)
    thanks = TurnFacts(at=START + DAY + 60, conversation_id="c2", intent="thank", intent_confidence=0.8)

    once, twice = summary(fold([first])), summary(fold([first, again]))

    assert (once["open_issues"], once["repeated_issues"]) == (1, 0)
    assert (twice["open_issues"], twice["repeated_issues"]) == (1, 1)
    assert summary(fold([first, again, thanks]))["open_issues"] == 0
    assert summary(fold([first]), now=START + ISSUE_OPEN_SECONDS + 1)["open_issues"] == 0


def test_a_worsening_mood_shows_as_a_trend() -> None:
    calm = [TurnFacts(at=START + day * DAY, conversation_id="c1", frustration=0.1) for day in range(10)]
    upset = TurnFacts(at=START + 10 * DAY, conversation_id="c2", frustration=0.9)

    assert summary(fold(calm))["frustration_trend"]["value"] == pytest.approx(0.0, abs=1e-6)
    assert summary(fold([*calm, upset]))["frustration_trend"]["value"] > 0.5


@pytest.mark.parametrize(
    ("turn", "said"),
    [
        (TurnFacts(at=float("nan"), conversation_id="c"), "at=nan"),
        (TurnFacts(at=START, conversation_id="c", frustration=1.5), "frustration=1.5"),
        (TurnFacts(at=START, conversation_id="c", intent_confidence=-1), "intent_confidence=-1"),
        (TurnFacts(at=START, conversation_id="c", sentiment={"positive": 0.5}), "'negative'"),
    ],
)
def test_impossible_facts_are_refused(turn: TurnFacts, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        update_profile(empty_profile(), turn, now=START)


def test_another_version_is_refused_with_the_remedy() -> None:
    with pytest.raises(ValueError, match="rebuild the profile"):
        summary({**empty_profile(), "version": 0})
