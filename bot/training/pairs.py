"""Pairs of texts that mean the same, for the sentence encoder: from logs and knowledge."""

import datetime as dt
import random
from dataclasses import replace
from pathlib import Path

from nlu_data.logs import read_pairs
from retrieval.calibration import LabelledQuestion, reserve_questions
from retrieval.encoder_training import TextPair
from retrieval.knowledge_files import read_knowledge
from retrieval.passages import split_article
from storage.knowledge import KnowledgeEntry

#: Share of the pairs that is held back to choose the best epoch.
VALIDATION_SHARE = 0.08
#: Mined pairs of lower quality (0–1) teach more noise than meaning.
LEAST_QUALITY = 0.3


def training_pairs(*, logs: Path, knowledge: Path, seed: int) -> tuple[list[TextPair], list[TextPair]]:
    """Return (training pairs, validation pairs), shuffled by `seed`.

    Sources: question → answer of the imported logs, question ↔ variants, question → answer and heading → passage of
    the knowledge files. Not the labelled intent examples: an encoder that has seen which of them belong together
    makes the intent classifier's cross-validation, and so its threshold, look far better than it is (measured: 0.98
    out of fold instead of 0.67).
    """
    chance = random.Random(seed)
    pairs = [TextPair(pair.question, pair.answer) for pair in read_pairs(logs) if pair.quality >= LEAST_QUALITY]
    pairs += _of_knowledge(knowledge, seed)
    pairs = list(dict.fromkeys(pairs))
    chance.shuffle(pairs)
    held_back = int(VALIDATION_SHARE * len(pairs))
    return pairs[held_back:], pairs[:held_back]


def reserved_questions(directory: Path, *, seed: int) -> tuple[list[KnowledgeEntry], list[LabelledQuestion]]:
    """Return the knowledge files' entries without one variant each, and those variants as questions with their answer.

    The variants are kept out of the encoder's training, so that the retriever's thresholds can be fitted on them.
    """
    # Validity does not matter here: an expired promotion still teaches how people ask.
    drafts = read_knowledge(directory, seed_date=dt.date(2000, 1, 1))
    always = [replace(draft, valid_from=None, valid_until=None) for draft in drafts]
    return reserve_questions([draft.as_entry() for draft in always], seed=seed)


def _of_knowledge(directory: Path, seed: int) -> list[TextPair]:
    if not directory.is_dir():
        return []
    pairs = []
    entries, _ = reserved_questions(directory, seed=seed)
    for entry in entries:
        if entry.kind == "article":
            pairs += _of_article(entry)
            continue
        asked = [entry.title, *entry.variants]
        pairs += [TextPair(question, entry.body) for question in asked]
        pairs += [TextPair(first, second) for first, second in zip(asked, asked[1:] + asked[:1]) if first != second]
    return pairs


def _of_article(entry: KnowledgeEntry) -> list[TextPair]:
    """Return each passage with its heading and with title and heading: words that only articles use get a meaning."""
    pairs = []
    for passage in split_article(entry.body):
        pairs.append(TextPair(f"{entry.title} {passage.section}".strip(), passage.text))
        if passage.section:
            pairs.append(TextPair(passage.section, passage.text))
    return pairs
