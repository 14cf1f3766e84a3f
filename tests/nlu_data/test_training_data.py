"""The hand-written examples are what the classifier learns: each must be well-formed and teach something new."""

import re
from collections import defaultdict
from datetime import date
from itertools import combinations
from pathlib import Path

import pytest
import yaml

TRAINING = Path(__file__).parents[2] / "nlu_data" / "training"

FAMILIES = {
    "flow": "greet goodbye thank affirm deny cancel bot_challenge request_human inform",
    "logistics": "ask_shipping_time ask_shipping_fee ask_delivery_area ask_change_address ask_parcel_exception"
    " track_order",
    "orders": "list_orders ask_cancel_order ask_stock",
    "aftersales": "request_refund refund_status ask_return_policy ask_return_freight ask_exchange ask_refund_time"
    " ask_damaged ask_warranty",
    "payment": "ask_payment_method ask_payment_problem ask_installment",
    "invoices": "ask_invoice",
    "offers": "ask_coupon ask_price_protection",
    "membership": "ask_membership ask_account my_account",
    "products": "ask_authenticity ask_size ask_gift",
    "complaints": "complain",
    "contact": "ask_contact",
    "out_of_scope": "out_of_scope",
}
INTENTS = sorted(intent for names in FAMILIES.values() for intent in names.split())
ENTITY_SHAPES = {
    "order_number": re.compile(r"[Yy][Ss]\d{10}"),
    "parcel_number": re.compile(r"YT\d{13}"),
    "phone": re.compile(r"1[3-9]\d{9}"),
    "amount": re.compile(r"\d+(\.\d{1,2})?(元|块钱|块)"),
    "product": re.compile(r"\S{2,8}"),
    "refund_reason": re.compile(r"\S{2,8}"),
}
ANNOTATION = re.compile(r"\[([^\[\]]+)\]\(([^()]+)\)")
# Sentence-final and filler particles: two examples that differ in nothing else teach the classifier nothing.
PARTICLES = re.compile(r"[啊呀呢吗么嘛吧啦哦噢喔哈嗯诶欸咯嘞哒的了亲]|请问|麻烦")
NUMBERS = re.compile(r"(?i)(ys|yt)\d+")
# Share of character pairs that two examples of one intent may have in common.
MOST_ALIKE = 0.7
# Below this many characters the share is not meaningful: one changed character changes most pairs.
SHORTEST_COMPARED = 5


def _examples() -> list[tuple[str, str, str]]:
    """Return every example as (family, intent, annotated text)."""
    found = []
    for path in sorted(TRAINING.glob("*.yml")):
        for item in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            for line in item["examples"].splitlines():
                assert line.startswith("- "), f"{path.name}, {item['intent']}: {line!r} does not start with '- '"
                found.append((path.stem, item["intent"], line[2:].strip()))
    return found


EXAMPLES = _examples()


def _plain(text: str) -> str:
    return ANNOTATION.sub(r"\1", text)


def _letters(text: str) -> str:
    """Return the text without annotations, punctuation and spaces, Latin lower-cased."""
    return re.sub(r"[\W_]+", "", _plain(text)).lower()


def _core(text: str) -> str:
    """Return the letters of the text without particles and with every number of an order or parcel the same."""
    letters = NUMBERS.sub(r"\g<1>0", _letters(text))
    # A text that is made of particles only ("嗯") is its own core.
    return PARTICLES.sub("", letters) or letters


def _of_intent(intent: str) -> list[str]:
    return [text for _, name, text in EXAMPLES if name == intent]


def _alike(one: str, other: str) -> float:
    pairs_one, pairs_other = ({text[i : i + 2] for i in range(len(text) - 1)} for text in (one, other))
    return len(pairs_one & pairs_other) / len(pairs_one | pairs_other)


def test_files_hold_exactly_their_intents():
    held = defaultdict(set)
    for family, intent, _ in EXAMPLES:
        held[family].add(intent)
    assert held == {family: set(names.split()) for family, names in FAMILIES.items()}


@pytest.mark.parametrize("path", sorted(TRAINING.glob("*.yml")), ids=lambda path: path.stem)
def test_file_has_the_shape_rasa_reads(path: Path):
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert set(content) == {"version", "nlu"}
    assert content["version"] == "3.1"
    intents = [item["intent"] for item in content["nlu"]]
    assert len(intents) == len(set(intents)), "an intent stands twice; its examples belong in one block"
    assert all(set(item) == {"intent", "examples"} for item in content["nlu"])


@pytest.mark.parametrize("intent", INTENTS)
def test_intent_has_enough_distinct_examples(intent: str):
    wanted = 120 if intent == "out_of_scope" else 25
    assert len({_letters(text) for text in _of_intent(intent)}) >= wanted


def test_no_example_stands_under_two_intents():
    intents = defaultdict(set)
    for _, intent, text in EXAMPLES:
        intents[_letters(text)].add(intent)
    assert {text: names for text, names in intents.items() if len(names) > 1} == {}


@pytest.mark.parametrize("intent", INTENTS)
def test_examples_of_an_intent_differ_in_more_than_particles(intent: str):
    cores = defaultdict(list)
    for text in _of_intent(intent):
        cores[_core(text)].append(text)
    assert [texts for texts in cores.values() if len(texts) > 1] == []


@pytest.mark.parametrize("intent", INTENTS)
def test_examples_of_an_intent_share_few_character_pairs(intent: str):
    cores = [(text, core) for text in _of_intent(intent) if len(core := _core(text)) >= SHORTEST_COMPARED]
    alike = [
        (one, other)
        for (one, core_one), (other, core_other) in combinations(cores, 2)
        if _alike(core_one, core_other) > MOST_ALIKE
    ]
    assert alike == []


def test_no_example_is_empty_or_looks_like_a_payload():
    # Rasa takes a leading slash for an intent payload and would not learn the text.
    assert [text for _, _, text in EXAMPLES if not _letters(text) or text.startswith("/")] == []


def test_annotations_are_whole_and_of_known_types():
    for _, intent, text in EXAMPLES:
        assert not re.search(r"[\[\]]", _plain(text)), f"{intent}: {text!r} has a bracket outside an annotation"
        for value, entity in ANNOTATION.findall(text):
            assert entity in ENTITY_SHAPES, f"{intent}: {text!r} has the unknown entity {entity!r}"
            assert ENTITY_SHAPES[entity].fullmatch(value), f"{intent}: {value!r} is not a {entity}"


def test_every_number_of_an_order_or_parcel_is_whole_and_annotated():
    for _, intent, text in EXAMPLES:
        annotated = {value for value, entity in ANNOTATION.findall(text) if entity.endswith("_number")}
        mentioned = set(re.findall(r"(?i)(?:ys|yt)\d+", _plain(text)))
        assert mentioned == annotated, f"{intent}: {text!r}"


def test_order_numbers_begin_with_a_real_date():
    for _, _, text in EXAMPLES:
        for value, entity in ANNOTATION.findall(text):
            if entity == "order_number":
                year, month, day = (int(value[start : start + 2]) for start in (2, 4, 6))
                date(2000 + year, month, day)  # raises ValueError and shows the number when it is no date


def test_refund_requests_come_with_and_without_number_and_reason():
    kinds = [frozenset(entity for _, entity in ANNOTATION.findall(text)) for text in _of_intent("request_refund")]
    assert sum("order_number" in kind for kind in kinds) >= 8
    assert sum("refund_reason" in kind for kind in kinds) >= 8
    assert sum(not kind for kind in kinds) >= 6


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("怎么退货", "请问怎么退货呀？"),
        ("[YS2611050001](order_number)退一下", "YS2611080002，退一下吧"),
    ],
)
def test_core_sees_through_trivial_variation(one: str, other: str):
    assert _core(one) == _core(other)


def test_core_keeps_different_questions_apart():
    assert _core("怎么退货") != _core("怎么换货")
