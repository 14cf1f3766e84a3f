"""Linear intent model over sparse n-grams and the sentence vector, calibrated, with a rejection threshold.

Trained with scikit-learn (one-vs-rest linear SVM), served with numpy. Binary character n-grams with a linear SVM are
a strong baseline for short Chinese questions; the dense vector adds what the n-grams have never seen.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from nlu_data.text import char_ngrams, normalise, words

OUT_OF_SCOPE = "out_of_scope"
FOLDS = 4
#: Numbers this long name one order, parcel or phone: which one says nothing about the intent.
_LONG_NUMBER = re.compile(r"(?:ys|yt|rf)?\s?\d{6,}")
_RUN = re.compile(r"[^\W_]+")
#: Share of the probability that a message gets which stands word for word among the labelled examples.
WORD_FOR_WORD = 0.98


@dataclass(frozen=True)
class IntentReport:
    """What cross-validation on the training examples says; every number is out of fold."""

    examples: int
    intents: int
    accuracy: float  # of in-scope examples, before rejection
    accepted: float  # share of in-scope examples that the threshold lets pass
    out_of_scope_recall: float
    calibration_error: float  # expected calibration error, 10 bins (Guo et al. 2017)
    confused: list[tuple[str, str, int]] = field(default_factory=list)  # (true, predicted, how often), most first


class IntentModel:
    """Texts and their sentence vectors in, calibrated intent probabilities out."""

    def __init__(
        self,
        intents: Sequence[str],
        vocabulary: dict[str, int],
        idf: np.ndarray,
        weights: np.ndarray,
        bias: np.ndarray,
        *,
        dense_weight: float,
        scale: float,
        threshold: float,
        report: IntentReport,
        known: Mapping[str, str] | None = None,
    ) -> None:
        """`weights`: float32 (len(vocabulary) + dimension, len(intents)); `bias`: (len(intents),)."""
        self.intents = list(intents)
        self.threshold = threshold
        self.report = report
        #: Out-of-fold probabilities of the training texts, float32 (texts, intents); only right after training.
        self.out_of_fold: np.ndarray | None = None
        self._vocabulary = vocabulary
        self._idf = idf
        self._weights = weights
        self._bias = bias
        self._dense_weight = dense_weight
        self._scale = scale
        self._known = dict(known or {})

    def probabilities(self, text: str, vector: np.ndarray) -> np.ndarray:
        """Return float32 (len(intents),), summing to 1."""
        found = [self._vocabulary[name] for name in sparse_features(text) if name in self._vocabulary]
        margins = self._bias.copy()
        if found:
            values = self._idf[found]
            margins += (values / np.linalg.norm(values)) @ self._weights[found]
        margins += (self._dense_weight * vector) @ self._weights[len(self._vocabulary) :]
        probabilities = softmax(self._scale * margins[None, :])[0]
        known = self._known.get(plain(text))
        if known is not None:
            # “取消” alone means one thing, however often the word stands in questions about orders.
            probabilities *= 1 - WORD_FOR_WORD
            probabilities[self.intents.index(known)] += WORD_FOR_WORD
        return probabilities

    def decide(self, probabilities: np.ndarray) -> tuple[str, float]:
        """Return the intent and its probability; `out_of_scope` when none of ours is likely enough."""
        best = int(probabilities.argmax())
        if self.intents[best] == OUT_OF_SCOPE or probabilities[best] >= self.threshold:
            return self.intents[best], float(probabilities[best])
        return OUT_OF_SCOPE, float(1.0 - probabilities[best])

    @classmethod
    def train(
        cls,
        texts: Sequence[str],
        labels: Sequence[str],
        vectors: np.ndarray,
        *,
        trusted: Sequence[bool] | None = None,
        in_scope_cost: float,
        dense_weight: float,
        regularisation: float,
        seed: int,
    ) -> "IntentModel":
        """Fit the model; scale and threshold come from out-of-fold margins on the trusted (hand-labelled) examples.

        :param in_scope_cost: share of in-scope examples that may be rejected (0–1) to turn out-of-scope ones away.
        :raises ValueError: with fewer than two intents, or an intent with fewer than `FOLDS` examples.
        """
        from scipy.optimize import minimize_scalar
        from sklearn.model_selection import StratifiedKFold

        intents = sorted(set(labels))
        target = np.array([intents.index(label) for label in labels])
        counts = np.bincount(target, minlength=len(intents))
        if len(intents) < 2 or counts.min() < FOLDS:
            raise ValueError(
                f"intent {intents[int(counts.argmin())]!r}: {counts.min()} examples; expected {FOLDS} or more for each "
                "of at least two intents. Add examples to nlu_data/training"
            )
        checked = np.ones(len(texts), bool) if trusted is None else np.asarray(trusted, bool)
        vocabulary, idf, matrix = _design(texts, vectors, dense_weight)
        margins = np.zeros((len(texts), len(intents)), np.float32)
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
        for train, held_out in folds.split(np.zeros(len(texts)), target):
            weights, bias = _fit(matrix[train], target[train], len(intents), regularisation, seed)
            margins[held_out] = matrix[held_out] @ weights + bias
        rows = np.flatnonzero(checked)
        picked = target[rows]

        def loss(log_scale: float) -> float:
            likely = softmax(np.exp(log_scale) * margins[rows])[np.arange(len(rows)), picked]
            return float(-np.log(np.maximum(likely, 1e-12)).mean())

        scale = float(np.exp(minimize_scalar(loss, bounds=(-2.0, 4.0), method="bounded").x))
        threshold, report = _calibrated(softmax(scale * margins[rows]), picked, intents, in_scope_cost)
        weights, bias = _fit(matrix, target, len(intents), regularisation, seed)
        model = cls(
            intents,
            vocabulary,
            idf,
            weights,
            bias,
            dense_weight=dense_weight,
            scale=scale,
            threshold=threshold,
            report=report,
            known=word_for_word(
                [text for text, trust in zip(texts, checked) if trust],
                [label for label, trust in zip(labels, checked) if trust],
            ),
        )
        model.out_of_fold = softmax(scale * margins)
        return model

    def save(self, directory: Path) -> None:
        np.savez(directory / "weights.npz", idf=self._idf, weights=self._weights, bias=self._bias)
        content = {
            "intents": self.intents,
            "vocabulary": list(self._vocabulary),
            "dense_weight": self._dense_weight,
            "scale": self._scale,
            "threshold": self.threshold,
            "report": asdict(self.report),
            "known": self._known,
        }
        (directory / "model.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, directory: Path) -> "IntentModel":
        content: dict[str, Any] = json.loads((directory / "model.json").read_text(encoding="utf-8"))
        with np.load(directory / "weights.npz", allow_pickle=False) as arrays:
            idf, weights, bias = arrays["idf"], arrays["weights"], arrays["bias"]
        return cls(
            content["intents"],
            {name: column for column, name in enumerate(content["vocabulary"])},
            idf,
            weights,
            bias,
            dense_weight=content["dense_weight"],
            scale=content["scale"],
            threshold=content["threshold"],
            report=IntentReport(**content["report"]),
            known=content["known"],
        )


def plain(text: str) -> str:
    """Return the text's letters and digits alone, in normal form: what is compared word for word."""
    return "".join(_RUN.findall(normalise(text)))


def word_for_word(texts: Sequence[str], labels: Sequence[str]) -> dict[str, str]:
    """Return plain text → intent for the texts that stand under one intent only."""
    found: dict[str, set[str]] = {}
    for text, label in zip(texts, labels):
        found.setdefault(plain(text), set()).add(label)
    return {text: next(iter(intents)) for text, intents in found.items() if text and len(intents) == 1}


def sparse_features(text: str) -> set[str]:
    """Return the text's character 1–4-grams ("c:…") and words ("w:…"), each once; long numbers are all the same."""
    clean = _LONG_NUMBER.sub(" 0 ", normalise(text))
    found = {"c:" + gram for run in _RUN.findall(clean) for gram in char_ngrams(run, 1, 4)}
    found.update("w:" + word for word in words(clean) if _RUN.fullmatch(word))
    # Whether it is asked or said, and how long it is, help to tell a question from an errand.
    found.add("ask" if re.search(r"[?？吗呢么嘛]|什么|怎么|多久|几|哪", clean) else "say")
    found.add("short" if len(clean) <= 4 else "long" if len(clean) > 20 else "middle")
    return found


def softmax(margins: np.ndarray) -> np.ndarray:
    """Return the row-wise softmax."""
    powers = np.exp(margins - margins.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def calibration_error(confidence: np.ndarray, correct: np.ndarray, bins: int = 10) -> float:
    """Return the expected calibration error (Guo et al. 2017, "On Calibration of Modern Neural Networks")."""
    edges = np.minimum((confidence * bins).astype(int), bins - 1)
    return float(
        sum(
            abs(confidence[edges == each].mean() - correct[edges == each].mean()) * (edges == each).mean()
            for each in range(bins)
            if (edges == each).any()
        )
    )


def _design(texts: Sequence[str], vectors: np.ndarray, dense_weight: float):
    from scipy.sparse import csr_matrix, hstack

    found = [sparse_features(text) for text in texts]
    vocabulary = {name: column for column, name in enumerate(sorted(set().union(*found)))}
    frequency = np.zeros(len(vocabulary), np.float32)
    for names in found:
        frequency[[vocabulary[name] for name in names]] += 1
    idf = (np.log((1 + len(texts)) / (1 + frequency)) + 1).astype(np.float32)
    rows, columns, values = [], [], []
    for row, names in enumerate(found):
        picked = sorted(vocabulary[name] for name in names)
        rows += [row] * len(picked)
        columns += picked
        values += list(idf[picked] / np.linalg.norm(idf[picked]))
    sparse = csr_matrix((values, (rows, columns)), shape=(len(texts), len(vocabulary)), dtype=np.float32)
    return vocabulary, idf, hstack([sparse, csr_matrix(dense_weight * vectors)], format="csr")


def _fit(matrix, target: np.ndarray, intents: int, regularisation: float, seed: int):
    from sklearn.svm import LinearSVC

    model = LinearSVC(C=regularisation, class_weight="balanced", random_state=seed).fit(matrix, target)
    if intents == 2:  # scikit-learn keeps one row for two classes
        return np.vstack([-model.coef_, model.coef_]).T.astype(np.float32), np.array(
            [-model.intercept_[0], model.intercept_[0]], np.float32
        )
    return model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32)


def _calibrated(
    probabilities: np.ndarray, target: np.ndarray, intents: list[str], in_scope_cost: float
) -> tuple[float, IntentReport]:
    best = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1)
    outside = intents.index(OUT_OF_SCOPE) if OUT_OF_SCOPE in intents else -1
    inside = target != outside
    passes = inside & (best != outside)
    # Of the in-scope examples some already go to out_of_scope by themselves; the threshold spends what is left.
    allowed = int(in_scope_cost * inside.sum()) - int((inside & (best == outside)).sum())
    ordered = np.sort(confidence[passes])
    threshold = float(ordered[min(max(allowed, 0), len(ordered) - 1)]) if len(ordered) else 0.0
    accepted = passes & (confidence >= threshold)
    rejected = (best == outside) | (confidence < threshold)
    pairs: dict[tuple[str, str], int] = {}
    for true, predicted in zip(target[inside], best[inside]):
        if true != predicted:
            key = (intents[true], intents[predicted])
            pairs[key] = pairs.get(key, 0) + 1
    return threshold, IntentReport(
        examples=len(target),
        intents=len(intents),
        accuracy=float((best == target)[inside].mean()),
        accepted=float(accepted.sum() / max(inside.sum(), 1)),
        out_of_scope_recall=float(rejected[~inside].mean()) if (~inside).any() else 0.0,
        calibration_error=calibration_error(confidence, best == target),
        confused=sorted(((*key, count) for key, count in pairs.items()), key=lambda each: -each[2])[:20],
    )
