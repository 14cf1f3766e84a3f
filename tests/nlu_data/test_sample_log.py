"""The sample company's log: repeatable, varied, realistic, and fully masked after the import."""

import csv
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from random import Random

import pytest
import yaml

from nlu_data.families import read_families
from nlu_data.logs import import_log, read_conversations, read_pairs
from nlu_data.sample.customers import draw_customers
from nlu_data.sample.deck import Deck
from nlu_data.sample.material import MATERIAL, read_topics, read_voices
from nlu_data.sample_log import write_sample_log
from nlu_data.small_talk import bare, is_filler

ENDING = date(2026, 11, 1)


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    path = tmp_path_factory.mktemp("sample") / "sample.csv"
    write_sample_log(path, seed=7, ending=ENDING)
    return path


@pytest.fixture(scope="module")
def conversations(log):
    grouped = defaultdict(list)
    with log.open(encoding="utf-8", newline="") as source:
        for row in csv.DictReader(source):
            grouped[row["conversation_id"]].append(row)
    return grouped


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path, log):
    again, other = tmp_path / "again.csv", tmp_path / "other.csv"
    write_sample_log(again, seed=7, ending=ENDING)
    write_sample_log(other, seed=8, ending=ENDING)
    assert again.read_bytes() == log.read_bytes()
    assert other.read_bytes() != log.read_bytes()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_six_hundred_conversations_of_ordinary_length(conversations):
    lengths = [len(rows) for rows in conversations.values()]
    assert len(conversations) == 600
    assert 6 <= sum(lengths) / len(lengths) <= 11
    assert min(lengths) >= 3


def test_customers_say_many_different_things(conversations):
    said = [
        row["text"]
        for rows in conversations.values()
        for row in rows
        if row["sender"] == "customer" and not is_filler("customer", row["text"])
    ]
    assert len(set(said)) > 1200
    assert len(set(said)) / len(said) > 0.7


def test_times_lie_in_the_ninety_days_within_hours_and_never_run_backwards(conversations):
    for rows in conversations.values():
        times = [datetime.fromisoformat(row["time"]) for row in rows]
        assert times == sorted(times)
        assert ENDING - timedelta(days=90) <= times[0].date() < ENDING
        assert all(9 <= at.hour < 22 and at.utcoffset() == timedelta(hours=8) for at in times)


def test_facts_of_a_conversation_are_the_same_in_all_its_rows_and_plausible(conversations):
    first = []
    for rows in conversations.values():
        facts = {(r["category"], r["satisfaction"], r["resolved"], r["transferred"], r["customer_id"]) for r in rows}
        assert len(facts) == 1
        first.append(rows[0])
    count = len(first)
    rated = [row for row in first if row["satisfaction"]]
    assert 0.25 < len(rated) / count < 0.42
    assert 0.7 < sum(row["resolved"] == "true" for row in first) / count < 0.92
    transferred = [row for row in first if row["transferred"] == "true"]
    assert 0.03 < len(transferred) / count < 0.2
    scores = [int(row["satisfaction"]) for row in transferred if row["satisfaction"]]
    calm = [int(row["satisfaction"]) for row in rated if row["transferred"] == "false"]
    assert sum(scores) / len(scores) < 2.5 < 3.5 < sum(calm) / len(calm)
    assert set(Counter(row["category"] for row in first)) == set(read_families().values())
    assert Counter(row["customer_id"] for row in first).most_common(1)[0][1] >= 3


def test_customers_make_slips_send_pieces_and_use_emoji(conversations):
    texts = [row["text"] for rows in conversations.values() for row in rows if row["sender"] == "customer"]
    assert any("优惠卷" in text or "咋" in text or "以经" in text for text in texts)
    assert any("😡" in text or "💢" in text for text in texts)
    pieces = 0
    for rows in conversations.values():
        for before, after in zip(rows, rows[1:]):
            gap = datetime.fromisoformat(after["time"]) - datetime.fromisoformat(before["time"])
            pieces += before["sender"] == after["sender"] == "customer" and gap <= timedelta(seconds=20)
    assert pieces > 50


def test_the_import_keeps_every_row_and_no_personal_data(tmp_path, log):
    report = import_log(log, name="sample", directory=tmp_path)
    assert report.rejected == {} and report.conversations == 600
    assert {"〔手机号〕", "〔地址〕", "〔姓名〕"} <= set(report.masked)
    stored = (tmp_path / "sample.jsonl").read_text(encoding="utf-8")
    raw = log.read_text(encoding="utf-8")
    present = 0
    # The generator draws its customers first, after the decks' random state is set up but before any is dealt.
    for customer in draw_customers(360, Random(7)):
        for secret in (customer.phone, customer.address, customer.email):
            present += secret in raw
            assert secret not in stored
    assert present > 10
    assert len(list(read_pairs(tmp_path))) > 500
    assert sum(1 for _ in read_conversations(tmp_path)) == 600


def test_openings_are_new_to_the_training_examples():
    """The log must not be the training data once more; everyday wordings ("能便宜点吗") may stand in both."""
    training = MATERIAL.parent.parent / "training"
    known = set()
    for path in training.glob("*.yml"):
        for item in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            known |= {bare(line.lstrip("- ")) for line in item["examples"].splitlines()}
    openings = [opening for topic in read_topics() for opening in topic.openings]
    assert known
    assert sum(bare(opening) in known for opening in openings) < 0.1 * len(openings)
    assert len(openings) == len(set(openings)) >= 450


def test_material_is_complete():
    topics = read_topics()
    assert len(topics) >= 30
    assert {topic.category for topic in topics} == set(read_families().values())
    read_voices()


def test_material_with_an_unknown_slot_or_too_few_answers_is_named(tmp_path):
    path = tmp_path / "odd.yml"
    path.write_text(
        "category: 物流\ntopics:\n- topic: t\n  openings: ['{nothing}']\n  answers: [a, b, c]\n", encoding="utf-8"
    )
    with pytest.raises(ValueError, match=r"odd.yml, topic 't': .*unknown slots \['nothing'\]"):
        read_topics(tmp_path)
    path.write_text("category: 物流\ntopics:\n- topic: t\n  openings: [x]\n  answers: [a]\n", encoding="utf-8")
    with pytest.raises(ValueError, match="1 answers; expected one for each"):
        read_topics(tmp_path)


def test_a_deck_deals_everything_before_it_repeats():
    deck = Deck(range(10), Random(1))
    assert sorted(deck.deal() for _ in range(10)) == list(range(10))
    assert sorted(deck.deal() for _ in range(10)) == list(range(10))
    with pytest.raises(ValueError, match="at least one"):
        Deck([], Random(1))


def test_no_conversations_is_refused(tmp_path):
    with pytest.raises(ValueError, match="conversations=0"):
        write_sample_log(tmp_path / "x.csv", seed=1, conversations=0, ending=ENDING)
