"""Measures retrieval on the project's own data: `python -m retrieval.benchmark [--seed N] [--epochs N] [--json FILE]`.

From each question two ways to ask are kept out of index and training: one calibrates, one measures ("reworded").
"nearly known" are indexed ways to ask with a polite opening and a character lost. Half of the out-of-scope lines
calibrate, half measure; they count in every fused row. The intents are guessed by a plain linear model here.
"""

import argparse
import json
import random
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, timezone
from itertools import combinations
from pathlib import Path

import yaml

from retrieval.answer import Thresholds
from retrieval.calibration import LabelledQuestion, calibrate, measure, near_questions, reserve_questions
from retrieval.encoder import SentenceEncoder
from retrieval.encoder_training import DEFAULT_EPOCHS, TextPair, train_encoder, untrained_encoder
from retrieval.features import features
from retrieval.fusion import Fusion, Weights
from retrieval.hybrid import HybridRetriever
from retrieval.knowledge_files import read_knowledge
from storage.knowledge import KnowledgeEntry

DATA = Path(__file__).resolve().parent.parent / "nlu_data"
SEED_DATE = date(2026, 1, 1)
NOW = datetime(2026, 1, 1, 12, tzinfo=timezone.utc).timestamp()
OUT_OF_SCOPE = "out_of_scope"
_ENTITY = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")
_ALONE = {"lexical only": Weights(-3.0, lexical=6.0), "dense only": Weights(-3.0, dense=6.0)}
#: Questions whose answer stands only in an article, written for this from the articles' headings.
ARTICLE_QUESTIONS = {
    "空气炸锅第一次用之前要干什么": "air-fryer-first-use",
    "炸锅上面那根发热的管子脏了怎么清": "air-fryer-first-use",
    "新买的奶瓶要怎么消毒": "baby-bottle-sterilising",
    "企业采购有没有阶梯价": "business-purchasing",
    "我们单位要批量买，怎么开通": "business-purchasing",
    "跨境商品为什么要填身份证": "cross-border-customs",
    "海外的货清关要几天": "cross-border-customs",
    "羽绒服可以放洗衣机里洗吗": "down-jacket-care",
    "羽绒服跑毛了": "down-jacket-care",
    "礼品卡怎么绑定到账号": "gift-card-guide",
    "礼品卡过期了还能用不": "gift-card-guide",
    "加湿器能不能加自来水": "humidifier-care",
    "加湿器里面的水垢怎么去掉": "humidifier-care",
    "冰箱送到家要不要搬楼费": "large-appliance-delivery",
    "我孩子偷偷拿手机下单了怎么办": "minors-ordering",
    "积分能换哪些东西": "points-catalogue",
    "充电宝可以带上飞机吗": "power-bank-on-planes",
    "高海拔地区要补多少钱运费": "remote-area-surcharges",
    "智能手表怎么和手机配对": "smartwatch-first-pairing",
    "换了手机手表连不上": "smartwatch-first-pairing",
    "绿茶要不要放冰箱": "tea-storage",
    "怎么看茶叶有没有变质": "tea-storage",
    "旧手机以旧换新怎么弄": "trade-in-process",
    "以旧换新最后给的钱比预估少": "trade-in-process",
}
_COLUMNS = ("recall_at_1", "recall_at_5", "answered", "asked", "precision", "wrongly_answered")


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
    """Return every two ways to ask the same question, and each way with the answer."""
    pairs = []
    for entry in entries:
        if entry.kind == "question":
            asked = (entry.title, *entry.variants)
            pairs += [TextPair(one, other) for one, other in combinations(asked, 2)]
            pairs += [TextPair(question, entry.body) for question in asked]
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
    rest, reworded = reserve_questions(entries, seed=seed)
    rest, validation = reserve_questions(rest, seed=seed + 1)
    pairs = pairs_of_knowledge(rest) + pairs_of_intents(examples, partners=2, seed=seed)
    titles = {entry.id: entry.title for entry in entries}
    held_back = [TextPair(question.text, titles[min(question.relevant)]) for question in validation]
    progress(f"{len(entries)} entries, {len(pairs)} training pairs")
    started = time.perf_counter()
    trained = train_encoder(pairs, validation=held_back, epochs=epochs, seed=seed)
    seconds = time.perf_counter() - started

    unknown = [LabelledQuestion(line) for line in examples.pop(OUT_OF_SCOPE, [])]
    random.Random(seed).shuffle(unknown)
    first, second = unknown[: len(unknown) // 2], unknown[len(unknown) // 2 :]
    knows_first, knows_second = (_intent_guesser(examples, part) for part in (first, second))
    validation = knows_first(validation) + knows_second(first)
    near = knows_first(near_questions(rest, seed=seed + 2))
    second = knows_first(second)
    sets = {"reworded": knows_first(reworded), "nearly known": knows_first(near_questions(rest, seed=seed + 3))}

    rows: dict[str, dict] = {}
    untrained = untrained_encoder(pairs, seed=seed)
    for kind, questions in sets.items():
        for name, encoder in (("lexical only", trained), ("dense only", untrained), ("dense only", trained)):
            retriever = HybridRetriever(encoder, fusion=Fusion(_ALONE[name], _ALONE[name]))
            retriever.sync(rest, [])
            report = _report(retriever, None, [replace(question, intents=None) for question in questions])
            suffix = ", untrained" if encoder is untrained else ""
            rows[f"{kind}: {name}{suffix}"] = {key: report[key] for key in _COLUMNS[:2]}
        for name, encoder, with_intents in (
            ("fused, untrained", untrained, False),
            ("fused", trained, False),
            ("fused + intents", trained, True),
        ):
            parts = (validation, near, questions + second)
            if not with_intents:
                parts = tuple([replace(question, intents=None) for question in part] for part in parts)
            asked = parts[2]
            retriever, calibration = _calibrated(encoder, rest, parts[0], parts[1])
            rows[f"{kind}: {name}"] = _report(retriever, calibration, asked)
            about = [LabelledQuestion(text, frozenset({id})) for text, id in ARTICLE_QUESTIONS.items()]
            if not with_intents:
                rows[f"in articles: {name}"] = _report(retriever, calibration, about)
    return {
        "entries": len(entries),
        "pairs": len(pairs),
        "questions": {**{kind: len(questions) for kind, questions in sets.items()}, "out of scope": len(second)},
        "training_seconds": round(seconds, 1),
        "ms_per_search": _milliseconds(retriever, [question.text for question in asked]),
        "calibration": calibration.as_dict(),
        "search": rows,
    }


def _intent_guesser(examples: Mapping[str, Sequence[str]], unknown: Sequence[LabelledQuestion]):
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    labelled = [(line, intent) for intent, lines in examples.items() for line in lines]
    labelled += [(question.text, OUT_OF_SCOPE) for question in unknown]
    model = make_pipeline(TfidfVectorizer(analyzer=features, sublinear_tf=True), LogisticRegression(C=30, max_iter=300))
    model.fit(*zip(*labelled))

    def guess(questions: Sequence[LabelledQuestion]) -> list[LabelledQuestion]:
        rows = model.predict_proba([question.text for question in questions]).tolist()
        return [replace(q, intents=dict(zip(model.classes_.tolist(), row))) for q, row in zip(questions, rows)]

    return guess


def _calibrated(encoder: SentenceEncoder, entries, questions, near):
    retriever = HybridRetriever(encoder)
    retriever.sync(entries, [])
    return retriever, calibrate(retriever, questions, near=near, now=NOW)


def _report(retriever: HybridRetriever, calibration, questions) -> dict:
    ranked = [retriever.search(question.text, now=NOW, intents=question.intents) for question in questions]
    return asdict(measure(questions, ranked, calibration.thresholds if calibration else Thresholds()))


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
    print(f"{'':36}" + "".join(f"{key:>18}" for key in _COLUMNS))
    for name, row in figures["search"].items():
        print(f"{name:36}" + "".join(f"{row.get(key, '–'):>18}" for key in _COLUMNS))
    print(f"questions: {figures['questions']}; encoder trained in {figures['training_seconds']} s; ", end="")
    print(f"{figures['ms_per_search']} ms per search, encoding included")
    if options.json:
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
