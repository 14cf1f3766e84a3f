"""Joins the lexical and the dense score of a candidate into one probability that it is what was asked for."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Weights:
    """A logistic curve over two scores."""

    bias: float
    lexical: float
    dense: float

    def score(self, lexical: float, dense: float) -> float:
        """Return the probability, 0 to 1."""
        return 1 / (1 + math.exp(-(self.bias + self.lexical * lexical + self.dense * dense)))


@dataclass(frozen=True)
class Fusion:
    """The weights for a text that is itself a question, and for one that may contain the answer.

    The defaults serve until `retrieval.calibration` has fitted better ones.
    """

    question: Weights = Weights(-4.0, 6.0, 4.0)
    content: Weights = Weights(-6.0, 6.0, 4.0)

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Fusion":
        """Return what `as_dict` was made from."""
        return cls(**{role: Weights(**values[role]) for role in ("question", "content")})


def logit(probability: float) -> float:
    """Return the log-odds of `probability`, at most ±12, in which differences near 0 and 1 still show."""
    clipped = min(max(probability, 6e-6), 1 - 6e-6)
    return math.log(clipped / (1 - clipped))
