"""Training: it learns, the same seed gives the same model, missing labels teach nothing, bad input is refused."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analytics.features import Turn
from analytics.insight_examples import Example, LabelledLine, line_examples
from analytics.insight_network import build_network
from analytics.insight_training import arrays, fit, predict, split, train_insight
from analytics.vocabulary import build_vocabulary
from tests.analytics.conftest import LINES


def test_training_lowers_the_loss_and_reports(trained) -> None:
    directory, report = trained

    assert report.history[-1]["loss"] < report.history[0]["loss"]
    assert json.loads((directory / "report.json").read_text(encoding="utf-8")) == json.loads(
        json.dumps(report.as_json())
    )
    text = (directory / "report.txt").read_text(encoding="utf-8")
    assert "Sentiment: accuracy" in text
    assert "Frustration AUROC" in text


def test_the_same_seed_gives_the_same_model(small_sizes) -> None:
    first, second, other = (
        fit(line_examples(LINES), [], seed=seed, epochs=1, sizes=small_sizes).network.get_weights()
        for seed in (5, 5, 6)
    )

    for a, b in zip(first, second, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
    assert not all(np.allclose(a, b) for a, b in zip(first, other, strict=True))


def test_progress_is_told_each_epoch(tmp_path: Path, small_sizes) -> None:
    told = []
    train_insight(
        [],
        LINES,
        directory=tmp_path,
        seed=1,
        epochs=2,
        sizes=small_sizes,
        progress=lambda epoch, epochs, figures: told.append((epoch, epochs, sorted(figures))),
    )

    assert [(epoch, epochs) for epoch, epochs, _ in told] == [(1, 2), (2, 2)]
    assert "validation_loss" in told[0][2]


def test_missing_labels_weigh_nothing() -> None:
    turn = (Turn("你好", 1e9, "customer"),)
    examples = [
        Example(history=turn, sentiment="negative"),
        Example(history=turn, emotion="angry"),
        Example(history=turn, frustration=0.7, frustration_weight=0.3),
    ]

    _, labels, weights = arrays(examples, build_vocabulary(["你好"]), balanced=False)

    assert weights["sentiment"].tolist() == [1.0, 0.0, 0.0]
    assert weights["emotion"].tolist() == [0.0, 1.0, 0.0]
    assert weights["frustration"].tolist() == pytest.approx([0.0, 0.0, 0.3])
    assert labels["sentiment"][1].tolist() == [0.0, 0.0, 0.0]


def test_an_example_without_labels_changes_no_weight(small_sizes) -> None:
    import tensorflow as tf

    vocabulary = build_vocabulary([line.text for line in LINES], least=1)
    network = build_network(vocabulary, small_sizes, seed=1)
    losses = dict.fromkeys(("sentiment", "emotion"), "categorical_crossentropy")
    network.compile(tf.keras.optimizers.SGD(1.0), {**losses, "frustration": "binary_crossentropy"}, weighted_metrics=[])
    before = network.get_weights()

    inputs, labels, weights = arrays([Example(history=(Turn("骗子", 1e9, "customer"),))], vocabulary)
    network.train_on_batch(inputs, labels, sample_weight=weights)

    for old, new in zip(before, network.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_fitting_again_starts_where_the_first_fit_started(small_sizes) -> None:
    examples = line_examples(LINES)
    # Without dropout, whose random numbers go on where they stopped.
    fitted = fit(examples, [], seed=2, epochs=2, sizes=replace(small_sizes, dropout=0.0))
    first = fitted.network.get_weights()

    fitted.refit(examples, seed=2)

    assert fitted.best_epoch == 2
    for old, new in zip(first, fitted.network.get_weights(), strict=True):
        np.testing.assert_allclose(old, new, atol=1e-5)


def test_rare_classes_weigh_as_much_as_common_ones() -> None:
    examples = line_examples(
        [LabelledLine(text, label) for text, label in (("a", "negative"), *[("b", "neutral")] * 3)]
    )

    _, _, weights = arrays(examples, build_vocabulary(["a"]))

    assert weights["sentiment"].tolist() == pytest.approx([2.0, 2 / 3, 2 / 3, 2 / 3])


def test_the_split_is_seeded_and_keeps_the_classes() -> None:
    train, held = split(LINES * 5, 7, key=lambda line: line.sentiment)

    assert (train, held) == split(LINES * 5, 7, key=lambda line: line.sentiment)
    assert {line.sentiment for line in held} == {"negative", "neutral", "positive"}
    assert len(held) == 18
    assert len(train) == 72


def test_no_examples_give_empty_predictions() -> None:
    assert predict(None, build_vocabulary([]), [])["sentiment"].shape == (0, 3)


def test_one_class_only_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least two"):
        train_insight([], [line for line in LINES if line.sentiment == "negative"], directory=tmp_path)


def test_no_epochs_are_refused(small_sizes) -> None:
    with pytest.raises(ValueError, match="epochs=0"):
        fit(line_examples(LINES), [], seed=1, epochs=0, sizes=small_sizes)
