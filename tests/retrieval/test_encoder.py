import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval import encoder as encoder_module
from retrieval.encoder import (
    MANIFEST_FILE,
    TABLE_FILE,
    VOCABULARY_FILE,
    EncoderError,
    EncoderManifest,
    EncoderMismatch,
    StaticTableEncoder,
    load_encoder,
    read_manifest,
)
from retrieval.features import FEATURES_VERSION

VOCABULARY = ["c:退", "c:货", "c:退货", "w:退货", "c:发", "c:票"]


def make(seed=0, buckets=8, dimension=16):
    table = np.random.default_rng(seed).normal(size=(len(VOCABULARY) + buckets, dimension))
    return StaticTableEncoder(VOCABULARY, table)


def test_a_vector_is_the_normalised_sum_of_the_rows():
    table = np.eye(7, dtype=np.float32)
    encoder = StaticTableEncoder(VOCABULARY, table)
    vector = encoder.encode(["退货"])[0]
    assert vector == pytest.approx([0.5, 0.5, 0.5, 0.5, 0, 0, 0])


def test_unknown_features_fall_into_a_bucket():
    encoder = StaticTableEncoder(VOCABULARY, np.eye(7, dtype=np.float32))
    assert encoder.encode(["猫"])[0].tolist() == [0, 0, 0, 0, 0, 0, 1]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=5))
def test_rows_have_length_one_or_are_zero(texts):
    vectors = make().encode(texts)
    assert vectors.shape == (len(texts), 16) and vectors.dtype == np.float32
    for text, vector in zip(texts, vectors):
        length = np.linalg.norm(vector)
        assert length == pytest.approx(1, abs=1e-5) or (length == 0 and not encoder_module.features(text))


def test_a_text_is_encoded_the_same_alone_and_among_others():
    encoder = make()
    texts = ["退货", "", "发票抬头", "😀"]
    together = encoder.encode(texts)
    assert np.array_equal(together, np.vstack([encoder.encode([text]) for text in texts]))
    assert not together[1].any() and not together[3].any()
    assert encoder.encode([]).shape == (0, 16)


def test_saved_and_loaded_is_the_very_same(tmp_path):
    encoder = make()
    encoder.save(tmp_path / "encoder")
    loaded = load_encoder(tmp_path / "encoder")
    assert loaded.manifest == encoder.manifest == read_manifest(tmp_path / "encoder")
    assert loaded.vocabulary == VOCABULARY
    texts = ["我要退货", "发票", "never seen"]
    assert np.array_equal(loaded.encode(texts), encoder.encode(texts))


def test_manifest_names_what_made_the_vectors():
    manifest = make().manifest
    assert (manifest.name, manifest.dimension, manifest.normaliser) == ("static-table", 16, FEATURES_VERSION)
    assert manifest.content_hash == make().manifest.content_hash != make(seed=1).manifest.content_hash


def test_require_same_names_field_and_remedy():
    here = EncoderManifest("static-table", 16, "1", "a")
    here.require_same(here, "index x")
    with pytest.raises(EncoderMismatch, match="index x: dimension: made with 32; expected 16. Rebuild"):
        here.require_same(EncoderManifest("static-table", 32, "1", "b"), "index x")


def test_other_text_rules_refuse_to_load(tmp_path, monkeypatch):
    make().save(tmp_path)
    monkeypatch.setattr(encoder_module, "FEATURES_VERSION", "9+cw9")
    with pytest.raises(EncoderMismatch, match="normaliser: made with .* expected '9\\+cw9'.*yingda train"):
        load_encoder(tmp_path)


def test_altered_files_refuse_to_load(tmp_path):
    make().save(tmp_path)
    (tmp_path / VOCABULARY_FILE).write_text("\n".join(reversed(VOCABULARY)), encoding="utf-8")
    with pytest.raises(EncoderMismatch, match="do not fit"):
        load_encoder(tmp_path)


@pytest.mark.parametrize("name", [MANIFEST_FILE, VOCABULARY_FILE, TABLE_FILE])
def test_a_missing_file_is_named_with_the_remedy(tmp_path, name):
    make().save(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(EncoderError, match=f"{name}.*yingda train"):
        load_encoder(tmp_path)


@pytest.mark.parametrize("name", [MANIFEST_FILE, TABLE_FILE])
def test_a_file_cut_short_is_refused(tmp_path, name):
    make().save(tmp_path)
    path = tmp_path / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(EncoderError, match="cannot be read"):
        load_encoder(tmp_path)


def test_a_pickled_table_is_never_opened(tmp_path):
    make().save(tmp_path)
    np.save(tmp_path / TABLE_FILE, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(EncoderError, match="allow_pickle=False"):
        load_encoder(tmp_path)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [("kind", "onnx", "kind: got 'onnx'"), ("dimension", "16", "dimension: got '16'; expected int")],
)
def test_a_wrong_manifest_field_is_named(tmp_path, key, value, message):
    make().save(tmp_path)
    path = tmp_path / MANIFEST_FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), key: value}))
    with pytest.raises(EncoderError, match=message):
        load_encoder(tmp_path)


@pytest.mark.parametrize(
    ("vocabulary", "table", "message"),
    [
        (["c:a", "c:a"], np.ones((4, 2)), "1 features appear twice"),
        (["c:a", "c:b"], np.ones((2, 2)), "expected \\(more than 2 rows"),
        (["c:a"], np.ones(4), "shape"),
        (["c:a"], np.full((2, 2), 1e6), "not finite"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(vocabulary, table, message):
    with pytest.raises(ValueError, match=message):
        StaticTableEncoder(vocabulary, table)
