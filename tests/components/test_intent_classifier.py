"""The classifier component: learns from the examples' vectors, comes back as it was saved, turns the rest away."""

import pytest
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.intent_classifier import YingdaIntentClassifier
from bot.components.intent_model import OUT_OF_SCOPE, IntentModel
from bot.components.message_keys import INTENT_PROBABILITIES, SENTENCE_VECTOR
from nlu_data.importer import SECOND_HAND
from tests.components.conftest import CONTEXT
from tests.components.test_intent_model import ASKED

RESOURCE = Resource("classifier")
CONFIG = {**YingdaIntentClassifier.get_default_config(), "in_scope_cost": 0.1}


def example(encoder, text, intent=None, **more) -> Message:
    message = Message({"text": text, **({"intent": intent} if intent else {}), **more})
    message.set(SENTENCE_VECTOR, encoder.encode([text])[0])
    return message


@pytest.fixture
def examples(encoder) -> list[Message]:
    return [example(encoder, text, intent) for intent, texts in ASKED.items() for text in texts]


@pytest.fixture
def classifier(storage, examples) -> YingdaIntentClassifier:
    """Trained, and loaded as a worker loads it."""
    component = YingdaIntentClassifier.create(CONFIG, storage, RESOURCE, CONTEXT)
    assert component.train(TrainingData(examples)) == RESOURCE
    return YingdaIntentClassifier.load(CONFIG, storage, RESOURCE, CONTEXT)


def test_it_understands_after_loading(classifier, encoder):
    (message,) = classifier.process([example(encoder, "请问怎么开发票呢")])
    found = message.as_dict(only_output_properties=True)
    assert found["intent"]["name"] == "ask_invoice"
    ranking = found["intent_ranking"]
    assert ranking[0] == found["intent"]
    assert [rank["confidence"] for rank in ranking] == sorted((r["confidence"] for r in ranking), reverse=True)
    assert set(message.get(INTENT_PROBABILITIES)) == set(ASKED)
    assert sum(message.get(INTENT_PROBABILITIES).values()) == pytest.approx(1.0, abs=1e-5)


def test_it_says_after_loading_what_it_said_before(classifier, storage, examples, encoder):
    again = YingdaIntentClassifier.create(CONFIG, storage, RESOURCE, CONTEXT)
    again.train(TrainingData(examples))
    for text in ("多久发货呀", "你好", "今天股票怎么样"):
        first, second = (c.process([example(encoder, text)])[0] for c in (classifier, again))
        assert first.get("intent") == second.get("intent")


@pytest.mark.parametrize("text", ["帮我写一首关于股票的诗", "xyzzy plugh"])
def test_what_is_none_of_ours_is_out_of_scope(classifier, encoder, text):
    (message,) = classifier.process([example(encoder, text)])
    assert message.get("intent")["name"] == OUT_OF_SCOPE


def test_an_empty_message_keeps_no_intent(classifier):
    (message,) = classifier.process([Message({"text": ""})])
    assert message.get("intent") is None


def test_thresholds_are_not_fitted_on_second_hand_examples(storage, examples, encoder, monkeypatch):
    seen = {}
    train = IntentModel.train

    def watched(texts, *args, trusted, **kwargs):
        seen.update(zip(texts, trusted))
        return train(texts, *args, trusted=trusted, **kwargs)

    monkeypatch.setattr(IntentModel, "train", watched)
    mined = example(encoder, "发票什么时候开", "ask_invoice", **{SECOND_HAND: True})
    YingdaIntentClassifier.create(CONFIG, storage, RESOURCE, CONTEXT).train(TrainingData([*examples, mined]))
    assert seen.pop("发票什么时候开") is False
    assert set(seen.values()) == {True}
