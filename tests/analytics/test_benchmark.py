"""The benchmark: folds hold everything once, and speed is measured on the served model."""

import pytest

from analytics import benchmark
from analytics.benchmark import cross_validate, measure_speed
from analytics.insight import InsightModel
from tests.analytics.conftest import DIALOGUES, LINES


def test_each_line_is_held_out_exactly_once_and_classes_are_spread() -> None:
    folds = benchmark._folds(LINES, 3, 7, key=lambda line: line.sentiment)

    assert sorted(line.text for fold in folds for line in fold) == sorted(line.text for line in LINES)
    assert all({line.sentiment for line in fold} == {"negative", "neutral", "positive"} for fold in folds)


def test_speed_is_positive_and_ordered(trained, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark, "CALLS", 20)
    monkeypatch.setattr(benchmark, "BATCHES", 1)

    speed = measure_speed(InsightModel.load(trained[0]), DIALOGUES)

    assert 0.0 < speed["median_ms"] <= speed["p95_ms"]
    assert speed["batch_per_second"] > 0


def test_one_fold_is_refused() -> None:
    with pytest.raises(ValueError, match="folds=1"):
        cross_validate(LINES, [], DIALOGUES, [], folds=1, seed=1, epochs=1)
