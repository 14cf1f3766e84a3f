"""Measures the served model on the held-out test set: the same classes, a whole turn where a turn is what counts.

Nothing here may influence training: nlu_data/testset is read by this module and by tests alone.
"""

import asyncio
import csv
import datetime as dt
import json
import os
import re
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from bot.settings import Settings
from bot.training.models import current_model
from storage.database import open_database
from storage.migration import migrate

TESTSET = Path("nlu_data/testset")
#: When the marked dialogues take place (epoch seconds, noon in China): the model reads the hour, so it is fixed.
NOON = 1_793_505_600.0


class Figure(NamedTuple):
    """One measured number: what it is, its value (0–1 unless the name says otherwise), and over how many cases."""

    what: str
    figure: float
    of: int


def evaluate(settings: Settings, *, root: Path) -> list[Figure]:
    """Return all figures for the current model.

    Answers come from the knowledge files, not from the live database, so that the figures can be repeated.

    :raises SystemExit: when there is no trained model.
    """
    model = current_model(settings.model_dir)
    if model is None:
        raise SystemExit(f"no trained model in {settings.model_dir}; run: make train")
    with tempfile.TemporaryDirectory(prefix="yingda-evaluate-") as directory:
        os.environ["YINGDA_DATABASE_URL"] = url = f"sqlite:///{directory}/evaluation.db"
        migrate(url)
        database = open_database(url)
        try:
            return asyncio.run(_evaluate(model, database, root / TESTSET))
        finally:
            database.dispose()


async def _evaluate(model: Path, database, testset: Path) -> list[Figure]:
    from bot.engine.agent import load_agent
    from bot.engine.turn import TurnRunner
    from bot.process_log import configure_log, silence_rasa_debug

    configure_log("warning")
    silence_rasa_debug()
    agent, store = load_agent(model, database=database)
    runner = TurnRunner(agent, store, database)
    figures = await _intents(agent, testset)
    figures += await _out_of_scope(runner, testset)
    figures += await _questions(runner, testset)
    figures += await _entities(agent, testset)
    figures += await _sentiment(agent, testset)
    figures += await _dialogues(agent, testset)
    return figures


async def _intents(agent, testset: Path) -> list[Figure]:
    from sklearn.metrics import f1_score

    rows = _rows(testset / "intents.csv")
    parsed = [await agent.parse_message(row["text"]) for row in rows]
    wanted, got = [row["intent"] for row in rows], [each["intent"]["name"] for each in parsed]
    right = [a == b for a, b in zip(wanted, got)]
    # Every ask_ intent leads to the same action, which answers from what the retriever found.
    same_course = [_course(a) == _course(b) for a, b in zip(wanted, got)]
    return [
        Figure("intent accuracy", _share(right), len(rows)),
        Figure("intent macro-F1", float(f1_score(wanted, got, average="macro", zero_division=0)), len(rows)),
        Figure("right course of action (all knowledge intents count as one)", _share(same_course), len(rows)),
    ]


async def _out_of_scope(runner, testset: Path) -> list[Figure]:
    rows = _rows(testset / "out_of_scope.csv")
    admitted = []
    for number, row in enumerate(rows):
        result = await runner.run(_request(f"oos-{number}", row["text"]))
        admitted.append(any(reply["answer_kind"] == "unknown" for reply in result["replies"]))
    near = [ok for ok, row in zip(admitted, rows) if row["distance"] == "near"]
    far = [ok for ok, row in zip(admitted, rows) if row["distance"] == "far"]
    return [
        Figure("out of scope: says it does not know", _share(admitted), len(rows)),
        Figure("out of scope, near", _share(near), len(near)),
        Figure("out of scope, far", _share(far), len(far)),
    ]


async def _questions(runner, testset: Path) -> list[Figure]:
    rows = _rows(testset / "questions.csv")
    from retrieval.knowledge_files import read_knowledge

    answers = {
        draft.title: draft.body for draft in read_knowledge(testset.parent / "knowledge", seed_date=dt.date.today())
    }
    right, offered, wrong, honest, elapsed = [], [], [], [], []
    for number, row in enumerate(rows):
        result = await runner.run(_request(f"question-{number}", row["text"]))
        text = "\n".join(reply["text"] for reply in result["replies"])
        kinds = {reply["answer_kind"] for reply in result["replies"]}
        elapsed.append(result["elapsed_ms"])
        if row["answerable"] == "true":
            found = bool(re.search(row["expects"], text)) and bool(kinds & {"template", "passage"})
            right.append(found)
            wrong.append(not found and bool(kinds & {"template", "passage"}))
            offered.append(found or any(re.search(row["expects"], answers[entry]) for entry in _offered(result)))
        else:
            honest.append(not kinds & {"template", "passage"})
    return [
        Figure("questions: answered rightly", _share(right), len(right)),
        Figure("questions: answered rightly, or the right question among those offered", _share(offered), len(offered)),
        Figure("questions: answered with something else", _share(wrong), len(wrong)),
        Figure("unanswerable questions: no answer given", _share(honest), len(honest)),
        Figure("median milliseconds a turn in the engine", sorted(elapsed)[len(elapsed) // 2], len(elapsed)),
    ]


async def _entities(agent, testset: Path) -> list[Figure]:
    hits: Counter[str] = Counter()
    lines = _lines(testset / "entities.jsonl")
    for line in lines:
        parsed = await agent.parse_message(line["text"])
        got = {(each["entity"], each["start"], each["end"]) for each in parsed["entities"]}
        wanted = {(each["entity"], each["start"], each["end"]) for each in line["entities"]}
        hits.update(right=len(got & wanted), got=len(got), wanted=len(wanted))
    precision = hits["right"] / max(hits["got"], 1)
    recall = hits["right"] / max(hits["wanted"], 1)
    return [
        Figure("entities, exact span: precision", precision, hits["got"]),
        Figure("entities, exact span: recall", recall, hits["wanted"]),
    ]


async def _sentiment(agent, testset: Path) -> list[Figure]:
    from sklearn.metrics import f1_score

    rows = _rows(testset / "sentiment.csv")
    got = []
    for row in rows:
        parsed = await agent.parse_message(row["text"])
        got.append(((parsed.get("insight") or {}).get("sentiment") or {}).get("label", "neutral"))
    wanted = [row["sentiment"] for row in rows]
    return [
        Figure("sentiment accuracy", _share([a == b for a, b in zip(wanted, got)]), len(rows)),
        Figure("sentiment macro-F1", float(f1_score(wanted, got, average="macro", zero_division=0)), len(rows)),
    ]


async def _dialogues(agent, testset: Path) -> list[Figure]:
    """Replay the marked dialogues through parsing, tracker and escalation rules, with the bot's lines as written."""
    from rasa.core.channels.channel import UserMessage
    from rasa.shared.core.events import BotUttered, UserUttered
    from rasa.shared.core.trackers import DialogueStateTracker
    from sklearn.metrics import roc_auc_score

    from analytics.escalation import first_firing, load_rules
    from bot.components.escalation_policy import facts

    rules = load_rules()
    frustrated, scores, due, fired = [], [], [], []
    start = NOON
    for dialogue in _lines(testset / "dialogues.jsonl"):
        tracker = DialogueStateTracker.from_events(dialogue["id"], [], agent.domain.slots)
        called = False
        for turn in dialogue["turns"]:
            at = start + turn["seconds"]
            if turn["sender"] != "customer":
                tracker.update(BotUttered(turn["text"], timestamp=at))
                continue
            metadata = {"sent_at": at, "behaviour": {}, "profile": {}}
            message = UserMessage(turn["text"], sender_id=dialogue["id"], metadata=metadata)
            parsed = await agent.processor.parse_message(message, tracker)
            tracker.update(
                UserUttered(turn["text"], parsed["intent"], parsed["entities"], parsed, at, metadata=metadata)
            )
            frustrated.append(turn["frustrated"])
            scores.append((parsed.get("insight") or {}).get("frustration", 0.0))
            called = called or first_firing(rules, facts(tracker)) is not None
        due.append(any(turn.get("hand_over") for turn in dialogue["turns"]))
        fired.append(called)
    both = sum(a and b for a, b in zip(due, fired))
    return [
        Figure("frustration AUROC, customer turns", float(roc_auc_score(frustrated, scores)), len(scores)),
        Figure("hand-over rules, dialogues: precision", both / max(sum(fired), 1), sum(fired)),
        Figure("hand-over rules, dialogues: recall", both / max(sum(due), 1), sum(due)),
    ]


def _request(name: str, text: str):
    from bot.engine.turn import TurnRequest

    return TurnRequest(message_id=name, conversation_id=name, text=text, sent_at=time.time())


def _offered(result: dict[str, Any]) -> list[str]:
    """Return the questions that the reply's buttons ask."""
    buttons = [button["payload"] for reply in result["replies"] for button in reply["buttons"]]
    return [payload for payload in buttons if not payload.startswith("/")]


def _course(intent: str) -> str:
    return "knowledge" if intent.startswith("ask_") or intent == "out_of_scope" else intent


def _share(truths: list[bool]) -> float:
    return sum(truths) / len(truths) if truths else 0.0


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
