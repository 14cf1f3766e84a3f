"""Finds in a company's conversations which question got which answer, and how good that answer was."""

import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace

from nlu_data.conversations import SPLIT_SECONDS, Conversation, joined
from nlu_data.labelling import MinedExample, label_examples
from nlu_data.likeness import near_groups
from nlu_data.small_talk import bare, fixed_phrases, is_data_exchange, is_filler, shape, substance

__all__ = ["AnswerPair", "MinedExample", "conversation_pairs", "label_examples", "mine_pairs"]

#: Questions at least this alike (cosine of character n-grams) share their best answer.
NEAR = 0.8
#: A question shorter than this says too little, one longer is a story.
QUESTION_CHARACTERS = (4, 200)
ANSWER_CHARACTERS = (6, 600)
#: Pieces of a question may come with a pause; after a longer one it is another question.
PIECE_SECONDS = 3 * SPLIT_SECONDS

# An answer with somebody's order, refund or masked data in it is true for nobody else.
_PERSONAL = re.compile(r"〔[^〕]*〕|(?:YS|YT|RF)\d{8,}")


@dataclass(frozen=True)
class AnswerPair:
    """A customer's question and the best answer agents gave to it; `quality` from 0 to 1."""

    question: str
    answer: str
    category: str
    quality: float
    conversation: str

    def line(self) -> str:
        """Return the pair as one JSON line without its line break."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_line(cls, line: str) -> "AnswerPair":
        """Return the pair that `line` holds; ValueError or TypeError when it holds none."""
        return cls(**json.loads(line))


def mine_pairs(conversations: Callable[[], Iterable[Conversation]]) -> list[AnswerPair]:
    """Return one pair per distinct question, in the order of the log.

    Near-same questions of one category form a group, and each of its questions gets the group's best answer:
    the one with the highest quality, where an answer gains by being given often and by the satisfaction,
    resolution and not being transferred of the conversations in which it was given.

    :param conversations: gives the conversations anew at each call (they are gone through twice).
    """
    phrases = fixed_phrases(conversations())
    found: list[AnswerPair] = []
    for conversation in conversations():
        found.extend(conversation_pairs(conversation, phrases))
    given = Counter(shape(pair.answer) for pair in found)
    found = [replace(pair, quality=_with_use(pair.quality, given[shape(pair.answer)])) for pair in found]
    by_category: dict[str, list[int]] = defaultdict(list)
    for index, pair in enumerate(found):
        by_category[pair.category].append(index)
    best: dict[int, AnswerPair] = {}
    for indices in by_category.values():
        for group in near_groups([found[index].question for index in indices], least=NEAR):
            _settle([indices[position] for position in group], found, best)
    return [best[index] for index in sorted(best)]


def _settle(group: Sequence[int], found: Sequence[AnswerPair], best: dict[int, AnswerPair]) -> None:
    # Quality first; among equals the answer of the earliest conversation, so that the result is stable.
    winner = found[max(group, key=lambda index: (found[index].quality, -index))]
    seen: set[str] = set()
    for index in group:
        key = bare(found[index].question)
        if key not in seen:
            seen.add(key)
            best[index] = replace(winner, question=found[index].question)


def conversation_pairs(conversation: Conversation, phrases: frozenset[str] = frozenset()) -> list[AnswerPair]:
    """Return the question–answer pairs of one conversation, fillers and `phrases` left out.

    A question is what the customer says until the agent says something of substance; a question left without
    such an answer gives no pair.
    """
    quality = _outcome(conversation)
    pairs: list[AnswerPair] = []
    question = answer = ""
    last_piece = 0.0
    for message in conversation.messages:
        if message.sender == "customer":
            if is_filler("customer", message.text) or is_data_exchange("customer", message.text):
                continue
            if answer:
                _keep(pairs, question, answer, conversation, quality)
                question = answer = ""
            continues = question and message.at - last_piece <= PIECE_SECONDS
            question = joined(question, message.text) if continues else message.text
            last_piece = message.at
        elif question and (told := substance(message.text, phrases)):
            answer = joined(answer, told) if answer else told
    _keep(pairs, question, answer, conversation, quality)
    return pairs


def _keep(pairs: list[AnswerPair], question: str, answer: str, conversation: Conversation, quality: float) -> None:
    asked, answered = len(bare(question)), len(bare(answer))
    if not QUESTION_CHARACTERS[0] <= asked <= QUESTION_CHARACTERS[1]:
        return
    if ANSWER_CHARACTERS[0] <= answered <= ANSWER_CHARACTERS[1]:
        if _PERSONAL.search(answer):
            quality = max(0.0, quality - 0.3)
        pairs.append(AnswerPair(question.strip(), answer.strip(), conversation.category, quality, conversation.id))


def _outcome(conversation: Conversation) -> float:
    """How well the conversation went, 0.1 to 0.85; the rest is left for how often the answer was given."""
    quality = 0.5
    if conversation.satisfaction is not None:
        quality += {1: -0.25, 2: -0.15, 3: 0.0, 4: 0.1, 5: 0.2}[conversation.satisfaction]
    quality += 0.15 if conversation.resolved else -0.1
    if conversation.transferred:
        quality -= 0.15
    return max(0.1, min(0.85, quality))


def _with_use(quality: float, times: int) -> float:
    return round(min(1.0, quality + 0.05 * min(3.0, math.log2(times))), 4)
