"""Reads the hand-written material: topics by category, and the voices of agents and customers."""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

MATERIAL = Path(__file__).with_name("material")
#: What a text may leave open; filled in anew for each conversation.
SLOTS = frozenset(
    "order parcel refund product other_product phone address person city email amount points date ago card".split()  # noqa: SIM905
)
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class FollowUp:
    """A question that comes up after the answer of its topic."""

    ask: tuple[str, ...]
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Topic:
    """One matter: how customers open it, how agents answer it, what is asked next.

    :ivar answers: the first three in the manners of voices.yml (warm, plain, formal), further ones fit all.
    :ivar needs: what the agent asks for before answering ("order", "phone" or "address"), or None.
    :ivar heat: how often customers come angry, 0 to 1.
    :ivar weight: how often the topic comes up, relative to the others.
    """

    name: str
    category: str
    openings: tuple[str, ...]
    answers: tuple[str, ...]
    follow_ups: tuple[FollowUp, ...]
    needs: str | None
    heat: float
    weight: float


@dataclass(frozen=True)
class Voices:
    """Lines that belong to no topic, by key; see material/voices.yml."""

    lines: dict[str, tuple[str, ...]]

    def __getitem__(self, key: str) -> tuple[str, ...]:
        return self.lines[key]


def read_topics(directory: Path = MATERIAL) -> list[Topic]:
    """Return the topics of all material files except the voices, files in the order of their names.

    :raises ValueError: when a topic lacks a part or a text names an unknown slot; names file and topic.
    """
    topics: list[Topic] = []
    for path in sorted(directory.glob("*.yml")):
        if path.stem == "voices":
            continue
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for item in content["topics"]:
            where = f"{path.name}, topic {item.get('topic')!r}"
            if len(_texts(item, "answers", where)) < 3:
                raise ValueError(f"{where}: {len(item['answers'])} answers; expected one for each of the 3 manners")
            topics.append(
                Topic(
                    name=item["topic"],
                    category=content["category"],
                    openings=_texts(item, "openings", where),
                    answers=_texts(item, "answers", where),
                    follow_ups=tuple(
                        FollowUp(_texts(follow, "ask", where), _texts(follow, "answers", where))
                        for follow in item.get("follow_ups", ())
                    ),
                    needs=item.get("needs"),
                    heat=float(item.get("heat", 0.06)),
                    weight=float(item.get("weight", 1.0)),
                )
            )
    return topics


def read_voices(directory: Path = MATERIAL) -> Voices:
    """Return the voices.

    :raises ValueError: when a line names an unknown slot.
    """
    content = yaml.safe_load((directory / "voices.yml").read_text(encoding="utf-8"))
    return Voices({key: _texts(content, key, "voices.yml") for key in content})


def _texts(item: dict, key: str, where: str) -> tuple[str, ...]:
    texts = item.get(key)
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise ValueError(f"{where}: {key} is {texts!r}; expected a list of texts")
    for text in texts:
        unknown = set(_SLOT.findall(text)) - SLOTS
        if unknown:
            raise ValueError(f"{where}: {text!r} has unknown slots {sorted(unknown)}; known: {sorted(SLOTS)}")
    return tuple(texts)
