"""Lexical search: BM25 over character n-grams, which beats words in Chinese, on the bm25s library."""

import logging
import math
from collections import Counter
from collections.abc import Sequence

import bm25s
import numpy as np

from nlu_data.text import char_ngrams, normalise
from retrieval.features import MAX_CHARACTERS

# The library sets its logger to DEBUG when it is imported and tells every index that is built.
logging.getLogger("bm25s").setLevel(logging.WARNING)

#: Character n-gram lengths, both included.
LOW, HIGH = 1, 3
K1, B = 1.5, 0.75


class LexicalIndex:
    """An immutable BM25 index over texts; a change of the texts means a new index."""

    def __init__(self, texts: Sequence[str], *, containing: bool = False) -> None:
        """With `containing`, a score says how much of the query a text of usual length contains; without, how much the
        text is the query itself (longer texts lose)."""
        grams = [lexical_grams(text) for text in texts]
        self._count = len(texts)
        self._containing = containing
        self._mean_length = sum(map(len, grams)) / max(1, len(grams))
        self._index: bm25s.BM25 | None = None
        if any(grams):
            self._index = bm25s.BM25(method="lucene", k1=K1, b=B)
            self._index.index(grams, show_progress=False)
            frequencies = np.diff(self._index.scores["indptr"])
            self._idf = np.log(1 + (self._count - frequencies + 0.5) / (frequencies + 0.5))
        # What a gram that no text has would weigh: an unknown word must lower the share of the query that is found.
        self._unknown_idf = math.log(1 + (self._count + 0.5) / 0.5)

    def __len__(self) -> int:
        return self._count

    def scores(self, query: str) -> np.ndarray:
        """Return float32 (number of texts,): BM25 as a share of what the ideal text would get, 0 to 1."""
        grams = lexical_grams(query)
        if self._index is None or not grams:
            return np.zeros(self._count, dtype=np.float32)
        vocabulary = self._index.vocab_dict
        known = [gram for gram in grams if gram in vocabulary]
        if not known:
            return np.zeros(self._count, dtype=np.float32)
        length = self._mean_length if self._containing else len(grams)
        damping = K1 * (1 - B + B * length / self._mean_length)
        ideal = 0.0
        for gram, count in Counter(grams).items():
            idf = self._idf[vocabulary[gram]] if gram in vocabulary else self._unknown_idf
            times = 1 if self._containing else count
            ideal += count * idf * times / (times + damping)
        return np.clip(self._index.get_scores(known) / ideal, 0.0, 1.0).astype(np.float32)


def lexical_grams(text: str) -> list[str]:
    """Return the character n-grams that lexical search compares; punctuation does not count."""
    clean = "".join(c if c.isalnum() else " " for c in normalise(text[:MAX_CHARACTERS]))
    return char_ngrams(clean, LOW, HIGH)
