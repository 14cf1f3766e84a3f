from dataclasses import replace
from threading import Thread

import numpy as np
import pytest

from retrieval.encoder import StaticTableEncoder
from retrieval.hybrid import KNOWN, HybridRetriever
from tests.retrieval.conftest import NOW, question_draft
from tests.retrieval.exact_store import ExactStore


class CountingEncoder:
    """Passes on to a real encoder and remembers what it was asked."""

    def __init__(self, encoder):
        self._encoder, self.manifest, self.seen = encoder, encoder.manifest, []

    def encode(self, texts):
        self.seen += texts
        return self._encoder.encode(texts)


@pytest.fixture
def retriever(encoder, entries):
    retriever = HybridRetriever(encoder)
    retriever.sync(entries, [])
    return retriever


def ids(retriever, text, **more):
    return [hit.entry_id for hit in retriever.search(text, now=NOW, **more)]


def entry(id, title, variants=(), answer="好的。", **more):
    return question_draft(id, title, variants, answer, **more).as_entry()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("请问发票抬头能不能改", "invoice-title"),
        ("退回去的运费算谁的", "return-freight"),
        ("我想把收货地址改一下", "address"),
        ("空气炸锅薯条多少度", "air-fryer"),
    ],
)
def test_the_right_entry_comes_first(retriever, query, expected):
    assert ids(retriever, query)[0] == expected


def test_every_known_way_to_ask_is_found_as_known(retriever, entries):
    for known in entries:
        if known.kind == "question":
            for text in (known.title, *known.variants):
                best = retriever.search(text + "！", now=NOW)[0]
                assert (best.entry_id, best.matched) == (known.id, text) and best.score >= KNOWN


def test_a_hit_says_all_about_its_entry(retriever):
    article = retriever.search("空气炸锅薯条温度", now=NOW)[0]
    assert (article.kind, article.section, article.passage_id) == ("article", "温度与时间", 1)
    assert article.url == "/articles/air-fryer" and "薯条" in article.text and article.units
    question = retriever.search("发票抬头可以改吗", now=NOW)[0]
    assert (question.kind, question.url, question.passage_id, question.revision) == ("question", None, None, 1)
    assert question.text.startswith("开票后") and question.title == "发票抬头可以改吗？"
    assert 0 <= question.lexical <= 1 and -1.001 <= question.dense <= 1.001


def test_hits_are_sorted_each_entry_once_and_at_most_k(retriever):
    hits = retriever.search("退货退款发票", now=NOW, k=4)
    scores = [hit.score for hit in hits]
    assert len(hits) == 4 == len({hit.entry_id for hit in hits}) and scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


def test_a_given_vector_gives_the_same_hits(retriever, encoder):
    text = "抬头写错了能改吗"
    assert retriever.search(text, now=NOW, vector=encoder.encode([text])[0]) == retriever.search(text, now=NOW)
    with pytest.raises(ValueError, match="expected \\(64,\\)"):
        retriever.search(text, now=NOW, vector=np.zeros(3, dtype=np.float32))


@pytest.mark.parametrize("text", ["", "😀😀", "？！", "\x00", "'; DROP TABLE x;--", "退" * 10_000])
def test_odd_texts_are_searched_without_an_error(retriever, text):
    assert all(hit.score < KNOWN for hit in retriever.search(text, now=NOW))


def test_an_empty_index_finds_nothing(encoder):
    retriever = HybridRetriever(encoder)
    assert retriever.search("发票", now=NOW) == [] and len(retriever) == 0
    retriever.sync([], ["never-there"])
    assert retriever.search("发票", now=NOW) == []


def test_only_changed_texts_are_encoded(encoder, entries):
    counting = CountingEncoder(encoder)
    retriever = HybridRetriever(counting)
    first = retriever.sync(entries, [])
    assert first.encoded == first.texts == len(counting.seen)
    counting.seen.clear()
    assert retriever.sync(entries, []).encoded == 0 and counting.seen == []
    changed = replace(entries[0], variants=(*entries[0].variants, "能不能补开票"), revision=2)
    assert retriever.sync([changed], []).texts == first.texts + 1
    # The new way to ask, and the text that holds all of the entry.
    assert len(counting.seen) == 2 and counting.seen[0] == "能不能补开票"


def test_validity_dates_alone_encode_nothing_but_hold_at_once(encoder, entries):
    counting = CountingEncoder(encoder)
    retriever = HybridRetriever(counting)
    retriever.sync(entries, [])
    counting.seen.clear()
    retriever.sync([replace(entries[1], valid_until=NOW)], [])
    assert counting.seen == [] and "invoice-title" not in ids(retriever, "发票抬头可以改吗", k=50)


def test_edits_are_seen_after_sync(retriever, entries):
    edited = replace(entries[1], title="积木怎么拼？", variants=(), body="按说明书拼。", revision=2)
    retriever.sync([edited], [])
    best = retriever.search("积木怎么拼", now=NOW)[0]
    assert (best.entry_id, best.text, best.revision) == ("invoice-title", "按说明书拼。", 2)
    assert all(hit.matched != "抬头写错了" for hit in retriever.search("抬头写错了", now=NOW, k=50))


def test_deleted_entries_are_never_returned(retriever, entries):
    retriever.sync([], ["invoice-title", "air-fryer"])
    assert len(retriever) == len(entries) - 2
    found = ids(retriever, "发票抬头可以改吗", k=50) + ids(retriever, "空气炸锅薯条", k=50)
    assert not {"invoice-title", "air-fryer"} & set(found)
    retriever.sync([entries[1]], [])
    assert ids(retriever, "发票抬头可以改吗")[0] == "invoice-title"


def test_validity_is_checked_at_the_moment_of_asking(encoder):
    retriever = HybridRetriever(encoder)
    retriever.sync([entry("sale", "大促什么时候开始？", valid_from=100.0, valid_until=200.0)], [])
    for now, found in [(99.0, []), (100.0, ["sale"]), (199.0, ["sale"]), (200.0, [])]:
        assert [hit.entry_id for hit in retriever.search("大促什么时候开始", now=now)] == found


def test_languages_do_not_mix(retriever):
    retriever.sync([entry("invoice-en", "发票 invoice", answer="By e-mail.", language="en")], [])
    assert "invoice-en" not in ids(retriever, "发票 invoice", k=50)
    assert ids(retriever, "发票 invoice", language="en") == ["invoice-en"]
    assert ids(retriever, "发票", language="fr") == []


def test_expired_entries_do_not_crowd_out_valid_ones(encoder):
    retriever = HybridRetriever(encoder)
    old = [entry(f"old-{n}", "春节放假几天发货", valid_until=10.0) for n in range(300)]
    retriever.sync([*old, entry("new", "节日安排")], [])
    # Without a character in common only the vectors can find it, behind 600 nearer ones that are over.
    vector = encoder.encode(["春节放假几天发货"])[0]
    assert [hit.entry_id for hit in retriever.search("。", vector=vector, now=NOW)] == ["new"]


def test_the_intent_tells_equal_wordings_apart(encoder):
    retriever = HybridRetriever(encoder)
    retriever.sync(
        [entry("a", "多久能到？", tags=("intent:ask_ship",)), entry("b", "多久到账？", tags=("intent:ask_refund",))], []
    )
    for intent, first in [("ask_ship", "a"), ("ask_refund", "b")]:
        others = {"ask_ship": 0.05, "ask_refund": 0.05, "greet": 0.0, intent: 0.9}
        assert ids(retriever, "大概多久", intents=others)[0] == first


def test_another_vector_store_gives_the_same_hits(retriever, encoder, entries):
    other = HybridRetriever(encoder, store=ExactStore(64))
    other.sync(entries, [])
    for text in ("抬头写错", "炸鸡翅几分钟", "地址"):
        assert [(h.entry_id, round(h.score, 4)) for h in other.search(text, now=NOW)] == [
            (h.entry_id, round(h.score, 4)) for h in retriever.search(text, now=NOW)
        ]


def test_an_article_with_equal_passages_can_change(encoder, entries):
    retriever = HybridRetriever(encoder)
    twice = replace(entries[-1], body="## 甲\n\n同样的话。\n\n## 甲\n\n同样的话。")
    retriever.sync([twice], [])
    retriever.sync([replace(twice, body="## 乙\n\n别的话。")], [])
    assert retriever.search("同样的话", now=NOW)[0].text == "别的话。"


def test_searching_goes_on_while_knowledge_changes(retriever, entries):
    failures = []

    def ask():
        for _ in range(60):
            try:
                retriever.search("发票抬头可以改吗", now=NOW)
            except Exception as error:  # whatever it is, the test must show it
                failures.append(error)

    threads = [Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for turn in range(20):
        retriever.sync([replace(entries[1], title=f"第{turn}问")], [entries[2].id])
        retriever.sync([entries[2]], [entries[1].id])
    for thread in threads:
        thread.join()
    assert failures == []


def test_vectors_come_only_from_the_present_encoder(encoder):
    other = StaticTableEncoder(encoder.vocabulary, np.ones((len(encoder.vocabulary) + 1, 8)))
    with pytest.raises(ValueError, match="expected \\(n, 64\\)"):
        HybridRetriever(other, store=ExactStore(64)).sync([entry("a", "发票？")], [])
