import json

import numpy as np
import pytest

from retrieval.encoder import EncoderManifest, EncoderMismatch
from retrieval.vectors import INDEX_FILE, MANIFEST_FILE, FaissStore, VectorStoreError
from tests.retrieval.exact_store import ExactStore
from tests.retrieval.vector_store_contract import VectorStoreContract

ENCODER = EncoderManifest("static-table", 4, "1", "abc")


class TestFaissStore(VectorStoreContract):
    def make(self, dimension):
        return FaissStore(dimension)


class TestExactStore(VectorStoreContract):
    def make(self, dimension):
        return ExactStore(dimension)


def saved(directory):
    store = FaissStore(4)
    store.add([7, 9], np.eye(4, dtype=np.float32)[:2])
    store.save(directory, ENCODER)
    return store


def test_saved_and_loaded_finds_the_same(tmp_path):
    store = saved(tmp_path)
    loaded = FaissStore.load(tmp_path, ENCODER)
    query = np.array([[0.2, 0.8, 0, 0]], dtype=np.float32)
    assert len(loaded) == 2
    for ours, theirs in zip(loaded.search(query, 2), store.search(query, 2)):
        assert np.array_equal(ours, theirs)
    assert loaded.remove([7]) == 1 and len(loaded) == 1
    assert not list(tmp_path.glob("*.partial"))


@pytest.mark.parametrize(
    "other",
    [
        EncoderManifest("static-table", 8, "1", "abc"),
        EncoderManifest("static-table", 4, "2", "abc"),
        EncoderManifest("static-table", 4, "1", "def"),
    ],
)
def test_vectors_of_another_encoder_refuse_to_load(tmp_path, other):
    saved(tmp_path)
    with pytest.raises(EncoderMismatch, match="Rebuild"):
        FaissStore.load(tmp_path, other)


@pytest.mark.parametrize("name", [INDEX_FILE, MANIFEST_FILE])
def test_missing_or_cut_short_files_say_how_to_rebuild(tmp_path, name):
    saved(tmp_path)
    path = tmp_path / name
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(VectorStoreError, match="rebuilt"):
        FaissStore.load(tmp_path, ENCODER)
    path.unlink()
    with pytest.raises(VectorStoreError, match="rebuilt"):
        FaissStore.load(tmp_path, ENCODER)


def test_a_manifest_without_its_fields_is_refused(tmp_path):
    saved(tmp_path)
    (tmp_path / MANIFEST_FILE).write_text(json.dumps({"type": "faiss-flat-ip"}))
    with pytest.raises(VectorStoreError, match="encoder"):
        FaissStore.load(tmp_path, ENCODER)
