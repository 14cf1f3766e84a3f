"""What every vector store promises; a store's test class inherits this and overrides `make`."""

import numpy as np
import pytest


class VectorStoreContract:
    def make(self, dimension):
        raise NotImplementedError

    def filled(self):
        store = self.make(4)
        store.add([10, 20, 30], np.eye(4, dtype=np.float32)[:3])
        return store

    def test_the_nearest_comes_first(self):
        scores, ids = self.filled().search(np.array([[0.1, 0.9, 0.2, 0]], dtype=np.float32), 2)
        assert ids.tolist() == [[20, 30]] and scores[0] == pytest.approx([0.9, 0.2])

    def test_no_more_results_than_vectors(self):
        scores, ids = self.filled().search(np.eye(4, dtype=np.float32)[:2], 50)
        assert scores.shape == ids.shape == (2, 3) and set(ids[0]) == {10, 20, 30}

    def test_an_empty_store_finds_nothing(self):
        store = self.make(4)
        assert len(store) == 0 and store.dimension == 4
        assert store.search(np.ones((2, 4), dtype=np.float32), 5)[1].shape == (2, 0)
        store.add([], np.empty((0, 4), dtype=np.float32))
        assert len(store) == 0

    def test_adding_under_a_known_id_replaces(self):
        store = self.filled()
        store.add([20], np.array([[0, 0, 0, 1]], dtype=np.float32))
        assert len(store) == 3
        assert store.search(np.array([[0, 0, 0, 1]], dtype=np.float32), 1)[1].tolist() == [[20]]
        assert store.vectors([20]).tolist() == [[0, 0, 0, 1]]

    def test_removed_vectors_are_never_found_again(self):
        store = self.filled()
        assert store.remove([20, 999]) == 1 and store.remove([20]) == 0
        assert len(store) == 2 and 20 not in store.search(np.eye(4, dtype=np.float32), 9)[1]
        with pytest.raises(KeyError):
            store.vectors([20])

    def test_vectors_come_back_in_the_order_asked(self):
        assert self.filled().vectors([30, 10]).tolist() == [[0, 0, 1, 0], [1, 0, 0, 0]]
        assert self.filled().vectors([]).shape == (0, 4)

    @pytest.mark.parametrize(
        ("ids", "vectors"),
        [
            ([1], np.ones((1, 3))),
            ([1], np.ones(4)),
            ([1, 2], np.ones((1, 4))),
            ([1, 1], np.ones((2, 4))),
            ([-1], np.ones((1, 4))),
            ([1], np.full((1, 4), np.nan)),
        ],
    )
    def test_what_does_not_fit_is_refused_and_changes_nothing(self, ids, vectors):
        store = self.filled()
        with pytest.raises(ValueError, match="expected"):
            store.add(ids, vectors)
        assert len(store) == 3

    def test_a_query_of_another_dimension_is_refused(self):
        with pytest.raises(ValueError, match="expected \\(n, 4\\)"):
            self.filled().search(np.ones((1, 5), dtype=np.float32), 1)

    def test_same_results_as_comparing_all(self):
        rng = np.random.default_rng(5)
        vectors = rng.normal(size=(200, 16)).astype(np.float32)
        store = self.make(16)
        store.add(list(range(100)), vectors[:100])
        store.add(list(range(100, 200)), vectors[100:])
        store.remove(list(range(0, 200, 3)))
        left = np.array([n for n in range(200) if n % 3])
        queries = rng.normal(size=(7, 16)).astype(np.float32)
        expected = left[np.argsort(-(queries @ vectors[left].T), axis=1)[:, :10]]
        assert np.array_equal(store.search(queries, 10)[1], expected)
