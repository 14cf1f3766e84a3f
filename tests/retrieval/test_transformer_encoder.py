import numpy as np
import pytest

from retrieval.encoder import EncoderError
from retrieval.hybrid import HybridRetriever
from retrieval.transformer_encoder import TransformerEncoder
from tests.retrieval.conftest import NOW


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A model of five words that sentence-transformers itself has saved."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "refund": 1, "money": 2, "parcel": 3, "invoice": 4}, "[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    weights = np.array([[0.1, 0, 0], [1, 0, 0.2], [0.9, 0.1, 0], [0, 1, 0], [0, 0, 1]], dtype=np.float32)
    directory = tmp_path_factory.mktemp("model")
    SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_weights=weights)], device="cpu").save(
        str(directory)
    )
    return str(directory)


def test_a_saved_folder_encodes_with_length_one(folder):
    encoder = TransformerEncoder(folder)
    vectors = encoder.encode(["Refund", "money", "parcel", "", "\x00"])
    assert vectors.shape == (5, 3) and vectors.dtype == np.float32
    assert np.linalg.norm(vectors[:3], axis=1) == pytest.approx(1, abs=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] and not vectors[3:].any()
    assert encoder.encode([]).shape == (0, 3)


def test_the_manifest_names_model_and_weights(folder):
    manifest = TransformerEncoder(folder).manifest
    assert manifest == TransformerEncoder(folder).manifest
    assert manifest.dimension == 3 and folder in manifest.name and len(manifest.content_hash) == 64


def test_it_serves_the_retriever(folder, entries):
    retriever = HybridRetriever(TransformerEncoder(folder))
    retriever.sync(entries[:3], [])
    assert retriever.search("发票抬头可以改吗", now=NOW)[0].entry_id == "invoice-title"


def test_a_folder_that_is_no_model_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(EncoderError, match="cannot be loaded"):
        TransformerEncoder(str(tmp_path))
