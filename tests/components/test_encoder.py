"""The encoder component learns from logs and knowledge, shows how far it is, and encodes every message once."""

import json

import numpy as np
import pytest
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from analytics.progress import EpochBar
from bot.components.encoder import SentenceEncoderFeaturizer, StepWatch
from bot.components.message_keys import SENTENCE_ENCODER, SENTENCE_VECTOR
from retrieval.encoder_training import EncoderProgress
from tests.components.conftest import CONTEXT

RESOURCE = Resource("encoder")
QUESTIONS = [
    ("invoice", "怎么开发票", ["发票在哪里开", "电子发票怎么申请", "能开发票吗"], "在我的订单里申请电子发票。"),
    ("freight", "运费怎么算", ["邮费多少钱", "满多少包邮", "要付运费吗"], "满 59 元包邮，不满收 6 元运费。"),
    ("refund", "退款多久到账", ["退款要几天", "钱什么时候退回来", "退款到哪里"], "退款 1–3 个工作日到账。"),
]


@pytest.fixture
def config(tmp_path):
    faq = tmp_path / "knowledge" / "faq"
    faq.mkdir(parents=True)
    entries = [dict(zip(("id", "question", "variants", "answer"), row)) for row in QUESTIONS]
    (faq / "all.yml").write_text(json.dumps(entries, ensure_ascii=False), encoding="utf-8")
    return {
        **SentenceEncoderFeaturizer.get_default_config(),
        "logs": str(tmp_path / "logs"),
        "knowledge": str(tmp_path / "knowledge"),
        "dimension": 16,
        "epochs": 2,
    }


def test_it_trains_shows_a_bar_and_loads_what_it_saved(config, storage, capsys):
    trained = SentenceEncoderFeaturizer.create(config, storage, RESOURCE, CONTEXT)
    assert trained.train(TrainingData()) == RESOURCE
    shown = capsys.readouterr().out
    assert "Sentence encoder" in shown and "loss" in shown

    loaded = SentenceEncoderFeaturizer.load(config, storage, RESOURCE, CONTEXT)
    first, second = (component.process([Message({"text": "发票怎么开"})])[0] for component in (trained, loaded))
    assert np.array_equal(first.get(SENTENCE_VECTOR), second.get(SENTENCE_VECTOR))
    assert first.get(SENTENCE_VECTOR).shape == (16,)
    assert np.linalg.norm(first.get(SENTENCE_VECTOR)) == pytest.approx(1.0, abs=1e-5)
    # Rasa's cache keys ask the encoder that travels on a message.
    assert first.get(SENTENCE_ENCODER).fingerprint() == second.get(SENTENCE_ENCODER).fingerprint()


@pytest.fixture
def component(config, storage, encoder) -> SentenceEncoderFeaturizer:
    return SentenceEncoderFeaturizer(config, storage, RESOURCE, CONTEXT, encoder)


def test_other_components_get_the_vector_as_a_sentence_feature(component, encoder):
    (message,) = component.process([Message({"text": "满多少包邮"})])
    (feature,) = message.features
    assert (feature.attribute, feature.type, feature.origin) == ("text", "sentence", CONTEXT.node_name)
    assert np.array_equal(feature.features[0], encoder.encode(["满多少包邮"])[0])


def test_training_examples_get_vectors_and_messages_without_text_none(component):
    data = TrainingData([Message({"text": "怎么开发票", "intent": "ask_invoice"}), Message({"intent": "greet"})])
    examples = component.process_training_data(data).training_examples
    assert [example.get(SENTENCE_VECTOR) is not None for example in examples] == [True, False]
    assert component.process([Message({"text": ""})])[0].get(SENTENCE_VECTOR) is None


def test_the_knowledge_changes_the_fingerprint_and_defaults_do_not(config, tmp_path):
    before = SentenceEncoderFeaturizer.fingerprint_addon(config)
    named = {name: config[name] for name in ("logs", "knowledge")}
    assert SentenceEncoderFeaturizer.fingerprint_addon(named) == before
    with (tmp_path / "knowledge" / "faq" / "all.yml").open("a", encoding="utf-8") as file:
        file.write("\n")
    assert SentenceEncoderFeaturizer.fingerprint_addon(config) != before


def test_the_bar_keeps_the_last_loss_through_an_epochs_end(capsys):
    with EpochBar("Sentence encoder") as bar:
        watch = StepWatch(bar)
        watch(EncoderProgress(20, 40, 1.25, None))
        watch(EncoderProgress(40, 40, None, 0.5))
    shown = capsys.readouterr().out
    assert "40/40" in shown and "loss 1.250" in shown
