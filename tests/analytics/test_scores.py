"""Figures worked out by hand."""

import numpy as np
import pytest

from analytics.scores import calibration_error, class_report, roc_area, threshold_table


def test_class_report() -> None:
    probabilities = np.array([[0.8, 0.2], [0.6, 0.4], [0.3, 0.7], [0.9, 0.1]])

    report = class_report([0, 0, 1, 1], probabilities, ("a", "b"))

    assert report["accuracy"] == 0.75
    assert report["confusion"] == [[2, 0], [1, 1]]
    assert report["classes"]["a"] == {"precision": 0.6667, "recall": 1.0, "f1": 0.8, "count": 2}
    assert report["classes"]["b"] == {"precision": 1.0, "recall": 0.5, "f1": 0.6667, "count": 2}
    assert report["macro_f1"] == 0.7333
    # bins 0.8, 0.6, 0.7: right; 0.9: wrong → (0.2 + 0.4 + 0.3 + 0.9) / 4
    assert report["ece"] == 0.45


def test_nothing_to_score() -> None:
    assert class_report([], np.zeros((0, 2)), ("a", "b")) == {"count": 0}


def test_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="align them"):
        class_report([0], np.zeros((2, 2)), ("a", "b"))


def test_calibration_error_of_a_confidence_of_one() -> None:
    assert calibration_error(np.array([True, False]), np.array([1.0, 1.0])) == 0.5


def test_roc_area() -> None:
    assert roc_area([1, 1, 0, 0], [0.9, 0.4, 0.5, 0.4]) == pytest.approx(0.625)
    assert roc_area([1, 1], [0.9, 0.4]) is None


def test_threshold_table() -> None:
    rows = threshold_table([1, 1, 0], [0.9, 0.4, 0.8], [0.5, 0.95])

    assert rows[0] == {"threshold": 0.5, "fired": 2, "precision": 0.5, "recall": 0.5}
    assert rows[1] == {"threshold": 0.95, "fired": 0, "precision": None, "recall": 0.0}
