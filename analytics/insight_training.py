"""Trains the insight network on hand-labelled lines and dialogues and on the company's own logs, in under a minute."""

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from analytics.features import behaviour_features
from analytics.insight import save_model
from analytics.insight_examples import (
    Example,
    LabelledDialogue,
    LabelledLine,
    LogConversation,
    dialogue_examples,
    line_examples,
    log_examples,
    word_examples,
)
from analytics.insight_network import EMOTIONS, SENTIMENTS, NetworkSizes, build_network
from analytics.scores import class_report, roc_area, threshold_table
from analytics.vocabulary import Vocabulary, build_vocabulary

#: Called after each epoch with (epoch from 1, epochs at most, the epoch's losses and metrics).
Progress = Callable[[int, int, dict[str, float]], None]

BATCH = 64
LEARNING_RATE = 3e-3
#: Epochs without a better validation loss after which training stops and the best weights come back.
PATIENCE = 8
VALIDATION_SHARE = 0.2
#: How the heads' losses are added up.
LOSS_WEIGHTS = {"sentiment": 1.0, "emotion": 0.4, "frustration": 0.8}
#: Share of n-grams and characters hidden from each example in training, afresh for each epoch.
WORD_DROPOUT = 0.15
THRESHOLDS = tuple(round(step / 20, 2) for step in range(6, 20))

REPORT_JSON, REPORT_TEXT = "report.json", "report.txt"


@dataclass(frozen=True)
class TrainingReport:
    """How the training went and how good the model is on the held-out validation part."""

    seconds: float
    epochs: int
    examples: dict[str, int]
    sentiment: dict[str, Any]
    emotion: dict[str, Any]
    sarcasm_recall: float | None  # share of sarcastic lines read as negative
    frustration_auroc: float | None
    frustration_thresholds: list[dict[str, Any]]
    mistakes: list[dict[str, str]] = field(default_factory=list)
    history: list[dict[str, float]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The whole report as plain JSON."""
        return dict(self.__dict__)

    def as_text(self) -> str:
        """The report for people."""
        lines = [f"Insight model: {self.epochs} epochs in {self.seconds:.1f} s on {self.examples}"]
        for title, figures in (("Sentiment", self.sentiment), ("Emotion", self.emotion)):
            if not figures["count"]:
                lines.append(f"{title}: nothing to validate on")
                continue
            lines.append(
                f"{title}: accuracy {figures['accuracy']:.3f}, macro-F1 {figures['macro_f1']:.3f}, "
                f"ECE {figures['ece']:.3f} on {figures['count']} lines"
            )
            for name, row in figures["classes"].items():
                lines.append(
                    f"  {name:<13} precision {row['precision']:.3f}  recall {row['recall']:.3f}  "
                    f"F1 {row['f1']:.3f}  ({row['count']})"
                )
            lines.append(f"  confusion (rows: labelled): {figures['confusion']}")
        lines.append(f"Sarcastic lines read as negative: {_said(self.sarcasm_recall)}")
        lines.append(f"Frustration AUROC on marked turns: {_said(self.frustration_auroc)}")
        for row in self.frustration_thresholds:
            lines.append(
                f"  ≥ {row['threshold']:.2f}: precision {_said(row['precision'])}  recall {_said(row['recall'])}  "
                f"({row['fired']} turns)"
            )
        lines.extend(f"  wrong: {row['text']}  ({row['wanted']} read as {row['read']})" for row in self.mistakes)
        return "\n".join(lines) + "\n"


def train_insight(
    conversations: Iterable[LogConversation],
    labelled_lines: Sequence[LabelledLine],
    *,
    directory: Path,
    dialogues: Sequence[LabelledDialogue] = (),
    words: Sequence[LabelledLine] = (),
    seed: int = 7,
    epochs: int = 60,
    progress: Progress | None = None,
    sizes: NetworkSizes | None = None,
) -> TrainingReport:
    """Train, write the model folder and the report (report.json, report.txt) to `directory`, and return the report.

    A fifth of the lines and of the dialogues, chosen by `seed`, is held out for early stopping and the report. The
    network that is written has then been trained from the start on everything, for as many epochs as were best: the
    report is about its twin that never saw the held-out part.

    :param conversations: imported logs, for weak labels of frustration; may be empty.
    :param words: single words and short phrases with their sentiment; trained on, never validated on.
    :raises ValueError: when the labelled lines hold fewer than two sentiments, or epochs < 1.
    """
    lines, held_lines = split(list(labelled_lines), seed, key=lambda line: line.sentiment)
    marked, held_marked = split(list(dialogues), seed, key=lambda dialogue: any(dialogue.frustrated))
    train = [*line_examples(lines), *word_examples(words), *dialogue_examples(marked), *log_examples(conversations)]
    validation = [*line_examples(held_lines), *dialogue_examples(held_marked)]
    started = time.perf_counter()
    fitted = fit(train, validation, seed=seed, epochs=epochs, progress=progress, sizes=sizes or NetworkSizes())
    predictions = predict(fitted.network, fitted.vocabulary, validation)
    if validation:
        fitted.refit([*train, *validation], seed=seed)
    report = judge(
        validation,
        predictions,
        seconds=time.perf_counter() - started,
        history=fitted.history,
        counts={
            "lines": len(labelled_lines),
            "words": len(words),
            "dialogues": len(dialogues),
            "all turns": len(train),
        },
    )
    directory = Path(directory)
    save_model(fitted.network, fitted.vocabulary, sizes or NetworkSizes(), directory, seed=seed)
    (directory / REPORT_JSON).write_text(json.dumps(report.as_json(), ensure_ascii=False, indent=1), encoding="utf-8")
    (directory / REPORT_TEXT).write_text(report.as_text(), encoding="utf-8")
    return report


@dataclass(frozen=True)
class Fitted:
    """A trained network with its vocabulary, and how it came about."""

    network: Any
    vocabulary: Vocabulary
    history: list[dict[str, float]]  # figures of each epoch
    seconds: float
    best_epoch: int
    start: "_State"

    def refit(self, examples: Sequence[Example], *, seed: int) -> None:
        """Train the network from its start again, on `examples`, for as many epochs as were best before."""
        self.start.restore()
        batches = _Batches(*arrays(examples, self.vocabulary), seed)
        for epoch in range(1, self.best_epoch + 1):
            _epoch(self.network, batches, epoch)


def split(items: list, seed: int, *, key: Callable[[Any], Any], share: float = VALIDATION_SHARE) -> tuple[list, list]:
    """Return (training, held out), `share` of each group of equal `key` held out, chosen by `seed` alone."""
    groups: dict[Any, list[int]] = {}
    for index, item in enumerate(items):
        groups.setdefault(key(item), []).append(index)
    held: set[int] = set()
    for name in sorted(groups, key=str):
        members = groups[name]
        random.Random(f"{seed}/{name}").shuffle(members)
        held.update(members[: int(len(members) * share)])
    return [item for index, item in enumerate(items) if index not in held], [items[index] for index in sorted(held)]


def fit(
    train: Sequence[Example],
    validation: Sequence[Example],
    *,
    seed: int,
    epochs: int,
    sizes: NetworkSizes,
    progress: Progress | None = None,
) -> "Fitted":
    """Return the network with the weights that were best on `validation`, without one those of the last epochs.

    :raises ValueError: when fewer than two sentiments are labelled, or epochs < 1.
    """
    if epochs < 1:
        raise ValueError(f"epochs={epochs}: expected at least 1; leave it out for the default")
    found = sorted({example.sentiment for example in train if example.sentiment})
    if len(found) < 2:
        raise ValueError(f"labelled sentiments={found}: expected at least two of {SENTIMENTS}; add labelled lines")
    import tensorflow as tf

    started = time.perf_counter()
    tf.random.set_seed(seed)
    vocabulary = build_vocabulary(
        example.history[-1].text for example in train if example.sentiment or example.hand_labelled
    )
    network = build_network(vocabulary, sizes, seed)
    network.compile(
        tf.keras.optimizers.Adam(LEARNING_RATE),
        loss={
            "sentiment": tf.keras.losses.CategoricalCrossentropy(label_smoothing=0.05),
            "emotion": tf.keras.losses.CategoricalCrossentropy(label_smoothing=0.05),
            "frustration": "binary_crossentropy",
        },
        loss_weights=LOSS_WEIGHTS,
        weighted_metrics=[],
    )
    inputs, labels, weights = arrays(train, vocabulary)
    held = arrays(validation, vocabulary, balanced=False) if validation else None
    batches = _Batches(inputs, labels, weights, seed)
    start = _State(network)
    best, best_loss, best_epoch, history = network.get_weights(), float("inf"), 0, []
    for epoch in range(1, epochs + 1):
        figures = _epoch(network, batches, epoch)
        if held is not None:
            held_inputs, held_labels, held_weights = held
            figures["validation_loss"] = float(
                network.evaluate(
                    held_inputs, held_labels, sample_weight=held_weights, batch_size=512, verbose=0, return_dict=True
                )["loss"]
            )
        history.append({key: round(value, 5) for key, value in figures.items()})
        if progress is not None:
            progress(epoch, epochs, figures)
        watched = figures.get("validation_loss", figures["loss"])
        if watched < best_loss:
            best, best_loss, best_epoch = network.get_weights(), watched, epoch
        elif epoch - best_epoch >= PATIENCE:
            break
    network.set_weights(best)
    return Fitted(network, vocabulary, history, time.perf_counter() - started, best_epoch, start)


def arrays(
    examples: Sequence[Example], vocabulary: Vocabulary, *, balanced: bool = True
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Return inputs, labels and sample weights; a missing label weighs 0, and classes weigh alike if `balanced`."""
    characters, grams = vocabulary.encode_many([example.history[-1].text for example in examples])
    behaviour = np.stack([behaviour_features(example.history) for example in examples])
    sentiment, sentiment_weight = _one_hot([example.sentiment for example in examples], SENTIMENTS, balanced)
    emotion, emotion_weight = _one_hot([example.emotion for example in examples], EMOTIONS, balanced)
    line_weight = np.array([example.line_weight for example in examples], dtype=np.float32)
    frustration = np.array([[example.frustration or 0.0] for example in examples], dtype=np.float32)
    frustration_weight = np.array(
        [0.0 if example.frustration is None else example.frustration_weight for example in examples], dtype=np.float32
    )
    return (
        {"characters": characters, "grams": grams, "behaviour": behaviour},
        {"sentiment": sentiment, "emotion": emotion, "frustration": frustration},
        {
            "sentiment": sentiment_weight * line_weight,
            "emotion": emotion_weight * line_weight,
            "frustration": frustration_weight,
        },
    )


def predict(network: Any, vocabulary: Vocabulary, examples: Sequence[Example]) -> dict[str, np.ndarray]:
    """Return the heads' outputs for the examples, in order; empty arrays for none."""
    if not examples:
        return {
            "sentiment": np.zeros((0, len(SENTIMENTS))),
            "emotion": np.zeros((0, len(EMOTIONS))),
            "frustration": np.zeros((0, 1)),
        }
    inputs, _, _ = arrays(examples, vocabulary)
    return network.predict(inputs, batch_size=512, verbose=0)


def judge(
    examples: Sequence[Example],
    predictions: dict[str, np.ndarray],
    *,
    seconds: float,
    history: list[dict[str, float]],
    counts: dict[str, int],
) -> TrainingReport:
    """Return the report of `predictions` for held-out `examples`; frustration is judged on hand-marked turns only."""
    felt = [index for index, example in enumerate(examples) if example.sentiment]
    moved = [index for index, example in enumerate(examples) if example.emotion]
    marked = [index for index, example in enumerate(examples) if example.hand_labelled]
    ironic = [index for index in felt if examples[index].sarcastic]
    read = predictions["sentiment"].argmax(axis=1)
    wanted_frustration = [examples[index].frustration or 0.0 for index in marked]
    frustration = predictions["frustration"][marked, 0]
    mistakes = [
        {
            "text": examples[index].history[-1].text,
            "wanted": str(examples[index].sentiment),
            "read": SENTIMENTS[read[index]],
        }
        for index in felt
        if SENTIMENTS[read[index]] != examples[index].sentiment
    ]
    return TrainingReport(
        seconds=round(seconds, 2),
        epochs=len(history),
        examples=counts,
        sentiment=class_report(
            [SENTIMENTS.index(examples[index].sentiment) for index in felt], predictions["sentiment"][felt], SENTIMENTS
        ),
        emotion=class_report(
            [EMOTIONS.index(examples[index].emotion) for index in moved], predictions["emotion"][moved], EMOTIONS
        ),
        sarcasm_recall=round(float(np.mean(read[ironic] == 0)), 4) if ironic else None,
        frustration_auroc=roc_area(wanted_frustration, frustration) if marked else None,
        frustration_thresholds=threshold_table(wanted_frustration, frustration, THRESHOLDS) if marked else [],
        mistakes=mistakes[:40],
        history=history,
    )


class _State:
    """The weights and the optimizer's memory at one moment, to go back to without tracing the network again."""

    def __init__(self, network: Any) -> None:
        network.optimizer.build(network.trainable_variables)
        self._network = network
        self._weights = network.get_weights()
        self._memory = [variable.numpy() for variable in network.optimizer.variables]

    def restore(self) -> None:
        """Put everything back as it was."""
        self._network.set_weights(self._weights)
        for variable, value in zip(self._network.optimizer.variables, self._memory, strict=True):
            variable.assign(value)


class _Batches:
    """Shuffled batches with word dropout, the same for the same seed and epoch."""

    def __init__(self, inputs: dict, labels: dict, weights: dict, seed: int) -> None:
        self.inputs, self.labels, self.weights, self.seed = inputs, labels, weights, seed

    def of(self, epoch: int) -> Iterable[tuple[dict, dict, dict]]:
        generator = np.random.default_rng((self.seed, epoch))
        order = generator.permutation(len(self.inputs["grams"]))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            inputs = {name: values[rows] for name, values in self.inputs.items()}
            for name in ("characters", "grams"):
                hidden = generator.random(inputs[name].shape) < WORD_DROPOUT
                replacement = np.minimum(inputs[name], 1) if name == "characters" else 0
                inputs[name] = np.where(hidden, replacement, inputs[name]).astype(np.int32)
            yield (
                inputs,
                {name: values[rows] for name, values in self.labels.items()},
                {name: values[rows] for name, values in self.weights.items()},
            )


def _epoch(network: Any, batches: _Batches, epoch: int) -> dict[str, float]:
    network.reset_metrics()
    figures: dict[str, float] = {}
    for inputs, labels, weights in batches.of(epoch):
        figures = network.train_on_batch(inputs, labels, sample_weight=weights, reset_metrics=False, return_dict=True)
    return {key: float(value) for key, value in figures.items()}


def _one_hot(labels: Sequence[str | None], names: Sequence[str], balanced: bool) -> tuple[np.ndarray, np.ndarray]:
    counts = Counter(label for label in labels if label)
    rows = np.zeros((len(labels), len(names)), dtype=np.float32)
    weights = np.zeros(len(labels), dtype=np.float32)
    for row, label in enumerate(labels):
        if label:
            rows[row, names.index(label)] = 1.0
            weights[row] = sum(counts.values()) / (len(counts) * counts[label]) if balanced else 1.0
    return rows, weights


def _said(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
