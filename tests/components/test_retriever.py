"""The retriever leaves the composed answer on each message; a broken database costs the answer, never the turn."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.encoder import FingerprintedEncoder
from bot.components.message_keys import INTENT_PROBABILITIES, KNOWLEDGE, SENTENCE_ENCODER, SENTENCE_VECTOR
from bot.components.retriever import CALIBRATION_FILE, KnowledgeRetriever
from bot.engine.nlg import HUMAN_BUTTON, NOT_AVAILABLE, respond
from retrieval.calibration import Calibration
from tests.components.conftest import CONTEXT, FREIGHT, POINTS, WARRANTY

RESOURCE = Resource("retriever")


@pytest.fixture
def retriever(storage, calibration, knowledge, files, monkeypatch) -> KnowledgeRetriever:
    """The component as a worker loads it, on the test's own database."""
    monkeypatch.setenv("YINGDA_DATABASE_URL", knowledge.url)
    with storage.write_to(RESOURCE) as directory:
        (directory / CALIBRATION_FILE).write_text(json.dumps(calibration.as_dict()), encoding="utf-8")
    return KnowledgeRetriever.load(config(files), storage, RESOURCE, CONTEXT)


@pytest.fixture
def ask(retriever, encoder):
    """Send one message through the component; returns what it left on it, None for nothing."""

    def ask(text: str, **more):
        message = Message({"text": text, **more})
        message.set(SENTENCE_VECTOR, encoder.encode([text])[0])
        message.set(SENTENCE_ENCODER, FingerprintedEncoder(encoder))
        assert retriever.process([message]) == [message]
        return message.get(KNOWLEDGE)

    return ask


def config(files: Path) -> dict:
    return {**KnowledgeRetriever.get_default_config(), "knowledge": str(files)}


def test_the_answer_names_its_source(ask, knowledge):
    knowledge.publish(FREIGHT, POINTS)

    found = ask("满多少包邮")

    assert (found["kind"], found["text"]) == ("template", FREIGHT.body)
    assert [(source["entry_id"], source["revision"]) for source in found["sources"]] == [("ship-fee", 1)]
    assert json.loads(json.dumps(found)) == found, "parse data is stored as JSON"


def test_each_question_is_answered_from_the_knowledge_of_its_moment(ask, knowledge):
    knowledge.publish(FREIGHT, POINTS)
    assert ask("保修多久")["kind"] != "template"

    knowledge.publish(WARRANTY)
    assert ask("保修多久")["text"] == WARRANTY.body

    knowledge.publish(replace(WARRANTY, body="整机保修两年。"))
    found = ask("保修多久")
    assert (found["text"], found["sources"][0]["revision"]) == ("整机保修两年。", 2)

    knowledge.retire("warranty")
    found = ask("保修多久")
    assert found["kind"] != "template"
    assert "warranty" not in {hit["entry_id"] for hit in found["nearest"]}


def test_an_expired_answer_is_not_given(ask, knowledge):
    knowledge.publish(FREIGHT, replace(POINTS, valid_until=1_000.0))
    found = ask("积分怎么用")
    assert POINTS.body not in found["text"]
    assert "points" not in {hit["entry_id"] for hit in found["nearest"]}


def test_a_failing_database_leaves_no_knowledge_and_the_customer_is_told(ask, knowledge, caplog):
    knowledge.publish(FREIGHT)
    assert ask("满多少包邮")["text"] == FREIGHT.body
    with knowledge.engine.connect() as connection:
        connection.exec_driver_sql("DROP TABLE knowledge_clock")

    left = ask("满多少包邮")

    assert left is None
    assert "knowledge could not be searched" in caplog.text
    reply = respond(left)
    assert (reply["text"], reply["buttons"]) == (NOT_AVAILABLE, [HUMAN_BUTTON])


def test_it_answers_again_when_the_database_is_back(ask, knowledge):
    knowledge.publish(FREIGHT)
    with knowledge.engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE knowledge_entries RENAME TO away")
    assert ask("满多少包邮") is None
    with knowledge.engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO knowledge_entries")
    assert ask("满多少包邮")["text"] == FREIGHT.body


def test_files_answer_where_the_database_holds_nothing(ask):
    assert ask("客服几点上班")["text"] == "每天 9:00–21:00。"


def test_a_picked_question_is_answered_while_it_is_published(ask, knowledge):
    # The button of an offered question sends its title, as if typed.
    knowledge.publish(FREIGHT, POINTS)
    assert ask(POINTS.title)["text"] == POINTS.body

    knowledge.retire("points")
    assert ask(POINTS.title)["text"] != POINTS.body


def test_another_language_than_the_customers_is_not_quoted(ask, knowledge):
    knowledge.publish(FREIGHT)
    assert ask("满多少包邮", metadata={"language": "en"})["sources"] == []


def test_the_classifiers_intents_move_the_scores(ask, knowledge):
    knowledge.publish(replace(FREIGHT, tags=("intent:ask_shipping_fee",)))

    def score(probability: float) -> float:
        intents = {"ask_shipping_fee": probability, "ask_membership": 1 - probability}
        (hit,) = ask("邮费", **{INTENT_PROBABILITIES: intents})["nearest"]
        return hit["score"]

    assert score(0.95) > score(0.05)


def test_an_empty_message_is_left_alone(retriever):
    message = Message({"text": ""})
    retriever.process([message])
    assert message.get(KNOWLEDGE) is None


def test_training_writes_the_calibration_that_loading_reads(storage, encoder, tmp_path):
    drafts = (FREIGHT, POINTS, WARRANTY)
    entries = [
        {
            "id": draft.id,
            "question": draft.title,
            "variants": [draft.title[:-1], *draft.variants, f"请问{draft.variants[0]}"],
            "answer": draft.body,
        }
        for draft in drafts
    ]
    (tmp_path / "knowledge" / "faq").mkdir(parents=True)
    (tmp_path / "knowledge" / "faq" / "all.yml").write_text(json.dumps(entries, ensure_ascii=False), encoding="utf-8")
    examples = []
    for intent, texts in {
        "ask_shipping_fee": ["运费多少钱", "要付运费吗", "邮费怎么收", "包邮吗", "运费怎么收"],
        "ask_membership": ["积分抵多少钱", "积分有什么用", "我有多少积分", "积分换钱", "积分怎么花"],
        "out_of_scope": ["今天天气怎么样", "写一首诗", "推荐一部电影", "北京有什么好吃的", "现在几点了"],
    }.items():
        for text in texts:
            message = Message({"text": text, "intent": intent})
            message.set(SENTENCE_ENCODER, FingerprintedEncoder(encoder))
            examples.append(message)

    component = KnowledgeRetriever.create(config(tmp_path / "knowledge"), storage, RESOURCE, CONTEXT)
    assert component.train(TrainingData(examples)) == RESOURCE

    with storage.read_from(RESOURCE) as directory:
        content = json.loads((directory / CALIBRATION_FILE).read_text(encoding="utf-8"))
    fitted = Calibration.from_dict(content)
    assert fitted.as_dict() == content
    assert 0.0 < fitted.thresholds.answer <= 1.0
    assert np.isfinite(list(fitted.fusion.question.__dict__.values())).all()
    KnowledgeRetriever.load(config(tmp_path / "knowledge"), storage, RESOURCE, CONTEXT)
