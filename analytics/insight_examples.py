"""Training examples of the insight model: hand-labelled lines and dialogues, and weak labels from imported logs.

A label that nobody gave is None; it becomes a zero sample weight, so an example teaches only what is known of it.
"""

import csv
import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from analytics.features import Turn
from analytics.insight_network import EMOTIONS, SENTIMENTS

#: How frustrated a customer is who opens with a line of this emotion, and how much that guess weighs.
LINE_FRUSTRATION = {
    "angry": (0.9, 0.6),
    "disappointed": (0.5, 0.2),
    "anxious": (0.3, 0.2),
    "thankful": (0.02, 0.5),
    "neutral": (0.03, 0.5),
}
#: A word says less than a sentence, and a sarcastic sentence turns it round.
WORD_WEIGHT = 0.5

#: The second half of a conversation that was rated badly or handed over is taken as frustrated, one that was rated
#: well as not: both are guesses about single messages, hence the small weights (bad, handed over, good).
BAD_LOG = (0.7, 0.3)
TRANSFERRED_LOG = (0.55, 0.15)
GOOD_LOG = (0.05, 0.3)

_FIRST_DAY = 1_790_000_000.0


class LogMessage(Protocol):
    """A message of an imported conversation."""

    at: float
    sender: str
    text: str


class LogConversation(Protocol):
    """An imported conversation, as `nlu_data.logs.read_conversations` gives it."""

    messages: Sequence[Any]
    satisfaction: int | None
    transferred: bool


@dataclass(frozen=True)
class LabelledLine:
    """One customer line with what a person reads in it."""

    text: str
    sentiment: str | None
    emotion: str | None = None
    sarcastic: bool = False


@dataclass(frozen=True)
class LabelledDialogue:
    """A conversation in which a person marked the customer turns by which patience is lost."""

    id: str
    turns: tuple[Turn, ...]
    frustrated: tuple[bool | None, ...]  # one for each turn, None for turns of the other side


@dataclass(frozen=True, kw_only=True)
class Example:
    """A history that ends with a customer message, its labels, and how much the frustration label weighs."""

    history: tuple[Turn, ...]
    sentiment: str | None = None
    emotion: str | None = None
    frustration: float | None = None
    frustration_weight: float = 0.0
    line_weight: float = 1.0  # how much sentiment and emotion weigh
    sarcastic: bool = False
    hand_labelled: bool = False  # the frustration was marked by a person in this very dialogue


def read_lines(path: Path) -> list[LabelledLine]:
    """Read a CSV with the columns text, sentiment, emotion (both may be empty) and optionally sarcastic.

    :raises ValueError: naming file and line, for a missing column, an empty text or an unknown label.
    """
    lines = []
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = {"text", "sentiment"} - set(reader.fieldnames or ())
        if missing:
            raise ValueError(f"{path.name}:1: columns {reader.fieldnames!r}: expected also {sorted(missing)}")
        for row in reader:
            where = f"{path.name}:{reader.line_num}"
            if not (row["text"] or "").strip():
                raise ValueError(f"{where}: text={row['text']!r}: expected a text; remove the line")
            sentiment = _label(where, "sentiment", row["sentiment"], SENTIMENTS)
            emotion = _label(where, "emotion", row.get("emotion"), EMOTIONS)
            lines.append(LabelledLine(row["text"], sentiment, emotion, row.get("sarcastic") == "true"))
    return lines


def read_dialogues(path: Path) -> list[LabelledDialogue]:
    """Read JSON lines {"id", "turns": [{"sender", "text", "seconds", "frustrated" on customer turns}]}.

    `seconds` counts from the previous turn. The dialogues get a made-up time of day that depends on their id only.

    :raises ValueError: naming file and line, for what is not such a line.
    """
    dialogues = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            record = json.loads(line)
            at = _invented_start(record["id"])
            turns, frustrated = [], []
            for turn in record["turns"]:
                at += float(turn["seconds"])
                turns.append(Turn(str(turn["text"]), at, str(turn["sender"])))
                frustrated.append(turn.get("frustrated") if turn["sender"] == "customer" else None)
        except (json.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            raise ValueError(
                f"{path.name}:{number}: {error!r}; expected an object with id and turns of sender, text, seconds"
            ) from error
        dialogues.append(LabelledDialogue(str(record["id"]), tuple(turns), tuple(frustrated)))
    return dialogues


def word_examples(words: Iterable[LabelledLine]) -> list[Example]:
    """Single words and short phrases with their sentiment: lighter than a line, and silent about frustration."""
    return [
        replace(example, frustration=None, frustration_weight=0.0, line_weight=WORD_WEIGHT)
        for example in line_examples(words)
    ]


def line_examples(lines: Iterable[LabelledLine]) -> list[Example]:
    """Each line as a conversation that has just begun."""
    examples = []
    for line in lines:
        frustration, weight = LINE_FRUSTRATION.get(line.emotion or "", (None, 0.0))
        if line.emotion == "neutral" and line.sentiment == "negative":
            frustration, weight = None, 0.0
        turn = Turn(line.text, _invented_start(line.text), "customer")
        examples.append(
            Example(
                history=(turn,),
                sentiment=line.sentiment,
                emotion=line.emotion,
                frustration=frustration,
                frustration_weight=weight,
                sarcastic=line.sarcastic,
            )
        )
    return examples


def dialogue_examples(dialogues: Iterable[LabelledDialogue]) -> list[Example]:
    """Each marked customer turn with all that came before it; its sentiment is not known."""
    return [
        Example(
            history=dialogue.turns[: index + 1],
            frustration=float(frustrated),
            frustration_weight=1.0,
            hand_labelled=True,
        )
        for dialogue in dialogues
        for index, frustrated in enumerate(dialogue.frustrated)
        if frustrated is not None
    ]


def log_examples(conversations: Iterable[LogConversation]) -> list[Example]:
    """The customer turns of rated or transferred conversations, weakly labelled; others say nothing and are left out.

    Messages are put in order of time first. A message with an empty text is skipped.
    """
    examples = []
    for conversation in conversations:
        satisfaction = conversation.satisfaction
        bad = satisfaction is not None and satisfaction <= 2
        good = satisfaction is not None and satisfaction >= 4 and not conversation.transferred
        if not (bad or good or conversation.transferred):
            continue
        turns = tuple(_turn_of(message) for message in sorted(conversation.messages, key=_time_of) if _text_of(message))
        customer = [index for index, turn in enumerate(turns) if turn.sender == "customer"]
        for order, index in enumerate(customer):
            late = order >= len(customer) / 2
            if not good and not late:
                continue
            frustration, weight = BAD_LOG if bad else GOOD_LOG if good else TRANSFERRED_LOG
            examples.append(Example(history=turns[: index + 1], frustration=frustration, frustration_weight=weight))
    return examples


def _field(message: Any, name: str) -> Any:
    return message[name] if isinstance(message, dict) else getattr(message, name)


def _time_of(message: Any) -> float:
    return float(_field(message, "at"))


def _text_of(message: Any) -> str:
    return str(_field(message, "text")).strip()


def _turn_of(message: Any) -> Turn:
    return Turn(_text_of(message), _time_of(message), str(_field(message, "sender")))


def _invented_start(key: str) -> float:
    """A time within one day that depends on `key` alone, so that the hour of the day teaches nothing."""
    return _FIRST_DAY + zlib.crc32(key.encode()) % 86_400


def _label(where: str, key: str, value: str | None, known: Sequence[str]) -> str | None:
    value = (value or "").strip()
    if value and value not in known:
        raise ValueError(f"{where}: {key}={value!r}: expected one of {', '.join(known)}, or nothing if unknown")
    return value or None
