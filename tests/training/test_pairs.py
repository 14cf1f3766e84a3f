"""Encoder pairs: from knowledge and logs, never the reserved wordings, the same for the same seed."""

from pathlib import Path

import pytest

from bot.training.pairs import reserved_questions, training_pairs

KNOWLEDGE = Path(__file__).parent.parent.parent / "nlu_data" / "knowledge"


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    return training_pairs(logs=tmp_path_factory.mktemp("logs"), knowledge=KNOWLEDGE, seed=20)


def test_reserved_wordings_are_never_trained_on(pairs):
    _, questions = reserved_questions(KNOWLEDGE, seed=20)
    assert len(questions) > 100
    reserved = {question.text for question in questions}
    trained = {text for part in pairs for pair in part for text in (pair.anchor, pair.positive)}
    assert reserved.isdisjoint(trained)


def test_training_and_validation_share_no_pair(pairs):
    training, validation = pairs
    assert validation and len(training) > 5 * len(validation)
    assert set(training).isdisjoint(validation)


def test_the_seed_decides(pairs, tmp_path):
    assert training_pairs(logs=tmp_path, knowledge=KNOWLEDGE, seed=20) == pairs
    assert training_pairs(logs=tmp_path, knowledge=KNOWLEDGE, seed=21) != pairs


def test_every_reserved_question_has_its_answer_in_the_index():
    entries, questions = reserved_questions(KNOWLEDGE, seed=20)
    ids = {entry.id for entry in entries}
    assert all(question.relevant <= ids for question in questions)
    assert all(entry.valid_at(0.0) for entry in entries), "validity plays no part in training"
