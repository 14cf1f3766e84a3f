"""Joins what speaks for a candidate into one probability that it is what was asked for."""

import math
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

#: Below this an intent's probability says no more against an entry.
_LEAST = 0.01


@dataclass(frozen=True)
class Evidence:
    """What speaks for one candidate.

    `lexical` (0 to 1) and `dense` (cosine): of the best way to ask, or of an article's passage; `support`: the mean
    cosine over all ways to ask; `content_lexical`, `content_dense`: of the answer's own text; `intent`: log of how
    much likelier the classifier finds the entry's intent than chance, 0 when either is unknown.
    """

    lexical: float = 0.0
    dense: float = 0.0
    support: float = 0.0
    content_lexical: float = 0.0
    content_dense: float = 0.0
    intent: float = 0.0


@dataclass(frozen=True)
class Weights:
    """A logistic curve over `Evidence`: one factor for each of its fields."""

    bias: float
    lexical: float = 0.0
    dense: float = 0.0
    support: float = 0.0
    content_lexical: float = 0.0
    content_dense: float = 0.0
    intent: float = 0.0

    def score(self, evidence: Evidence) -> float:
        """Return the probability, 0 to 1."""
        total = self.bias + sum(getattr(self, name) * getattr(evidence, name) for name in EVIDENCE)
        return 1 / (1 + math.exp(-max(-50.0, min(50.0, total))))


EVIDENCE = tuple(field.name for field in fields(Evidence))


@dataclass(frozen=True)
class Fusion:
    """The weights for questions and for articles' passages; the defaults serve until calibration fits better ones."""

    question: Weights = Weights(-6.0, lexical=5.0, dense=5.0, content_lexical=2.0, content_dense=1.0, intent=0.7)
    article: Weights = Weights(-6.0, lexical=6.0, dense=5.0, intent=0.5)

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Fusion":
        """Return what `as_dict` was made from."""
        return cls(**{kind: Weights(**values[kind]) for kind in ("question", "article")})


def intent_evidence(own: Collection[str], intents: Mapping[str, float] | None) -> float:
    """Return log(P(own intents) / chance) under the classifier's probabilities; 0 when either side says nothing."""
    if not own or not intents:
        return 0.0
    probability = sum(intents.get(intent, 0.0) for intent in set(own))
    return math.log(max(probability, _LEAST) * len(intents) / len(set(own)))


def logit(probability: float) -> float:
    """Return the log-odds of `probability`, at most ±12, in which differences near 0 and 1 still show."""
    clipped = min(max(probability, 6e-6), 1 - 6e-6)
    return math.log(clipped / (1 - clipped))
