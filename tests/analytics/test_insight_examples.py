"""Where labels come from, and that what nobody labelled stays unknown."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from analytics.insight_examples import (
    BAD_LOG,
    GOOD_LOG,
    TRANSFERRED_LOG,
    WORD_WEIGHT,
    LabelledLine,
    dialogue_examples,
    line_examples,
    log_examples,
    read_dialogues,
    read_lines,
    word_examples,
)

SENTIMENT_FOLDER = Path(__file__).parents[2] / "nlu_data" / "sentiment"


@dataclass
class Message:
    at: float
    sender: str
    text: str


@dataclass
class Conversation:
    satisfaction: int | None = None
    transferred: bool = False
    messages: list[Message] = field(
        default_factory=lambda: [
            Message(40.0, "customer", "四"),
            Message(10.0, "customer", "一"),
            Message(15.0, "agent", "您好"),
            Message(20.0, "customer", "二"),
            Message(25.0, "customer", "  "),
            Message(30.0, "customer", "三"),
        ]
    )


@pytest.mark.parametrize(
    ("conversation", "texts", "label"),
    [
        (Conversation(satisfaction=1), ["三", "四"], BAD_LOG),
        (Conversation(satisfaction=2, transferred=True), ["三", "四"], BAD_LOG),
        (Conversation(transferred=True), ["三", "四"], TRANSFERRED_LOG),
        (Conversation(satisfaction=5), ["一", "二", "三", "四"], GOOD_LOG),
        (Conversation(satisfaction=3), [], None),
        (Conversation(), [], None),
    ],
)
def test_weak_labels_of_logs(conversation: Conversation, texts: list[str], label: tuple | None) -> None:
    examples = log_examples([conversation])

    assert [example.history[-1].text for example in examples] == texts
    assert {(example.frustration, example.frustration_weight) for example in examples} == ({label} if label else set())
    assert all(example.sentiment is None for example in examples)


def test_messages_are_put_in_order_of_time() -> None:
    examples = log_examples([Conversation(satisfaction=5)])

    assert [turn.text for turn in examples[-1].history] == ["一", "您好", "二", "三", "四"]


def test_a_line_without_an_emotion_says_nothing_about_frustration() -> None:
    (example,) = line_examples([LabelledLine("嗯", "neutral")])

    assert (example.sentiment, example.emotion, example.frustration) == ("neutral", None, None)


def test_a_word_weighs_less_and_is_silent_about_frustration() -> None:
    (example,) = word_examples([LabelledLine("垃圾", "negative", "angry")])

    assert (example.sentiment, example.emotion) == ("negative", "angry")
    assert (example.line_weight, example.frustration, example.frustration_weight) == (WORD_WEIGHT, None, 0.0)


def test_dialogues_are_read_with_their_times(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    path.write_text(
        '{"id": "a", "turns": [{"sender": "customer", "text": "在吗", "seconds": 0, "frustrated": false}, '
        '{"sender": "bot", "text": "在的", "seconds": 2}, '
        '{"sender": "customer", "text": "退钱", "seconds": 30.5, "frustrated": true}]}\n',
        encoding="utf-8",
    )

    (dialogue,) = read_dialogues(path)
    examples = dialogue_examples([dialogue])

    assert [turn.at - dialogue.turns[0].at for turn in dialogue.turns] == [0.0, 2.0, 32.5]
    assert [(len(example.history), example.frustration) for example in examples] == [(1, 0.0), (3, 1.0)]
    assert all(example.hand_labelled for example in examples)


@pytest.mark.parametrize("line", ["{", "[]", '{"id": "a"}', '{"id": "a", "turns": [{"sender": "bot", "text": "x"}]}'])
def test_a_bad_dialogue_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "d.jsonl"
    path.write_text(f'{{"id": "a", "turns": []}}\n{line}\n', encoding="utf-8")

    with pytest.raises(ValueError, match=r"d\.jsonl:2: "):
        read_dialogues(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("text,label\n你好,neutral\n", r"l\.csv:1: .*sentiment"),
        ("text,sentiment,emotion\n你好,neutral,neutral\n好,happy,neutral\n", r"l\.csv:3: sentiment='happy'.*negative"),
        ("text,sentiment,emotion\n你好,neutral,bored\n", r"l\.csv:2: emotion='bored'"),
        ("text,sentiment,emotion\n ,neutral,neutral\n", r"l\.csv:2: text=' '"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "l.csv"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(ValueError, match=said):
        read_lines(path)


def test_the_shipped_material_is_what_it_claims() -> None:
    lines = read_lines(SENTIMENT_FOLDER / "lines.csv")
    dialogues = read_dialogues(SENTIMENT_FOLDER / "dialogues.jsonl")

    assert len({line.text for line in lines}) == len(lines) >= 700
    for sentiment in ("negative", "neutral", "positive"):
        assert sum(line.sentiment == sentiment for line in lines) >= len(lines) / 4
    sarcastic = [line for line in lines if line.sarcastic]
    assert len(sarcastic) >= 100
    assert {line.sentiment for line in sarcastic} == {"negative"}
    assert len({dialogue.id for dialogue in dialogues}) == len(dialogues) >= 60
    frustrated = sum(any(dialogue.frustrated) for dialogue in dialogues)
    assert len(dialogues) / 4 <= frustrated <= len(dialogues) / 2
