import json
from dataclasses import replace

import pytest

from retrieval.answer import Thresholds
from retrieval.calibration import (
    Calibration,
    LabelledQuestion,
    calibrate,
    measure,
    near_questions,
    reserve_questions,
)
from retrieval.fusion import Fusion
from retrieval.hybrid import Hit, HybridRetriever
from tests.retrieval.conftest import NOW

UNKNOWN = [
    "今天天气怎么样", "写一首诗", "帮我算一下微积分", "附近哪里有医院", "推荐一部电影", "股票会涨吗", "你喜欢什么颜色",
    "用 Python 写排序", "世界杯谁赢了", "感冒吃什么药", "月亮离地球多远", "讲个笑话", "北京到上海的火车",
    "孩子起什么名字",
]  # fmt: skip


@pytest.fixture
def prepared(encoder, entries):
    rest, reserved = reserve_questions(entries, seed=3)
    retriever = HybridRetriever(encoder)
    retriever.sync(rest, [])
    return retriever, reserved + [LabelledQuestion(text) for text in UNKNOWN]


def test_reserved_questions_leave_the_index_and_name_their_entry(entries):
    rest, reserved = reserve_questions(entries, seed=3)
    assert len(rest) == len(entries) and len(reserved) == 20
    left = {entry.id: entry for entry in rest}
    for before in entries:
        if before.kind == "question":
            (own,) = [question for question in reserved if question.relevant == {before.id}]
            assert {own.text, *left[before.id].variants} == set(before.variants)
            assert own.text not in left[before.id].variants
    assert reserve_questions(entries, seed=3) == (rest, reserved) != reserve_questions(entries, seed=4)


def test_an_entry_keeps_its_only_variant(entries):
    lonely = replace(entries[0], variants=("唯一",))
    assert reserve_questions([lonely], seed=0) == ([lonely], [])


def test_near_questions_are_almost_known(entries):
    near = near_questions(entries, seed=1)
    assert len(near) == 20 and near == near_questions(entries, seed=1)
    known = {text for entry in entries for text in (entry.title, *entry.variants)}
    assert sum(question.text not in known for question in near) > 10


def test_calibration_keeps_its_promises_on_its_questions(prepared):
    retriever, questions = prepared
    calibration = calibrate(retriever, questions, now=NOW)
    report = calibration.report
    assert retriever.fusion == calibration.fusion != Fusion()
    assert (report.answerable, report.unanswerable) == (40, 14)
    assert report.recall_at_5 >= report.recall_at_1 > 0.5 and report.answered > 0.3
    assert report.precision >= 0.9 and report.wrongly_answered <= 0.05
    for weights in (calibration.fusion.question, calibration.fusion.article):
        assert min(weights.lexical, weights.dense, weights.support, weights.content_lexical, weights.intent) >= 0


def test_the_same_questions_give_the_same_calibration(prepared):
    retriever, questions = prepared
    first = calibrate(retriever, questions, now=NOW)
    assert calibrate(retriever, questions, now=NOW) == first
    assert Calibration.from_dict(json.loads(json.dumps(first.as_dict()))) == first


def test_close_wordings_are_made_from_the_index_or_handed_in(prepared):
    retriever, questions = prepared
    made = calibrate(retriever, questions, now=NOW)
    spoken = [entry for entry in retriever.entries if entry.language == "zh"]
    assert calibrate(retriever, questions, near=near_questions(spoken, seed=0), now=NOW) == made
    assert calibrate(retriever, questions, near=[], now=NOW).report.answerable == 20


def test_few_questions_that_no_article_answers_reach_a_passage(prepared):
    retriever, questions = prepared
    thresholds = calibrate(retriever, questions, now=NOW, wrongly_answered=0.1).thresholds
    ranked = [retriever.search(question.text, now=NOW, k=30) for question in questions]
    reached = [
        any(hit.kind == "article" and hit.score >= thresholds.passage for hit in hits)
        for hits in ranked
        if not any(hit.kind == "question" and hit.score >= thresholds.answer for hit in hits)
    ]
    assert sum(reached) <= 0.1 * len(questions)
    retriever.sync([], ["air-fryer"])
    without = calibrate(retriever, questions, now=NOW).thresholds
    assert without.passage == without.answer


def test_a_stricter_precision_never_lowers_the_threshold(prepared):
    retriever, questions = prepared
    loose, strict = (calibrate(retriever, questions, now=NOW, precision=p) for p in (0.6, 1.0))
    assert strict.thresholds.answer >= loose.thresholds.answer


@pytest.mark.parametrize("keep", [slice(0, 5), slice(0, 20)])
def test_too_few_questions_leave_the_defaults(prepared, keep):
    retriever, questions = prepared
    calibration = calibrate(retriever, questions[keep], now=NOW)
    assert calibration == Calibration(Fusion(), Thresholds(), None) and retriever.fusion == Fusion()
    assert Calibration.from_dict(calibration.as_dict()) == calibration


def test_rates_outside_zero_to_one_are_refused(prepared):
    retriever, questions = prepared
    with pytest.raises(ValueError, match="precision: got 95"):
        calibrate(retriever, questions, now=NOW, precision=95)


def test_measure_counts_by_hand():
    def hits(*pairs):
        return [Hit(id, None, "question", score, "", "", None, 0, 0, "", 1, "") for id, score in pairs]

    questions = [LabelledQuestion("q", frozenset({"a"}))] * 4 + [LabelledQuestion("x")] * 2
    ranked = [
        hits(("a", 0.9), ("b", 0.2)),  # right
        hits(("b", 0.9), ("a", 0.2)),  # wrong
        hits(("a", 0.8), ("b", 0.79)),  # asks
        hits(("c", 0.3), ("b", 0.2)),  # admits
        hits(("c", 0.9)),  # answers what has no answer
        [],
    ]
    report = measure(questions, ranked, Thresholds(answer=0.5, margin=0.2))
    assert (report.recall_at_1, report.recall_at_5) == (0.5, 0.75)
    assert (report.answered, report.asked, report.wrongly_answered) == (0.5, 0.25, 0.5)
    assert report.precision == pytest.approx(1 / 3, abs=1e-4)
