"""How good and how fast the insight model is: `python -m analytics.benchmark`.

Trains on the shipped lines and dialogues (and the imported logs, with --logs) and prints

- quality by cross-validation: each line and dialogue is scored by a model that never saw it, not even for early
  stopping, and the thresholds of `escalation.yml` are read off the precision and recall printed here;
- the latency of one message, median and 95th percentile, and messages a second in batches, on the served model.
"""

import argparse
import json
import os
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from analytics.features import Turn
from analytics.insight import InsightModel
from analytics.insight_examples import (
    LabelledDialogue,
    LabelledLine,
    dialogue_examples,
    line_examples,
    log_examples,
    read_dialogues,
    read_lines,
    word_examples,
)
from analytics.insight_network import NetworkSizes
from analytics.insight_training import THRESHOLDS, TrainingReport, fit, judge, predict, split, train_insight
from analytics.progress import EpochBar
from analytics.scores import threshold_table

SENTIMENT_FOLDER = Path(__file__).parents[1] / "nlu_data" / "sentiment"
#: Half a second of somebody else's work must not pass for our latency: enough calls that the median stands above it.
CALLS = 1_000
BATCH = 256
BATCHES = 20


def cross_validate(
    lines: Sequence[LabelledLine],
    words: Sequence[LabelledLine],
    dialogues: Sequence[LabelledDialogue],
    conversations: Sequence[Any],
    *,
    folds: int,
    seed: int,
    epochs: int,
) -> tuple[TrainingReport, list[dict]]:
    """Return the report over all held-out folds, and the threshold table by dialogue (its highest score so far).

    :raises ValueError: when folds < 2.
    """
    if folds < 2:
        raise ValueError(f"folds={folds}: expected at least 2; use 5")
    line_folds = _folds(lines, folds, seed, key=lambda line: line.sentiment)
    dialogue_folds = _folds(dialogues, folds, seed, key=lambda dialogue: any(dialogue.frustrated))
    examples, outputs, peaks, epochs_done, seconds = [], [], [], [], 0.0
    weak = log_examples(conversations)
    for fold in range(folds):
        rest = [item for other in range(folds) if other != fold for item in line_folds[other]]
        rest_marked = [item for other in range(folds) if other != fold for item in dialogue_folds[other]]
        train, stop = split(rest, seed, key=lambda line: line.sentiment)
        marked, stop_marked = split(rest_marked, seed, key=lambda dialogue: any(dialogue.frustrated))
        fitted = fit(
            [*line_examples(train), *word_examples(words), *dialogue_examples(marked), *weak],
            [*line_examples(stop), *dialogue_examples(stop_marked)],
            seed=seed,
            epochs=epochs,
            sizes=NetworkSizes(),
        )
        held = [*line_examples(line_folds[fold]), *dialogue_examples(dialogue_folds[fold])]
        predictions = predict(fitted.network, fitted.vocabulary, held)
        examples.extend(held)
        outputs.append(predictions)
        seconds += fitted.seconds
        epochs_done.extend(fitted.history)
        for dialogue in dialogue_folds[fold]:
            scored = predict(fitted.network, fitted.vocabulary, dialogue_examples([dialogue]))["frustration"][:, 0]
            # The rules ask for a second message, so the first cannot fire them.
            peaks.append((float(any(dialogue.frustrated)), float(scored[1:].max(initial=0.0))))
    together = {name: np.concatenate([output[name] for output in outputs]) for name in outputs[0]}
    counts = {"lines": len(lines), "words": len(words), "dialogues": len(dialogues), "log turns": len(weak)}
    report = judge(examples, together, seconds=seconds, history=epochs_done, counts=counts)
    return report, threshold_table([wanted for wanted, _ in peaks], [peak for _, peak in peaks], THRESHOLDS)


def measure_speed(model: InsightModel, dialogues: Sequence[LabelledDialogue]) -> dict[str, float]:
    """Return median_ms and p95_ms of one `score` call on real histories, and batch_per_second of `score_many`."""
    histories: list[tuple[Turn, ...]] = [example.history for example in dialogue_examples(dialogues)]
    taken = []
    for call in range(CALLS):
        history = histories[call % len(histories)]
        started = time.perf_counter()
        model.score(history)
        taken.append(time.perf_counter() - started)
    batch = [histories[index % len(histories)] for index in range(BATCH)]
    started = time.perf_counter()
    for _ in range(BATCHES):
        model.score_many(batch)
    elapsed = time.perf_counter() - started
    return {
        "median_ms": round(float(np.median(taken)) * 1000, 3),
        "p95_ms": round(float(np.percentile(taken, 95)) * 1000, 3),
        "batch_per_second": round(BATCH * BATCHES / elapsed),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print; `--json FILE` also writes the figures."""
    parser = argparse.ArgumentParser(prog="python -m analytics.benchmark", description=__doc__)
    parser.add_argument("--folds", type=int, default=5, help="parts of the cross-validation (0: leave it out)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--epochs", type=int, default=60, help="epochs at most")
    parser.add_argument("--logs", type=Path, help="folder of imported logs for weak labels")
    parser.add_argument("--json", type=Path, help="file for the figures")
    options = parser.parse_args(arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # before TensorFlow is imported
    lines = read_lines(SENTIMENT_FOLDER / "lines.csv")
    words = read_lines(SENTIMENT_FOLDER / "words.csv")
    dialogues = read_dialogues(SENTIMENT_FOLDER / "dialogues.jsonl")
    conversations: list[Any] = []
    if options.logs is not None:
        from nlu_data.logs import read_conversations

        conversations = list(read_conversations(options.logs))
    figures: dict[str, Any] = {}
    if options.folds:
        report, by_dialogue = cross_validate(
            lines, words, dialogues, conversations, folds=options.folds, seed=options.seed, epochs=options.epochs
        )
        figures["cross_validation"] = {**report.as_json(), "dialogue_thresholds": by_dialogue}
        print(f"== held-out, {options.folds}-fold cross-validation\n{report.as_text()}")
        print("Highest frustration of a dialogue's second and later turns against 'patience was lost':")
        for row in by_dialogue:
            print(
                f"  ≥ {row['threshold']:.2f}: precision {row['precision']}  recall {row['recall']}  "
                f"({row['fired']} of {len(dialogues)} dialogues)"
            )
    with tempfile.TemporaryDirectory() as directory, EpochBar("insight") as bar:
        trained = train_insight(
            conversations,
            lines,
            words=words,
            dialogues=dialogues,
            directory=Path(directory),
            seed=options.seed,
            epochs=options.epochs,
            progress=bar,
        )
        model = InsightModel.load(Path(directory))
    figures["train_seconds"] = trained.seconds
    figures["speed"] = measure_speed(model, dialogues)
    print(f"== training {trained.seconds:.1f} s, {trained.epochs} epochs")
    print(
        "== latency median {median_ms} ms, p95 {p95_ms} ms; batches {batch_per_second} messages/s".format(
            **figures["speed"]
        )
    )
    if options.json is not None:
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")


def _folds(items: Sequence[Any], count: int, seed: int, *, key: Callable[[Any], Any]) -> list[list[Any]]:
    groups: dict[Any, list[Any]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    folds: list[list[Any]] = [[] for _ in range(count)]
    dealt = 0
    for name in sorted(groups, key=str):
        members = groups[name]
        random.Random(f"{seed}/fold/{name}").shuffle(members)
        for item in members:
            folds[dealt % count].append(item)
            dealt += 1
    return folds


if __name__ == "__main__":
    main()
