import numpy as np
import pytest

from retrieval.lexical import LexicalIndex, lexical_grams

TEXTS = ["发票抬头可以改吗", "退货的运费谁出", "怎么申请退货", "How long does delivery take?"]


def test_the_same_text_gets_the_highest_share():
    index = LexicalIndex(TEXTS)
    for position, text in enumerate(TEXTS):
        scores = index.scores(text)
        assert scores.argmax() == position and scores[position] > 0.7


def test_shares_lie_between_zero_and_one_and_punctuation_does_not_count():
    index = LexicalIndex(TEXTS)
    scores = index.scores("退货！")
    assert scores.shape == (4,) and scores.min() >= 0 and scores.max() <= 1
    assert np.array_equal(scores, index.scores("退货"))
    assert scores[0] == 0 and scores[1] > 0 and scores[2] > 0


def test_unknown_words_lower_the_share():
    index = LexicalIndex(TEXTS)
    assert index.scores("退货的运费谁出呢宇宙飞船黑洞").max() < 0.6 * index.scores("退货的运费谁出").max()


def test_width_and_case_do_not_matter():
    index = LexicalIndex(TEXTS)
    assert np.array_equal(index.scores("ＤＥＬＩＶＥＲＹ"), index.scores("delivery"))
    assert index.scores("delivery").argmax() == 3


@pytest.mark.parametrize("query", ["", "😀", "？？", "宇宙黑洞"])
def test_nothing_in_common_scores_zero(query):
    assert not LexicalIndex(TEXTS).scores(query).any()


@pytest.mark.parametrize("texts", [[], ["", "😀"]])
def test_an_index_without_words_answers(texts):
    index = LexicalIndex(texts)
    assert len(index) == len(texts) and index.scores("退货").tolist() == [0.0] * len(texts)


def test_grams_do_not_cross_punctuation():
    assert "货退" not in lexical_grams("退货，退款") and "退货" in lexical_grams("退货，退款")
