"""Measures retrieval on the project's own data: `python -m retrieval.benchmark [--seed N] [--epochs N] [--json FILE]`.

From each question two ways to ask are kept back: one to calibrate, one to measure. The encoder is trained on what is
left and on pairs of training examples with the same intent; half of the out-of-scope lines calibrate, half measure.
"""

import argparse
import json
import random
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timezone
from pathlib import Path

import yaml

from retrieval.calibration import Calibration, LabelledQuestion, calibrate, measure, reserve_questions
from retrieval.encoder import SentenceEncoder
from retrieval.encoder_training import DEFAULT_EPOCHS, TextPair, train_encoder, untrained_encoder
from retrieval.fusion import Fusion, Weights
from retrieval.hybrid import CONTENT, QUESTION, HybridRetriever
from retrieval.knowledge_files import read_knowledge
from storage.knowledge import KnowledgeEntry

DATA = Path(__file__).resolve().parent.parent / "nlu_data"
SEED_DATE = date(2026, 1, 1)
NOW = datetime(2026, 1, 1, 12, tzinfo=timezone.utc).timestamp()
OUT_OF_SCOPE = "out_of_scope"
_ENTITY = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")


def read_examples(directory: Path) -> dict[str, list[str]]:
    """Return {intent: examples without entity marks} of the Rasa NLU files in `directory`."""
    found: dict[str, list[str]] = {}
    for path in sorted(directory.glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8")).get("nlu") or []:
            if "intent" in block:
                lines = (line.strip() for line in block["examples"].splitlines())
                examples = (_ENTITY.sub(r"\1", line[2:]).strip() for line in lines if line.startswith("- "))
                found.setdefault(block["intent"], []).extend(examples)
    return found


def pairs_of_knowledge(entries: Sequence[KnowledgeEntry]) -> list[TextPair]:
    """Return each question with each of its variants and with its answer."""
    pairs = []
    for entry in entries:
        if entry.kind == "question":
            pairs += [TextPair(variant, entry.title) for variant in entry.variants]
            pairs += [TextPair(question, entry.body) for question in (entry.title, *entry.variants)]
    return pairs


def pairs_of_intents(examples: Mapping[str, Sequence[str]], *, partners: int, seed: int) -> list[TextPair]:
    """Return each example with `partners` others of its intent; out-of-scope lines share nothing and give none."""
    chance = random.Random(seed)
    pairs = []
    for intent, lines in sorted(examples.items()):
        if intent != OUT_OF_SCOPE:
            for line in lines:
                others = [other for other in lines if other != line]
                pairs += [TextPair(line, other) for other in chance.sample(others, min(partners, len(others)))]
    return pairs


def run(*, seed: int, epochs: int, progress=print) -> dict:
    """Train, calibrate and measure; return the figures as plain JSON."""
    entries = [draft.as_entry() for draft in read_knowledge(DATA / "knowledge", seed_date=SEED_DATE)]
    examples = read_examples(DATA / "training")
    unknown = [LabelledQuestion(line) for line in examples.get(OUT_OF_SCOPE, [])]
    random.Random(seed).shuffle(unknown)
    rest, tests = reserve_questions(entries, seed=seed)
    rest, validation = reserve_questions(rest, seed=seed + 1)
    half = len(unknown) // 2
    validation, tests = validation + unknown[:half], tests + unknown[half:]
    titles = {entry.id: entry.title for entry in entries}
    pairs = pairs_of_knowledge(rest) + pairs_of_intents(examples, partners=2, seed=seed)
    held_back = [TextPair(q.text, titles[min(q.relevant)]) for q in validation if q.relevant]
    progress(f"{len(entries)} entries, {len(pairs)} training pairs, {len(tests)} questions to measure")
    started = time.perf_counter()
    trained = train_encoder(pairs, validation=held_back, epochs=epochs, seed=seed)
    seconds = time.perf_counter() - started
    untrained = untrained_encoder(pairs, seed=seed)

    rows = {}
    for name, encoder, sides in (
        ("lexical only", untrained, "lexical"),
        ("dense only, untrained", untrained, "dense"),
        ("dense only", trained, "dense"),
        ("fused, untrained", untrained, "both"),
        ("fused", trained, "both"),
    ):
        rows[name] = _measure(encoder, rest, validation, tests, sides)
    retriever, calibration = _calibrated(trained, rest, validation)
    return {
        "entries": len(entries),
        "pairs": len(pairs),
        "training_seconds": round(seconds, 1),
        "ms_per_search": _milliseconds(retriever, [question.text for question in tests]),
        "calibration": calibration.as_dict(),
        "search": rows,
    }


def _calibrated(encoder: SentenceEncoder, entries, validation) -> tuple[HybridRetriever, Calibration]:
    retriever = HybridRetriever(encoder)
    retriever.sync([entry for entry in entries if entry.kind == "question"], [])
    calibration = calibrate(retriever, validation, now=NOW)
    retriever.sync([entry for entry in entries if entry.kind == "article"], [])
    return retriever, calibration


def _measure(encoder, entries, validation, tests, sides: str) -> dict:
    retriever, calibration = _calibrated(encoder, entries, validation)
    roles = (QUESTION, CONTENT)
    if sides != "both":
        # One side alone: its raw score ranks; there is no threshold to speak of.
        alone = Weights(-3.0, 6.0, 0.0) if sides == "lexical" else Weights(-3.0, 0.0, 6.0)
        retriever.fusion, roles = Fusion(alone, alone), (QUESTION,)
    ranked = [retriever.search(question.text, now=NOW, roles=roles) for question in tests]
    report = asdict(measure(tests, ranked, calibration.thresholds))
    return report if sides == "both" else {key: report[key] for key in ("recall_at_1", "recall_at_5")}


def _milliseconds(retriever: HybridRetriever, texts: Sequence[str]) -> float:
    started = time.perf_counter()
    for text in texts:
        retriever.search(text, now=NOW)
    return round(1000 * (time.perf_counter() - started) / len(texts), 2)


def main() -> None:
    """Print the table; with --json also write the figures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=DEFAULT_EPOCHS)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    figures = run(seed=options.seed, epochs=options.epochs)
    keys = ["recall_at_1", "recall_at_5", "answered", "asked", "precision", "wrongly_answered"]
    print(f"{'':24}" + "".join(f"{key:>18}" for key in keys))
    for name, row in figures["search"].items():
        print(f"{name:24}" + "".join(f"{row.get(key, '–'):>18}" for key in keys))
    print(f"encoder trained in {figures['training_seconds']} s; {figures['ms_per_search']} ms per search")
    if options.json:
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
