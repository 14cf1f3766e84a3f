"""Texts become ids: padding, unknown parts, both ends of a long text."""

import numpy as np
import pytest

from analytics.vocabulary import MAX_CHARACTERS, MAX_GRAMS, UNKNOWN, Vocabulary, build_vocabulary, grams_of


def test_only_what_is_frequent_enough_gets_an_id_the_most_frequent_first() -> None:
    vocabulary = build_vocabulary(["退款", "退货", "退款吗"])

    assert vocabulary.characters == ("退", "款")
    assert vocabulary.grams == ("退", "款", "退款")


def test_encoding_pads_and_marks_unknown_characters() -> None:
    characters, grams = Vocabulary(("退", "款"), ("退", "退款")).encode("退款?")

    assert characters[:4].tolist() == [2, 3, UNKNOWN, 0]
    assert grams[:3].tolist() == [2, 3, 0]
    assert characters.shape == (MAX_CHARACTERS,)
    assert grams.shape == (MAX_GRAMS,)


def test_a_long_text_keeps_its_beginning_and_its_end() -> None:
    characters, _ = Vocabulary(("头", "尾"), ()).encode("头" + "中" * 20_000 + "尾")

    assert characters[0] == 2
    assert characters[-1] == 3


@pytest.mark.parametrize("text", ["", " \n", "\u200b"])
def test_nothing_to_read_is_all_padding(text: str) -> None:
    characters, grams = Vocabulary(("退",), ("退",)).encode(text)

    assert not characters.any()
    assert not grams.any()


def test_many_equals_one_by_one() -> None:
    vocabulary = build_vocabulary(["退款到哪了", "退款多久到"], least=1)
    characters, grams = vocabulary.encode_many(["退款", "到哪"])

    np.testing.assert_array_equal(characters[1], vocabulary.encode("到哪")[0])
    np.testing.assert_array_equal(grams[0], vocabulary.encode("退款")[1])


def test_grams_are_distinct() -> None:
    assert grams_of("好好好") == ["好", "好好", "好好好"]
