"""The intent model: what it learns, how sure it is, what it turns away, and that it comes back as it was saved."""

import numpy as np
import pytest

from bot.components.intent_model import (
    OUT_OF_SCOPE,
    IntentModel,
    calibration_error,
    softmax,
    sparse_features,
    word_for_word,
)

ASKED = {
    "ask_shipping_time": [
        "多久发货",
        "什么时候能发货",
        "几天可以发出",
        "今天下单何时发货",
        "发货要多长时间",
        "下单后多久发出",
    ],
    "ask_invoice": ["怎么开发票", "发票在哪里开", "能开电子发票吗", "我想要发票", "发票抬头怎么填", "开发票要多久"],
    "greet": ["你好", "您好呀", "在吗", "哈喽你好", "早上好", "有人在吗"],
    OUT_OF_SCOPE: ["今天天气怎么样", "写一首诗", "股票会涨吗", "讲个笑话", "世界杯谁赢了", "帮我算一道数学题"],
}
TEXTS = [text for texts in ASKED.values() for text in texts]
LABELS = [intent for intent, texts in ASKED.items() for _ in texts]


def vectors(texts):
    """Vectors without meaning: what is learned here is learned from the characters."""
    return np.stack([np.random.default_rng(len(text)).normal(size=8) for text in texts]).astype(np.float32)


def train(**changes) -> IntentModel:
    arguments = {"in_scope_cost": 0.1, "dense_weight": 0.0, "regularisation": 1.0, "seed": 1, **changes}
    return IntentModel.train(TEXTS, LABELS, vectors(TEXTS), **arguments)


@pytest.fixture(scope="module")
def model() -> IntentModel:
    return train()


@pytest.mark.parametrize(
    "text, intent", [("请问多久能发货", "ask_shipping_time"), ("电子发票怎么开", "ask_invoice"), ("你好呀", "greet")]
)
def test_a_new_wording_is_understood(model, text, intent):
    probabilities = model.probabilities(text, np.zeros(8, np.float32))
    assert probabilities.sum() == pytest.approx(1.0, abs=1e-5)
    assert model.intents[int(probabilities.argmax())] == intent


def test_below_the_threshold_it_is_out_of_scope(model):
    unsure = np.full(len(model.intents), 1 / len(model.intents), np.float32)
    model_sure = model.threshold
    try:
        model.threshold = 0.9
        unsure[model.intents.index("greet")] += 0.1
        assert model.decide(unsure)[0] == OUT_OF_SCOPE
        model.threshold = 0.1
        assert model.decide(unsure)[0] == "greet"
    finally:
        model.threshold = model_sure


def test_the_threshold_keeps_the_cost(model):
    assert model.report.accepted >= 0.9 - 1e-9 or model.threshold == 0.0


def test_the_same_seed_gives_the_same_model(model):
    again = train()
    text, vector = "几天能发出来", np.zeros(8, np.float32)
    assert np.array_equal(model.probabilities(text, vector), again.probabilities(text, vector))
    assert model.threshold == again.threshold


def test_saved_and_loaded_it_says_the_same(model, tmp_path):
    model.save(tmp_path)
    loaded = IntentModel.load(tmp_path)
    vector = vectors(["发票什么时候开好"])[0]
    assert np.allclose(
        loaded.probabilities("发票什么时候开好", vector), model.probabilities("发票什么时候开好", vector), atol=1e-6
    )
    assert (loaded.threshold, loaded.intents, loaded.report.accuracy) == (
        model.threshold,
        model.intents,
        model.report.accuracy,
    )


def test_second_hand_examples_teach_but_are_not_counted():
    trusted = [True] * (len(TEXTS) - 6) + [False] * 6
    assert train(trusted=trusted).report.examples == len(TEXTS) - 6


def test_too_few_examples_are_named():
    with pytest.raises(ValueError, match="'greet': 1 examples"):
        IntentModel.train(
            ["你好", *TEXTS[:12]],
            ["greet", *LABELS[:12]],
            vectors(["你好", *TEXTS[:12]]),
            in_scope_cost=0.1,
            dense_weight=0.0,
            regularisation=1.0,
            seed=1,
        )


def test_long_numbers_are_all_alike():
    assert sparse_features("订单YS2611050001") == sparse_features("订单YS2611089999")
    assert sparse_features("3天") != sparse_features("7天")


def test_softmax_and_calibration_error():
    assert softmax(np.array([[1000.0, 1000.0]])).tolist() == [[0.5, 0.5]]
    certain = np.array([1.0, 1.0, 1.0, 1.0])
    assert calibration_error(certain, np.array([True] * 4)) == 0.0
    assert calibration_error(certain, np.array([True, True, False, False])) == pytest.approx(0.5)


def test_word_for_word_a_labelled_example_is_its_intent(model, tmp_path):
    model.save(tmp_path)
    for each in (model, IntentModel.load(tmp_path)):
        probabilities = each.probabilities("发票在哪里开？！", np.zeros(8, np.float32))
        assert probabilities[each.intents.index("ask_invoice")] >= 0.98
        assert probabilities.sum() == pytest.approx(1.0, abs=1e-5)


def test_an_example_under_two_intents_is_nobodys():
    assert word_for_word(["取消！", "取消", "你好"], ["cancel", "ask_cancel_order", "greet"]) == {"你好": "greet"}
