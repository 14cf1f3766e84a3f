"""How alike short texts are: TF-IDF of character n-grams, cosine; no model, the same result everywhere."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from nlu_data.text import char_ngrams

#: Rows compared at once: keeps the product of two sparse matrices small.
_CHUNK = 1024


def grams(text: str) -> list[str]:
    """Return the n-grams of one to three characters by which texts are compared."""
    return char_ngrams(text, 1, 3)


def vectoriser():
    """Return an unfitted scikit-learn vectoriser for `grams`."""
    # Imported here: a process that only reads logs must start without scikit-learn.
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(analyzer=grams, sublinear_tf=True, dtype=np.float32)


def near_groups(texts: Sequence[str], *, least: float) -> Iterator[list[int]]:
    """Yield groups of indices into `texts`, in the order of their first members.

    A text joins the group of the first earlier group leader to which its cosine is at least `least`; members
    are compared with leaders, not with each other, so that a chain of small steps cannot join far-off texts.
    """
    if not texts:
        return
    if not any(grams(text) for text in texts):
        yield from ([index] for index in range(len(texts)))
        return
    matrix = vectoriser().fit_transform(texts)
    groups: dict[int, list[int]] = {}
    for start in range(0, len(texts), _CHUNK):
        # All earlier texts and the chunk itself; of the near ones only leaders count.
        likeness = (matrix[start : start + _CHUNK] @ matrix[: start + _CHUNK].T).tocoo()
        near: dict[int, list[int]] = defaultdict(list)
        alike = likeness.data >= least
        for row, other in zip(likeness.row[alike].tolist(), likeness.col[alike].tolist()):
            if other < start + row:
                near[start + row].append(other)
        for index in range(start, min(start + _CHUNK, len(texts))):
            leader = min((other for other in near[index] if other in groups), default=index)
            groups.setdefault(leader, []).append(index)
    yield from groups.values()
