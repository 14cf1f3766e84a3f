"""Composes the answer from what was found: a template, quoted passages, a question back, or an honest "unknown"."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from retrieval.fusion import logit
from retrieval.hybrid import Hit
from retrieval.lexical import lexical_grams

#: A passage up to this length is quoted whole, in characters.
WHOLE_PASSAGE = 160
#: A sentence is quoted when it matches the query at least this much as well as the best one.
NEARLY_AS_GOOD = 0.6
QUOTED_LENGTH = 300
EXCERPT_LENGTH = 160
NEAREST = 3

_CHOOSE = {
    "zh": "您想了解的是下面哪一个问题？",
    "en": "Which of these would you like to know?",
}
_UNKNOWN = {
    "zh": "抱歉，这个问题我暂时没有查到可靠的答案。您可以换个说法再问一次，也可以让我为您转接人工客服。",
    "en": "Sorry, I could not find a reliable answer to this. Please try other words, or ask for a colleague.",
}
_UNKNOWN_NEAR = {
    "zh": "抱歉，这个问题我暂时没有查到可靠的答案。下面有没有您想问的？如果没有，我可以为您转接人工客服。",
    "en": "Sorry, I could not find a reliable answer to this. Is it one of these? If not, a colleague can help.",
}


@dataclass(frozen=True)
class Thresholds:
    """When to answer; `retrieval.calibration` fits them, the defaults serve until then.

    `answer`, `passage`: lowest score at which a question's answer, or an article's passage, is given. `margin`: two
    candidates whose log-odds differ by less are told apart by asking. `ask`: lowest score of a question at which, where
    nothing suffices for an answer, the customer is asked which of the nearest is meant (1: never). `nearest`: lowest
    score to be offered.
    """

    answer: float = 0.5
    passage: float = 0.5
    margin: float = 0.3
    nearest: float = 0.03
    ask: float = 1.0

    def as_dict(self) -> dict[str, float]:
        """Return plain JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, float]) -> "Thresholds":
        """Return what `as_dict` was made from."""
        return cls(**values)

    def of(self, hit: Hit) -> float:
        """Return the score that `hit` must reach to be answered from."""
        return self.passage if hit.kind == "article" else self.answer


@dataclass(frozen=True)
class Source:
    """Where an answer comes from; `kind`: template | article, `url` only for articles, `excerpt`: what was quoted."""

    entry_id: str
    revision: int
    title: str
    kind: str
    section: str
    url: str | None
    excerpt: str

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Answer:
    """`kind`: template | passage | choose | unknown; `nearest`: questions to offer, at most three."""

    kind: str
    text: str
    sources: tuple[Source, ...]
    nearest: tuple[Hit, ...]


def compose(query: str, hits: Sequence[Hit], thresholds: Thresholds, *, language: str = "zh") -> Answer:
    """Return the answer to `query` from `hits` (best first, as `HybridRetriever.search` returns them).

    Every sentence of a template or passage answer stands in the cited entry. Texts of our own are Chinese, or English
    when `language` is "en".
    """
    own = "en" if language == "en" else "zh"
    near = tuple(hit for hit in hits if hit.score >= thresholds.nearest)[:NEAREST]
    # The best hit that suffices by its own threshold: an article may know where the nearest question does not fit.
    best = next((hit for hit in hits if hit.score >= thresholds.of(hit)), None)
    if best is None and hits and hits[0].kind == "question" and hits[0].score >= thresholds.ask:
        offered = tuple(hit for hit in hits if hit.kind == "question")[:NEAREST]
        return Answer("choose", _CHOOSE[own], (), offered)
    if best is None:
        return Answer("unknown", (_UNKNOWN_NEAR if near else _UNKNOWN)[own], (), near)
    rivals = tuple(hit for hit in hits[:NEAREST] if are_close(best, hit, thresholds))
    if len(rivals) > 1 and not _same_wording(query, best):
        return Answer("choose", _CHOOSE[own], (), rivals)
    if best.kind == "article":
        quoted = "".join(quote(query, best.units)).strip()
        return Answer("passage", quoted, (_source(best, "article", quoted),), ())
    return Answer("template", best.text, (_source(best, "template", best.text),), ())


def are_close(best: Hit, other: Hit, thresholds: Thresholds) -> bool:
    """Whether `other` suffices, too, and is too close behind `best` (or is it) to tell which is meant."""
    if other is best:
        return True
    return other.score >= thresholds.of(other) and abs(logit(best.score) - logit(other.score)) < thresholds.margin


def quote(query: str, units: Sequence[str]) -> list[str]:
    """Return the units that answer `query` best, in their order and unchanged.

    A short passage is quoted whole. A numbered step brings its neighbours with it, and a list item the line that
    introduces it: neither can be understood alone.
    """
    if sum(map(len, units)) <= WHOLE_PASSAGE:
        return list(units)
    marks = _relevance(query, units)
    best = max(marks)
    chosen: set[int] = set()
    length = 0
    for place in sorted(range(len(units)), key=lambda place: (-marks[place], place)):
        if chosen and (marks[place] < NEARLY_AS_GOOD * best or place in chosen):
            continue
        wanted = _with_context(place, units) - chosen
        added = sum(len(units[n]) for n in wanted)
        if chosen and length + added > QUOTED_LENGTH:
            continue
        chosen |= wanted
        length += added
    return [units[place] for place in sorted(chosen)]


def _relevance(query: str, units: Sequence[str]) -> list[float]:
    """Return for each unit how much of the query it holds; what every unit holds counts least."""
    wanted = set(lexical_grams(query))
    held = [wanted.intersection(lexical_grams(unit)) for unit in units]
    spread = Counter(gram for grams in held for gram in grams)
    return [sum(math.log(1 + len(units) / spread[gram]) * len(gram) for gram in grams) for grams in held]


def _with_context(place: int, units: Sequence[str]) -> set[int]:
    found = {place}
    if _is_step(units[place]):
        for step in (-1, 1):
            neighbour = place + step
            while 0 <= neighbour < len(units) and _is_step(units[neighbour]):
                found.add(neighbour)
                neighbour += step
    first = min(found)
    if _is_item(units[first]):
        while first > 0 and _is_item(units[first]):
            first -= 1
        if units[first].rstrip().endswith(("：", ":")):
            found.add(first)
    return found


def _is_step(unit: str) -> bool:
    return unit[:1].isdigit() and unit.lstrip("0123456789")[:1] in (".", ")", "、")


def _is_item(unit: str) -> bool:
    return _is_step(unit) or unit[:2] in ("- ", "* ", "+ ")


def _same_wording(query: str, hit: Hit) -> bool:
    return lexical_grams(query) == lexical_grams(hit.matched)


def _source(hit: Hit, kind: str, quoted: str) -> Source:
    excerpt = quoted if len(quoted) <= EXCERPT_LENGTH else quoted[: EXCERPT_LENGTH - 1] + "…"
    return Source(hit.entry_id, hit.revision, hit.title, kind, hit.section, hit.url, excerpt)
