"""Pairs of texts that mean the same, for the sentence encoder: from logs, knowledge and labelled examples."""

import datetime as dt
import random
from pathlib import Path

from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu_data.logs import read_pairs
from retrieval.encoder_training import TextPair
from retrieval.knowledge_files import read_knowledge

#: Partners drawn for each labelled example among those of its intent.
PARTNERS = 2
#: Share of the pairs that is held back to choose the best epoch.
VALIDATION_SHARE = 0.08
#: Mined pairs of lower quality (0–1) teach more noise than meaning.
LEAST_QUALITY = 0.3
#: Intents without a meaning of their own: their examples are not paraphrases of each other.
_NO_PARAPHRASES = frozenset({"out_of_scope", "inform"})


def training_pairs(
    training_data: TrainingData, *, logs: Path, knowledge: Path, seed: int
) -> tuple[list[TextPair], list[TextPair]]:
    """Return (training pairs, validation pairs), shuffled by `seed`.

    Sources: question → answer of the imported logs, question ↔ variants and question → answer of the knowledge
    files, and examples of the same intent.
    """
    chance = random.Random(seed)
    pairs = [TextPair(pair.question, pair.answer) for pair in read_pairs(logs) if pair.quality >= LEAST_QUALITY]
    pairs += _of_knowledge(knowledge)
    pairs += _of_intents(training_data, chance)
    pairs = list(dict.fromkeys(pairs))
    chance.shuffle(pairs)
    held_back = int(VALIDATION_SHARE * len(pairs))
    return pairs[held_back:], pairs[:held_back]


def _of_knowledge(directory: Path) -> list[TextPair]:
    if not directory.is_dir():
        return []
    pairs = []
    # Validity does not matter here: an expired promotion still teaches how people ask.
    for draft in read_knowledge(directory, seed_date=dt.date(2000, 1, 1)):
        if draft.kind != "question":
            continue
        asked = [draft.title, *draft.variants]
        pairs += [TextPair(question, draft.body) for question in asked]
        pairs += [TextPair(first, second) for first, second in zip(asked, asked[1:] + asked[:1]) if first != second]
    return pairs


def _of_intents(training_data: TrainingData, chance: random.Random) -> list[TextPair]:
    by_intent: dict[str, list[str]] = {}
    for example in training_data.intent_examples:
        by_intent.setdefault(example.get(INTENT), []).append(example.get(TEXT))
    pairs = []
    for intent, texts in sorted(by_intent.items()):
        if intent in _NO_PARAPHRASES or len(texts) < 2:
            continue
        for text in texts:
            partners = chance.sample(texts, min(PARTNERS + 1, len(texts)))
            pairs += [TextPair(text, partner) for partner in partners if partner != text][:PARTNERS]
    return pairs
