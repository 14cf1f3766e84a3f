"""A vector store in plain numpy: the fake that shows the contract can be met by another store than FAISS."""

import numpy as np

from retrieval.vectors import check_vectors


class ExactStore:
    def __init__(self, dimension):
        self.dimension = dimension
        self._rows = {}

    def __len__(self):
        return len(self._rows)

    def add(self, ids, vectors):
        self._rows.update(zip(ids, check_vectors(ids, vectors, self.dimension)))

    def remove(self, ids):
        return sum(self._rows.pop(id, None) is not None for id in ids)

    def search(self, vectors, k):
        queries = check_vectors(range(len(vectors)), vectors, self.dimension)
        ids = np.array(list(self._rows), dtype=np.int64)
        scores = queries @ self.vectors(ids).T
        order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        return np.take_along_axis(scores, order, axis=1), ids[order]

    def vectors(self, ids):
        return np.array([self._rows[id] for id in ids], dtype=np.float32).reshape(len(ids), self.dimension)
