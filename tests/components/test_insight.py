"""The insight component: trains from files, reads the conversation off the tracker, and never costs a turn."""

import json

import pytest
from rasa.engine.storage.resource import Resource
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from analytics.features import Turn
from bot.components.insight import MOST_EVENTS, InsightAnalyzer, history
from bot.components.message_keys import INSIGHT
from tests.components.conftest import CONTEXT

RESOURCE = Resource("insight")
LINES = """text,sentiment,emotion
骗子店铺，退钱,negative,angry
垃圾，骗子,negative,angry
太差了，退钱,negative,angry
几天能到,neutral,neutral
怎么开发票,neutral,neutral
多久发货,neutral,neutral
谢谢，很满意,positive,thankful
谢谢你,positive,thankful
非常满意,positive,thankful
"""
DIALOGUE = {
    "id": "angry",
    "turns": [
        {"sender": "customer", "text": "退款没到", "seconds": 0, "frustrated": False},
        {"sender": "bot", "text": "1–3 个工作日到账", "seconds": 5},
        {"sender": "customer", "text": "骗子！退钱！", "seconds": 20, "frustrated": True},
    ],
}


def tracker(*events) -> DialogueStateTracker:
    return DialogueStateTracker.from_events("c-1", list(events))


def said(text, at=100.0, **metadata) -> UserUttered:
    return UserUttered(text, {"name": "x", "confidence": 1.0}, timestamp=at, metadata=metadata)


@pytest.fixture
def config(tmp_path):
    labelled = tmp_path / "sentiment"
    labelled.mkdir()
    (labelled / "lines.csv").write_text(LINES, encoding="utf-8")
    (labelled / "words.csv").write_text("text,sentiment\n骗子,negative\n满意,positive\n", encoding="utf-8")
    (labelled / "dialogues.jsonl").write_text(json.dumps(DIALOGUE, ensure_ascii=False) + "\n", encoding="utf-8")
    return {
        **InsightAnalyzer.get_default_config(),
        "logs": str(tmp_path / "no-logs"),
        "labelled": str(labelled),
        "epochs": 2,
    }


def test_it_trains_shows_a_bar_and_reads_after_loading(config, storage, capsys):
    assert InsightAnalyzer.create(config, storage, RESOURCE, CONTEXT).train(TrainingData()) == RESOURCE
    shown = capsys.readouterr().out
    assert "Insight model" in shown and "2/2" in shown and "loss" in shown

    loaded = InsightAnalyzer.load(config, storage, RESOURCE, CONTEXT)
    (message,) = loaded.process([Message({"text": "骗子，退钱"})], tracker(said("退款没到")))
    insight = message.as_dict(only_output_properties=True)[INSIGHT]
    sentiment = dict(insight["sentiment"])
    label = sentiment.pop("label")
    assert sentiment[label] == max(sentiment.values())
    assert sum(sentiment.values()) == pytest.approx(1.0, abs=1e-3)
    assert 0.0 <= insight["frustration"] <= 1.0
    assert json.loads(json.dumps(insight)) == insight, "parse data is stored as JSON"


def test_the_history_is_the_conversation_as_the_tracker_knows_it():
    events = [
        said("退款没到", sent_at=90.0, behaviour={"typing_ms": 1200}),
        SlotSet("order_number", "YS2611050001"),
        ActionExecuted("utter_knowledge"),
        BotUttered(
            "1–3 个工作日到账",
            {"buttons": [{"title": "转人工客服", "payload": "/request_human"}], "custom": {"kind": "template"}},
            timestamp=101.0,
        ),
        said("/request_human", at=110.0),
        BotUttered("好的", timestamp=111.0),
    ]
    assert history(tracker(*events)) == [
        Turn("退款没到", 90.0, "customer", {"typing_ms": 1200}),
        Turn(
            "1–3 个工作日到账",
            101.0,
            "bot",
            {"buttons": [{"title": "转人工客服", "payload": "/request_human"}], "answer_kind": "template"},
        ),
        Turn("", 110.0, "customer", {"payload": "/request_human"}),
        Turn("好的", 111.0, "bot", {"buttons": []}),
    ]


def test_a_long_conversation_is_not_read_from_the_start():
    turns = history(tracker(*[said(f"第{number}句", at=float(number)) for number in range(MOST_EVENTS + 30)]))
    assert turns[-1].text == f"第{MOST_EVENTS + 29}句"
    assert len(turns) <= MOST_EVENTS


class Watched:
    """Stands in for the model to show what it is asked, or to break."""

    def __init__(self, error: Exception | None = None) -> None:
        self.asked: list[list[Turn]] = []
        self.error = error

    def score(self, turns):
        self.asked.append(list(turns))
        raise self.error or RuntimeError("only asked")


def analyzer(model) -> InsightAnalyzer:
    return InsightAnalyzer({}, None, RESOURCE, model)


def test_the_current_message_comes_last_with_its_own_time_and_behaviour():
    model = Watched()
    metadata = {"sent_at": 500.0, "behaviour": {"pasted": True}}
    analyzer(model).process([Message({"text": "人呢", "metadata": metadata})], tracker(said("在吗")))
    (turns,) = model.asked
    assert [turn.text for turn in turns] == ["在吗", "人呢"]
    assert turns[-1] == Turn("人呢", 500.0, "customer", {"pasted": True})


def test_buttons_and_empty_messages_are_not_scored():
    model = Watched()
    messages = [Message({"text": "/affirm"}), Message({"text": ""})]
    assert analyzer(model).process(messages, tracker()) == messages
    assert model.asked == []


def test_a_model_that_breaks_leaves_the_message_neutral(caplog):
    (message,) = analyzer(Watched(ValueError("broken"))).process([Message({"text": "退钱"})], tracker())
    assert message.get(INSIGHT) is None
    assert "counts as neutral" in caplog.text


@pytest.mark.parametrize("content", [None, "{"])
def test_a_damaged_model_loads_as_none_and_turns_go_on(config, storage, caplog, content):
    with storage.write_to(RESOURCE) as directory:
        if content is not None:
            for name in ("manifest.json", "model.json", "vocabulary.json"):
                (directory / name).write_text(content, encoding="utf-8")
    loaded = InsightAnalyzer.load(config, storage, RESOURCE, CONTEXT)
    assert "insight is off" in caplog.text
    (message,) = loaded.process([Message({"text": "退钱"})], tracker())
    assert message.get(INSIGHT) is None
