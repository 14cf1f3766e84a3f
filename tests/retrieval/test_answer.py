from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.answer import EXCERPT_LENGTH, QUOTED_LENGTH, Thresholds, compose, quote
from retrieval.hybrid import Hit, HybridRetriever
from retrieval.passages import plain_text, split_article
from tests.retrieval.conftest import ARTICLE, NOW

THRESHOLDS = Thresholds(answer=0.6, passage=0.6, margin=0.5, nearest=0.05)


def hit(id, score, kind="question", text="答案。", title="问题？", matched="问题", units=()):
    url = f"/articles/{id}" if kind == "article" else None
    return Hit(id, None, kind, score, text, title, url, 0.5, 0.5, "节", 3, matched, units)


def test_a_known_question_gets_its_template_and_source():
    answer = compose("怎么问", [hit("a", 0.9), hit("b", 0.3)], THRESHOLDS)
    assert (answer.kind, answer.text, answer.nearest) == ("template", "答案。", ())
    assert answer.sources[0].as_dict() == {
        "entry_id": "a",
        "revision": 3,
        "title": "问题？",
        "kind": "template",
        "section": "节",
        "url": None,
        "excerpt": "答案。",
    }


def test_below_the_threshold_it_admits_and_offers_at_most_three():
    hits = [hit(id, score) for id, score in zip("abcde", (0.59, 0.4, 0.2, 0.1, 0.01))]
    answer = compose("怎么问", hits, THRESHOLDS)
    assert answer.kind == "unknown" and answer.sources == ()
    assert [near.entry_id for near in answer.nearest] == ["a", "b", "c"]
    assert "人工" in answer.text


@pytest.mark.parametrize("hits", [[], [hit("a", 0.01)]])
def test_with_nothing_near_nothing_is_offered(hits):
    answer = compose("怎么问", hits, THRESHOLDS)
    assert answer.kind == "unknown" and answer.nearest == () and "下面" not in answer.text


def test_two_close_candidates_are_told_apart_by_asking():
    answer = compose("怎么问", [hit("a", 0.80), hit("b", 0.75), hit("c", 0.3)], THRESHOLDS)
    assert answer.kind == "choose" and [near.entry_id for near in answer.nearest] == ["a", "b"]
    assert compose("怎么问", [hit("a", 0.90), hit("b", 0.70)], THRESHOLDS).kind == "template"
    # Close, but not good enough to be an answer itself.
    assert compose("怎么问", [hit("a", 0.62), hit("b", 0.58)], THRESHOLDS).kind == "template"


def test_the_very_wording_is_answered_though_another_is_close():
    assert compose("问题！", [hit("a", 0.80), hit("b", 0.79)], THRESHOLDS).kind == "template"


def test_a_passage_is_quoted_with_its_article():
    passage = split_article(ARTICLE)[1]
    found = hit("air-fryer", 0.9, kind="article", text=passage.text, title="说明", units=passage.units)
    answer = compose("薯条几度", [found], THRESHOLDS)
    assert (answer.kind, answer.text) == ("passage", passage.text)
    source = answer.sources[0]
    assert (source.kind, source.url, source.section) == ("article", "/articles/air-fryer", "节")


def test_questions_and_articles_have_their_own_thresholds():
    strict = replace(THRESHOLDS, passage=0.95)
    assert compose("问", [hit("a", 0.9, kind="article", units=("话。",))], strict).kind == "unknown"
    assert compose("问", [hit("a", 0.9)], strict).kind == "template"


def test_an_article_answers_where_the_nearest_question_does_not_fit():
    easy = replace(THRESHOLDS, passage=0.1)
    hits = [hit("a", 0.5), hit("b", 0.3, kind="article", units=("话。",))]
    answer = compose("问", hits, easy)
    assert (answer.kind, answer.text, answer.sources[0].entry_id) == ("passage", "话。", "b")
    assert compose("问", hits, THRESHOLDS).kind == "unknown"


def test_a_long_passage_gives_its_best_sentences_in_order():
    units = (
        "运费由您承担。",
        "闲话" * 40 + "。",
        "发票抬头可以在订单里修改。",
        "无关" * 40 + "。",
        "修改发票抬头限一次。",
    )
    assert quote("发票抬头怎么修改", units) == [units[2], units[4]]


def test_a_step_brings_its_neighbours_and_their_introduction():
    filler = "闲话" * 45 + "。\n"
    units = (filler, "请按顺序操作：\n", "1. 取出包装。\n", "2. 空烧十分钟。\n", "3. 冷却。\n", filler)
    assert quote("空烧要几分钟", units) == list(units[1:5])


def test_a_passage_without_a_word_in_common_still_quotes_only_itself():
    units = tuple(f"第{n}句" + "字" * 60 + "。" for n in range(5))
    assert set(quote("abc", units)) <= set(units) and quote("abc", units)


def test_excerpts_are_short():
    answer = compose("问", [hit("a", 0.9, text="很长" * 300)], THRESHOLDS)
    assert len(answer.sources[0].excerpt) == EXCERPT_LENGTH and len(answer.text) == 600


def test_own_words_follow_the_language():
    assert compose("x", [], THRESHOLDS, language="en").text.startswith("Sorry")
    assert compose("x", [hit("a", 0.8), hit("b", 0.8)], THRESHOLDS, language="en").text.startswith("Which")
    assert compose("x", [], THRESHOLDS, language="zh-CN").text.startswith("抱歉")


def test_thresholds_survive_json():
    assert Thresholds.from_dict(THRESHOLDS.as_dict()) == THRESHOLDS


@settings(max_examples=150, deadline=None)
@given(
    st.text(alphabet="薯条温度时间第一次操作食材 abc", max_size=20),
    st.lists(st.text(alphabet="薯条温度时间操作，甲乙丙丁", min_size=1, max_size=80), min_size=1, max_size=12),
)
def test_no_sentence_outside_the_source(query, lines):
    markdown = "\n\n".join(line + "。" for line in lines)
    for passage in split_article(markdown):
        quoted = quote(query, passage.units)
        left = iter(passage.units)
        assert quoted and all(unit in left for unit in quoted), "quoted units must keep the order of the passage"
        assert all(unit.strip() in plain_text(markdown) for unit in quoted)
        assert sum(map(len, quoted)) <= max(QUOTED_LENGTH, len(quoted[0]), len(passage.text) + 1)


def test_answers_from_the_index_stand_in_their_entries(encoder, entries):
    retriever = HybridRetriever(encoder)
    retriever.sync(entries, [])
    by_id = {entry.id: entry for entry in entries}
    kinds = set()
    for query in ("薯条要几度几分钟", "第一次用空气炸锅", "发票抬头可以改吗", "鸡翅", "有气味正常吗"):
        hits = retriever.search(query, now=NOW)
        answer = compose(query, hits, Thresholds(answer=0.0, passage=0.0, margin=0.0))
        kinds.add(answer.kind)
        source = by_id[answer.sources[0].entry_id]
        plain = plain_text(source.body)
        for line in answer.text.splitlines():
            cells = [part for pair in line.split("；") for part in pair.split("：")] if "|" in source.body else [line]
            assert line in plain or all(cell in plain for cell in cells)
    assert kinds == {"template", "passage"}
