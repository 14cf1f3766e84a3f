"""Behaviour features: values worked out by hand, and texts that no well-behaved customer sends."""

import math

import numpy as np
import pytest

from analytics.features import FEATURE_NAMES, MAX_TURNS, Turn, behaviour_features, named_features

NOON = 1_790_049_600.0  # 2026-09-22 12:00 in Beijing


def say(text: str, seconds: float = 0.0, sender: str = "customer", **data) -> Turn:
    return Turn(text, NOON + seconds, sender, data)


def last(history: list[Turn]) -> dict[str, float]:
    return named_features(behaviour_features(history)[-1])


def test_a_first_message() -> None:
    features = last([say("发票怎么开？")])

    assert features == {
        **dict.fromkeys(FEATURE_NAMES, 0.0),
        "present": 1.0,
        "first": 1.0,
        "length": round(math.log(7) / math.log(501), 4),
        "questions": 0.2,
        "turns": 0.1,
        "hour_cos": -1.0,
    }


def test_padding_comes_before_the_turns() -> None:
    matrix = behaviour_features([say("你好"), say("在吗", 5)])

    assert matrix.shape == (MAX_TURNS, len(FEATURE_NAMES))
    assert not matrix[:-2].any()
    assert matrix[-2:, 0].tolist() == [1.0, 1.0]


def test_pause_counts_from_the_previous_message_of_either_side() -> None:
    history = [say("查快递"), say("请提供订单号", 2, "bot"), say("YS2611050001", 12)]

    assert last(history)["pause"] == pytest.approx(math.log(11) / math.log(86_401), abs=1e-4)


def test_the_gateways_own_timing_wins_and_odd_clocks_do_no_harm() -> None:
    assert last([say("在吗", seconds_since_last=86_400.0)])["pause"] == 1.0
    assert last([say("在吗", 100), say("喂", 40)])["pause"] == 0.0


def test_repetition_is_the_dice_likeness_of_bigrams() -> None:
    # 退款|款到|到哪|哪了 against 退款|款什|什么|么时|时候|候到: one shared of 4 + 6.
    assert last([say("退款什么时候到"), say("退款到哪了", 9)])["repetition"] == pytest.approx(0.2)
    assert last([say("退款到哪了"), say("退款到哪了", 9)])["repetition"] == 1.0


@pytest.mark.parametrize(
    ("text", "feature", "value"),
    [
        ("退钱！！！", "exclamations", 0.6),
        ("退钱!!!!!!!!!", "exclamations", 1.0),
        ("人呢??", "questions", 0.4),
        ("😡😡", "emoji", 0.4),
        ("WHERE is it", "capitals", 0.5556),
        ("订单YS2611050001", "capitals", 0.0),
        ("这回答没用", "rejected", 1.0),
        ("不是这个", "rejected", 1.0),
        ("转人工", "asks_human", 1.0),
        ("我要投诉你们", "complains", 1.0),
        ("谢谢", "thanks", 1.0),
        ("几天能到", "complains", 0.0),
    ],
)
def test_signs_in_one_text(text: str, feature: str, value: float) -> None:
    assert last([say(text)])[feature] == pytest.approx(value, abs=1e-4)


def test_buttons_count_as_ignored_only_when_something_else_is_typed() -> None:
    offer = say("您想问哪个？", 1, "bot", buttons=[{"title": "退货政策"}, {"title": "退款时效"}])

    assert last([say("退"), offer, say("都不是啊", 5)])["buttons_ignored"] == 1.0
    assert last([say("退"), offer, say("退款时效", 5)])["buttons_ignored"] == 0.0
    assert last([say("退"), offer, say("退款的", 5, payload="/ask_refund_time")])["buttons_ignored"] == 0.0
    assert last([say("都不是啊", buttons_offered=True)])["buttons_ignored"] == 1.0


def test_answers_without_progress_are_counted_in_a_row() -> None:
    answer, unknown = "1–3个工作日到账。", say("…", 3, "bot", answer_kind="unknown")
    history = [say("退款没到"), say(answer, 1, "bot"), say("七天了", 2), say(answer, 3, "bot"), say("看清楚", 4)]

    assert last(history)["no_progress"] == 0.25
    assert last([*history, unknown, say("喂", 5)])["no_progress"] == 0.5
    assert last([*history, say("为您转人工，请稍等。", 5, "bot"), say("好", 6)])["no_progress"] == 0.0


def test_returning_comes_from_the_gateway() -> None:
    assert last([say("又来了", returning_within_24h=True)])["returning"] == 1.0


@pytest.mark.parametrize("text", ["", " ", "😀" * 50, "啊" * 20_000, "\x00\u200b", "'; DROP TABLE x; --", "!" * 999])
def test_odd_texts_stay_in_range(text: str) -> None:
    matrix = behaviour_features([say(text), say(text, 1)])

    assert np.isfinite(matrix).all()
    assert np.abs(matrix).max() <= 1.0


def test_a_long_conversation_looks_at_the_latest_turns_only() -> None:
    history = [say(f"第{index}个问题", index) for index in range(300)]

    matrix = behaviour_features(history)

    assert matrix[:, FEATURE_NAMES.index("present")].all()
    np.testing.assert_array_equal(matrix[-1], behaviour_features(history)[-1])
    assert named_features(matrix[-1])["turns"] == 1.0


def test_no_customer_turn_gives_padding_only() -> None:
    assert not behaviour_features([say("您好", 0, "bot")]).any()


def test_a_time_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="at=nan"):
        behaviour_features([Turn("在吗", float("nan"), "customer")])
