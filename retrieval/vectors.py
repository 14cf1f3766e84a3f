"""Vector stores: sentence vectors under integer ids, searched by inner product. FAISS is the one built in."""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

import faiss
import numpy as np

from retrieval.encoder import EncoderManifest, EncoderMismatch

INDEX_FILE = "vectors.faiss"
MANIFEST_FILE = "vectors.json"

_REMEDY = "Delete the folder: the index is rebuilt from the knowledge in the database"


class VectorStoreError(ValueError):
    """A saved vector store cannot be used; the text says how to rebuild it."""


class VectorStore(Protocol):
    """What search needs of a store. Ids are integers from 0 to 2**63 - 1 that the caller chooses."""

    @property
    def dimension(self) -> int: ...

    def __len__(self) -> int: ...

    def add(self, ids: Sequence[int], vectors: np.ndarray) -> None:
        """Store float32 (len(ids), dimension); a vector under an id that is already there replaces the old one.

        :raises ValueError: when shapes do not fit, an id repeats or is negative, or a value is not finite.
        """
        ...

    def remove(self, ids: Sequence[int]) -> int:
        """Forget the vectors under `ids`; unknown ids are passed over. Return how many were there."""
        ...

    def search(self, vectors: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Return (scores float32, ids int64), both (n, min(k, len(self))), best first by inner product."""
        ...

    def vectors(self, ids: Sequence[int]) -> np.ndarray:
        """Return float32 (len(ids), dimension). :raises KeyError: when an id is unknown."""
        ...


class FaissStore:
    """Exact inner-product search with FAISS (IndexIDMap2 over IndexFlatIP): right up to some 50,000 vectors."""

    def __init__(self, dimension: int) -> None:
        self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))
        self._ids: set[int] = set()

    @property
    def dimension(self) -> int:
        return self._index.d

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, ids: Sequence[int], vectors: np.ndarray) -> None:
        vectors = check_vectors(ids, vectors, self.dimension)
        self.remove(ids)
        if len(ids):
            self._index.add_with_ids(vectors, np.asarray(ids, dtype=np.int64))
            self._ids.update(ids)

    def remove(self, ids: Sequence[int]) -> int:
        present = self._ids.intersection(ids)
        if present:
            self._index.remove_ids(np.fromiter(present, dtype=np.int64))
            self._ids -= present
        return len(present)

    def search(self, vectors: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        vectors = _as_rows(vectors, self.dimension)
        k = min(k, len(self))
        if k < 1 or not len(vectors):
            return np.empty((len(vectors), 0), dtype=np.float32), np.empty((len(vectors), 0), dtype=np.int64)
        # One thread: on a busy machine OpenMP's hand-over takes a hundred times longer than this search. The setting
        # belongs to the calling thread, so it is made here and not once.
        faiss.omp_set_num_threads(1)
        return self._index.search(vectors, k)

    def vectors(self, ids: Sequence[int]) -> np.ndarray:
        unknown = [id for id in ids if id not in self._ids]
        if unknown:
            raise KeyError(f"vector ids {unknown[:5]}: not in the store")
        if not len(ids):
            return np.empty((0, self.dimension), dtype=np.float32)
        return self._index.reconstruct_batch(np.asarray(ids, dtype=np.int64))

    def save(self, directory: Path, encoder: EncoderManifest) -> None:
        """Write the vectors and what made them; a store already there is replaced only once this one is whole."""
        directory.mkdir(parents=True, exist_ok=True)
        index = faiss.serialize_index(self._index).tobytes()
        manifest = {
            "type": "faiss-flat-ip",
            "count": len(self),
            "sha256": hashlib.sha256(index).hexdigest(),
            "encoder": asdict(encoder),
        }
        for name, content in ((INDEX_FILE, index), (MANIFEST_FILE, json.dumps(manifest, indent=2).encode())):
            partial = directory / (name + ".partial")
            partial.write_bytes(content)
            os.replace(partial, directory / name)

    @classmethod
    def load(cls, directory: Path, encoder: EncoderManifest) -> "FaissStore":
        """Return the store saved in `directory`, made under the very `encoder` that will ask it.

        :raises VectorStoreError: when it is missing, cut short or altered.
        :raises EncoderMismatch: when another encoder or other text rules made its vectors.
        """
        try:
            manifest = json.loads((directory / MANIFEST_FILE).read_text(encoding="utf-8"))
            made_by = EncoderManifest(**manifest["encoder"])
            index = (directory / INDEX_FILE).read_bytes()
            sound = hashlib.sha256(index).hexdigest() == manifest["sha256"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise VectorStoreError(f"vector store {directory}: cannot be read: {error!r}. {_REMEDY}") from error
        encoder.require_same(made_by, f"vector store {directory}")
        if not sound:
            raise VectorStoreError(f"vector store {directory}: {INDEX_FILE} does not fit {MANIFEST_FILE}. {_REMEDY}")
        store = cls(encoder.dimension)
        store._index = faiss.deserialize_index(np.frombuffer(index, dtype=np.uint8))
        store._ids = set(faiss.vector_to_array(store._index.id_map).tolist())
        if store._index.d != encoder.dimension:
            raise EncoderMismatch(
                f"vector store {directory}: dimension {store._index.d}; expected {encoder.dimension}. {_REMEDY}"
            )
        return store


def check_vectors(ids: Sequence[int], vectors: np.ndarray, dimension: int) -> np.ndarray:
    """Return `vectors` as contiguous float32 (len(ids), dimension); the checks that every store's `add` owes.

    :raises ValueError: as `VectorStore.add` says.
    """
    rows = _as_rows(vectors, dimension)
    if len(rows) != len(ids):
        raise ValueError(f"vectors: got {len(rows)} rows for {len(ids)} ids; expected one row for each id")
    if len(set(ids)) != len(ids) or any(id < 0 for id in ids):
        raise ValueError("ids: an id repeats or is negative; expected different integers from 0 up")
    if not np.isfinite(rows).all():
        raise ValueError("vectors: hold values that are not finite; expected numbers")
    return rows


def _as_rows(vectors: np.ndarray, dimension: int) -> np.ndarray:
    rows = np.ascontiguousarray(vectors, dtype=np.float32)
    if rows.ndim != 2 or rows.shape[1] != dimension:
        raise ValueError(f"vectors: got shape {rows.shape}; expected (n, {dimension})")
    return rows
