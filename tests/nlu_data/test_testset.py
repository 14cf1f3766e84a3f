"""The held-out test set is well-formed, big enough, and nothing in it was seen in training."""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

NLU_DATA = Path(__file__).resolve().parents[2] / "nlu_data"
TESTSET = NLU_DATA / "testset"

# Written out, not read from the domain: a renamed intent must fail here, or the evaluation would count it wrong.
# fmt: off
INTENTS = frozenset(
    [
        "greet", "goodbye", "thank", "affirm", "deny", "cancel", "bot_challenge", "request_human", "inform",
        "track_order", "list_orders", "request_refund", "refund_status", "my_account", "complain",
        "ask_shipping_time", "ask_shipping_fee", "ask_delivery_area", "ask_change_address", "ask_parcel_exception",
        "ask_return_policy", "ask_return_freight", "ask_exchange", "ask_refund_time", "ask_payment_method",
        "ask_payment_problem", "ask_installment", "ask_invoice", "ask_coupon", "ask_price_protection",
        "ask_membership", "ask_account", "ask_authenticity", "ask_size", "ask_stock", "ask_cancel_order",
        "ask_damaged", "ask_warranty", "ask_contact", "ask_gift",
    ]
)
# fmt: on
ENTITY_SHAPES = {
    "order_number": r"(?i:YS)\d{10}",
    "parcel_number": r"(?i:YT)\d{13}",
    "phone": r"1[3-9]\d{9}",
    "amount": r"\d+(\.\d+)?(元|块)",
    "product": r"\S+",
    "refund_reason": r"\S+",
}
SENTIMENTS = {"negative", "neutral", "positive"}
CUSTOMER_TURN = {"sender", "text", "seconds", "sentiment", "frustrated", "hand_over"}
DIALOGUE_KINDS = {"angry": 12, "human": 5, "calm": 12, "mixed": 6, "annoyed": 5}


def rows(name: str, header: list[str]) -> list[dict[str, str]]:
    with open(TESTSET / name, encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        found = list(reader)
    assert reader.fieldnames == header
    for row in found:
        # A missing or surplus cell shows as None: the usual trace of an unquoted comma.
        assert None not in row and None not in row.values(), f"{name}: wrong number of cells in {row}"
        assert row["text"] == row["text"].strip() != "", f"{name}: empty or padded text in {row}"
    return found


def json_lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (TESTSET / name).read_text(encoding="utf-8").splitlines()]


def bare(text: str) -> str:
    """The text lower-cased, letters and digits only; a text that has neither stays as it is."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return "".join(c for c in folded if unicodedata.category(c)[0] in "LN") or folded.strip()


def repeated(texts: Iterator[str] | list[str]) -> list[str]:
    return [text for text, count in Counter(bare(text) for text in texts).items() if count > 1]


def training_examples() -> Iterator[str]:
    for path in sorted((NLU_DATA / "training").glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            if "intent" not in block:
                continue
            for line in block["examples"].splitlines():
                if line.strip().startswith("- "):
                    # [surface](type), [surface]{"entity": …} and [surface](type:value) all leave the surface.
                    yield re.sub(r"\[([^\]]+)\](\([^)]*\)|\{[^}]*\})", r"\1", line.strip()[2:])


def knowledge_questions() -> Iterator[str]:
    for path in sorted((NLU_DATA / "knowledge" / "faq").glob("*.yml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
            yield entry["question"]
            yield from entry.get("variants", [])


def strings(value: Any) -> Iterator[str]:
    """Every string in a YAML value, and every line of it."""
    if isinstance(value, str):
        yield value
        yield from value.splitlines()
    elif isinstance(value, (dict, list)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings(part)


def customer_sentences() -> Iterator[str]:
    """Customer lines of the dialogues that are sentences: anybody who writes a dialogue writes 人工 and 谢谢 in it."""
    for dialogue in json_lines("dialogues.jsonl"):
        for turn in dialogue["turns"]:
            if turn["sender"] == "customer" and len(bare(turn["text"])) > 4:
                yield turn["text"]


def single_lines() -> Iterator[tuple[str, str]]:
    yield from (("intents.csv", row["text"]) for row in rows("intents.csv", ["text", "intent"]))
    yield from (("out_of_scope.csv", row["text"]) for row in rows("out_of_scope.csv", ["text", "distance"]))
    yield from (("questions.csv", row["text"]) for row in rows("questions.csv", ["text", "answerable", "expects"]))
    yield from (("entities.jsonl", line["text"]) for line in json_lines("entities.jsonl"))


def test_every_intent_has_eleven_lines_and_there_is_no_other() -> None:
    counts = Counter(row["intent"] for row in rows("intents.csv", ["text", "intent"]))
    assert set(counts) == INTENTS
    assert {intent: count for intent, count in counts.items() if count < 11} == {}


def test_out_of_scope_lines_are_half_near_half_far() -> None:
    counts = Counter(row["distance"] for row in rows("out_of_scope.csv", ["text", "distance"]))
    assert set(counts) == {"near", "far"}
    assert counts.total() >= 110
    assert min(counts.values()) >= 50


def test_answerable_questions_expect_something_and_the_others_nothing() -> None:
    questions = rows("questions.csv", ["text", "answerable", "expects"])
    assert Counter(row["answerable"] for row in questions) == {"true": 60, "false": 20}
    for row in questions:
        assert bool(row["expects"]) == (row["answerable"] == "true"), row
        if row["expects"]:
            assert not re.search(row["expects"], ""), f"{row['text']}: the pattern matches an empty answer"


def test_the_expected_answer_is_not_given_away_by_the_question() -> None:
    # A bot that repeats the question must not score.
    echoed = [
        row["text"]
        for row in rows("questions.csv", ["text", "answerable", "expects"])
        if row["expects"] and re.search(row["expects"], row["text"])
    ]
    assert not echoed, "reword the question or tighten its pattern: " + "; ".join(echoed)


def test_sentiment_lines_are_fifty_of_each() -> None:
    counts = Counter(row["sentiment"] for row in rows("sentiment.csv", ["text", "sentiment"]))
    assert counts == dict.fromkeys(SENTIMENTS, 50)


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("intents.csv", ["text", "intent"]),
        ("out_of_scope.csv", ["text", "distance"]),
        ("questions.csv", ["text", "answerable", "expects"]),
        ("sentiment.csv", ["text", "sentiment"]),
    ],
)
def test_no_line_twice_in_a_file(name: str, header: list[str]) -> None:
    assert repeated([row["text"] for row in rows(name, header)]) == []


def test_no_out_of_scope_line_is_also_an_intent_line() -> None:
    inside = {bare(row["text"]) for row in rows("intents.csv", ["text", "intent"])}
    outside = {bare(row["text"]) for row in rows("out_of_scope.csv", ["text", "distance"])}
    assert inside & outside == set()


def test_dialogues_are_forty_of_the_agreed_kinds() -> None:
    dialogues = json_lines("dialogues.jsonl")
    assert len({dialogue["id"] for dialogue in dialogues}) == len(dialogues) == 40
    assert Counter(dialogue["id"].rpartition("-")[0] for dialogue in dialogues) == DIALOGUE_KINDS


def test_dialogue_turns_are_labelled_and_in_order() -> None:
    for dialogue in json_lines("dialogues.jsonl"):
        turns = dialogue["turns"]
        assert turns[0]["sender"] == "customer" and turns[0]["seconds"] == 0, dialogue["id"]
        seconds = [turn["seconds"] for turn in turns]
        assert seconds == sorted(set(seconds)), f"{dialogue['id']}: times must grow"
        for turn in turns:
            assert turn["text"].strip(), dialogue["id"]
            if turn["sender"] == "bot":
                assert set(turn) == {"sender", "text", "seconds"}, dialogue["id"]
            else:
                assert set(turn) == CUSTOMER_TURN, dialogue["id"]
                assert turn["sender"] == "customer" and turn["sentiment"] in SENTIMENTS, dialogue["id"]
                assert isinstance(turn["frustrated"], bool) and isinstance(turn["hand_over"], bool), dialogue["id"]


def test_a_human_is_due_exactly_in_the_angry_and_the_asking_dialogues() -> None:
    for dialogue in json_lines("dialogues.jsonl"):
        customer = [turn for turn in dialogue["turns"] if turn["sender"] == "customer"]
        due = [turn["hand_over"] for turn in customer]
        kind = dialogue["id"].rpartition("-")[0]
        assert any(due) == (kind in {"angry", "human"}), dialogue["id"]
        assert due == sorted(due), f"{dialogue['id']}: hand_over stays true once it is true"
        if kind == "angry":
            assert not due[0], f"{dialogue['id']}: nobody can step in before the first message was answered"
            assert all(turn["frustrated"] for turn in customer if turn["hand_over"]), dialogue["id"]
            assert not any("人工" in turn["text"] for turn in customer), f"{dialogue['id']}: must not ask for a human"


def test_entity_offsets_point_at_the_values() -> None:
    lines = json_lines("entities.jsonl")
    assert len(lines) == 60
    assert sum(not line["entities"] for line in lines) == 10
    for line in lines:
        end = 0
        for entity in line["entities"]:
            assert set(entity) == {"entity", "start", "end", "value"}
            assert end <= entity["start"] < entity["end"] <= len(line["text"]), f"overlap or bad order: {line}"
            end = entity["end"]
            assert line["text"][entity["start"] : end] == entity["value"], line
            assert re.fullmatch(ENTITY_SHAPES[entity["entity"]], entity["value"]), entity


def test_every_entity_type_is_measured_and_none_is_forgotten() -> None:
    lines = json_lines("entities.jsonl")
    counts = Counter(entity["entity"] for line in lines for entity in line["entities"])
    assert set(counts) == set(ENTITY_SHAPES)
    assert min(counts.values()) >= 8
    for line in lines:
        marked = {(entity["start"], entity["end"]) for entity in line["entities"]}
        for kind in ("order_number", "parcel_number", "phone", "amount"):
            for match in re.finditer(rf"(?<![0-9A-Za-z.]){ENTITY_SHAPES[kind]}(?!\d)", line["text"]):
                assert match.span() in marked, f"{kind} {match[0]} is not marked in {line['text']}"


def test_no_test_line_is_a_training_example() -> None:
    seen = {bare(example) for example in training_examples()}
    leaked = [f"{name}: {text}" for name, text in single_lines() if bare(text) in seen]
    assert seen, "no training examples found: this test would pass without having compared anything"
    assert not leaked, "drop these from the training examples, not from the test set: " + "; ".join(leaked)


def test_no_test_question_stands_in_the_knowledge() -> None:
    known = {bare(question) for question in knowledge_questions()}
    leaked = [f"{name}: {text}" for name, text in single_lines() if bare(text) in known]
    assert known, "no questions of the knowledge found: this test would pass without having compared anything"
    assert not leaked, "drop these from the knowledge, not from the test set: " + "; ".join(leaked)


def test_no_sentiment_line_and_no_dialogue_is_in_the_insight_training_data() -> None:
    with open(NLU_DATA / "sentiment" / "lines.csv", encoding="utf-8", newline="") as file:
        seen = {bare(row["text"]) for row in csv.DictReader(file)}
    for line in (NLU_DATA / "sentiment" / "dialogues.jsonl").read_text(encoding="utf-8").splitlines():
        seen |= {bare(turn["text"]) for turn in json.loads(line)["turns"] if turn["sender"] == "customer"}
    assert seen, "no labelled lines found: this test would pass without having compared anything"
    own = [row["text"] for row in rows("sentiment.csv", ["text", "sentiment"])]
    own += customer_sentences()
    leaked = [text for text in own if bare(text) in seen]
    assert not leaked, "drop these from the training data, not from the test set: " + "; ".join(leaked)


def test_no_test_line_is_in_the_material_of_the_sample_log() -> None:
    # The encoder and the mined examples learn from the log, so what the generator knows is training data too.
    seen: set[str] = set()
    for path in sorted((NLU_DATA / "sample" / "material").glob("*.yml")):
        seen |= {bare(text) for text in strings(yaml.safe_load(path.read_text(encoding="utf-8")))}
    assert seen, "no material found: this test would pass without having compared anything"
    own = [text for _, text in single_lines()] + list(customer_sentences())
    own += [row["text"] for row in rows("sentiment.csv", ["text", "sentiment"])]
    leaked = [text for text in own if bare(text) in seen]
    assert not leaked, "drop these from the material, not from the test set: " + "; ".join(leaked)
