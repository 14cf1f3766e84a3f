"""Weak supervision: finds more examples of known intents among the customers' own sentences."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from nlu_data.conversations import Conversation, utterances
from nlu_data.likeness import vectoriser
from nlu_data.small_talk import bare, is_filler, without_courtesy

#: How alike (cosine) an utterance has to be to its nearest labelled example.
THRESHOLD = 0.45
#: How far the runner-up intent has to stay behind (cosine).
MARGIN = 0.08
#: Most examples that one intent gets.
PER_INTENT = 40
#: Two accepted examples of an intent may not be more alike than this; a copy teaches nothing.
TOO_ALIKE = 0.9
#: Longer utterances are stories with several matters in them.
MOST_CHARACTERS = 60

_CHUNK = 1024


class MinedExample(NamedTuple):
    """A sentence out of the logs, the intent it was given, and its cosine to the nearest labelled example."""

    text: str
    intent: str
    score: float


def customer_utterances(conversations: Iterable[Conversation]) -> list[tuple[str, str]]:
    """Return (text, category) of what customers said, split messages joined, fillers left out."""
    return [
        (utterance.text, utterance.category)
        for conversation in conversations
        for utterance in utterances(conversation, senders=("customer",))
        if not is_filler("customer", utterance.text)
    ]


def label_examples(
    candidates: Iterable,
    labelled: Mapping[str, Sequence[str]],
    families: Mapping[str, str],
    *,
    threshold: float = THRESHOLD,
    margin: float = MARGIN,
    per_intent: int = PER_INTENT,
) -> list[MinedExample]:
    """Return utterances that may be used as examples of an intent, best first within each intent.

    An utterance is accepted when its nearest labelled example is at least `threshold` alike, that example's
    intent belongs to the conversation's category, and the best example of any other intent is at least `margin`
    behind. What is labelled already, says the same as an accepted one, is longer than `MOST_CHARACTERS`, or holds
    masked data is left out. A greeting in front of the question is taken away.

    :param candidates: conversations, (text, category) tuples, or objects with `question` or `text`, and `category`.
    :param labelled: intent → its examples (plain text).
    :param families: intent → category; intents without one are still runners-up, but nothing is mined for them.
    :raises ValueError: when threshold or margin lie outside 0–1, or per_intent is negative.
    """
    for name, value in (("threshold", threshold), ("margin", margin)):
        if not 0.0 <= value <= 1.0:
            raise ValueError(f"label_examples: {name}={value}; expected 0 to 1")
    if per_intent < 0:
        raise ValueError(f"label_examples: per_intent={per_intent}; expected 0 or more")
    known = [(text, intent) for intent in sorted(labelled) for text in labelled[intent] if text.strip()]
    taken = {bare(text) for text, _ in known}
    fresh: dict[str, tuple[str, str]] = {}
    for text, category in _texts_and_categories(candidates):
        text = without_courtesy(text.strip())
        key = bare(text)
        if key and key not in taken and len(text) <= MOST_CHARACTERS and "〔" not in text:
            fresh.setdefault(key, (text, category))
    if not known or not fresh or per_intent == 0:
        return []
    proposals = _proposals(list(fresh.values()), known, families, threshold, margin)
    return _chosen(proposals, per_intent)


def _texts_and_categories(candidates: Iterable) -> Iterator[tuple[str, str]]:
    for candidate in candidates:
        if isinstance(candidate, Conversation):
            yield from customer_utterances([candidate])
        elif isinstance(candidate, tuple):
            yield candidate[0], candidate[1]
        else:
            text = getattr(candidate, "question", None)
            yield (candidate.text if text is None else text), candidate.category


def _proposals(fresh, known, families, threshold, margin):
    import numpy as np

    vectors = vectoriser().fit([text for text, _ in known] + [text for text, _ in fresh])
    examples = vectors.transform([text for text, _ in known])
    intents = sorted({intent for _, intent in known})
    column = {intent: position for position, intent in enumerate(intents)}
    # `known` is sorted by intent, so that each intent is one slice of the examples.
    starts = np.flatnonzero(np.r_[True, np.diff([column[intent] for _, intent in known]) != 0])
    found: dict[str, list[tuple[float, str, object]]] = defaultdict(list)
    for start in range(0, len(fresh), _CHUNK):
        block = vectors.transform([text for text, _ in fresh[start : start + _CHUNK]])
        likeness = np.asarray((block @ examples.T).todense())
        by_intent = np.maximum.reduceat(likeness, starts, axis=1)
        for row, (text, category) in enumerate(fresh[start : start + _CHUNK]):
            order = np.argsort(by_intent[row])[::-1]
            score = float(by_intent[row, order[0]])
            runner_up = float(by_intent[row, order[1]]) if len(intents) > 1 else 0.0
            intent = intents[order[0]]
            if score >= threshold and score - runner_up >= margin and families.get(intent) == category:
                found[intent].append((score, text, block[row]))
    return found


def _chosen(proposals, per_intent: int) -> list[MinedExample]:
    chosen: list[MinedExample] = []
    for intent in sorted(proposals):
        accepted = []
        for score, text, vector in sorted(proposals[intent], key=lambda item: (-item[0], item[1])):
            if len(accepted) == per_intent:
                break
            if all(vector.multiply(other).sum() < TOO_ALIKE for other in accepted):
                accepted.append(vector)
                chosen.append(MinedExample(text, intent, round(score, 4)))
    return chosen
