"""How good predictions are: accuracy, precision, recall, F1, confusion, calibration error, area under the ROC curve."""

from collections.abc import Sequence
from typing import Any

import numpy as np

#: Bins of equal width for the expected calibration error.
CALIBRATION_BINS = 10


def class_report(wanted: Sequence[int], probabilities: np.ndarray, names: Sequence[str]) -> dict[str, Any]:
    """Return accuracy, macro-F1, ECE, per-class figures and the confusion matrix (rows: wanted, columns: predicted).

    `wanted` holds class numbers (n,), `probabilities` is (n, classes). Nothing to score gives {"count": 0}.

    :raises ValueError: when the two differ in length.
    """
    if len(wanted) != len(probabilities):
        raise ValueError(
            f"wanted has {len(wanted)} rows, probabilities {len(probabilities)}: expected as many; align them"
        )
    if not len(wanted):
        return {"count": 0}
    truth = np.asarray(wanted)
    chosen = probabilities.argmax(axis=1)
    confusion = np.zeros((len(names), len(names)), dtype=int)
    np.add.at(confusion, (truth, chosen), 1)
    classes = {}
    for index, name in enumerate(names):
        hit = int(confusion[index, index])
        precision = _ratio(hit, int(confusion[:, index].sum()))
        recall = _ratio(hit, int(confusion[index].sum()))
        classes[name] = {
            "precision": round(precision, 4),
            "recall": round(recall, 4),
            "f1": round(_ratio(2 * precision * recall, precision + recall), 4),
            "count": int(confusion[index].sum()),
        }
    present = [figures["f1"] for figures in classes.values() if figures["count"]]
    return {
        "count": len(truth),
        "accuracy": round(float((chosen == truth).mean()), 4),
        "macro_f1": round(float(np.mean(present)), 4),
        "ece": round(calibration_error(chosen == truth, probabilities.max(axis=1)), 4),
        "classes": classes,
        "confusion": confusion.tolist(),
    }


def calibration_error(right: np.ndarray, confidence: np.ndarray) -> float:
    """Return the expected calibration error: |share right − mean confidence| over bins, weighed by their size."""
    bins = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    error = 0.0
    for index in np.unique(bins):
        held = bins == index
        error += held.mean() * abs(right[held].mean() - confidence[held].mean())
    return float(error)


def roc_area(wanted: Sequence[float], scores: Sequence[float]) -> float | None:
    """Return the chance that a positive scores above a negative (ties count half); None with one class only."""
    truth = np.asarray(wanted) > 0.5
    values = np.asarray(scores, dtype=float)
    if truth.all() or not truth.any():
        return None
    positive, negative = values[truth][:, None], values[~truth][None, :]
    return float((positive > negative).mean() + 0.5 * (positive == negative).mean())


def threshold_table(wanted: Sequence[float], scores: Sequence[float], thresholds: Sequence[float]) -> list[dict]:
    """Return precision and recall of `score ≥ threshold` for each threshold; precision is None where nothing fires."""
    truth = np.asarray(wanted) > 0.5
    values = np.asarray(scores, dtype=float)
    table = []
    for threshold in thresholds:
        fired = values >= threshold
        hit = int((fired & truth).sum())
        table.append(
            {
                "threshold": round(float(threshold), 2),
                "fired": int(fired.sum()),
                "precision": round(hit / int(fired.sum()), 4) if fired.any() else None,
                "recall": round(_ratio(hit, int(truth.sum())), 4),
            }
        )
    return table


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
