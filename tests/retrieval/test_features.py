import pytest

from retrieval.features import MAX_CHARACTERS, features


def test_characters_and_words_of_a_chinese_question():
    found = features("发票抬头")
    assert [f for f in found if f.startswith("c:")] == [
        "c:发", "c:票", "c:抬", "c:头", "c:发票", "c:票抬", "c:抬头", "c:发票抬", "c:票抬头",
    ]  # fmt: skip
    assert "w:发票" in found


def test_width_case_and_punctuation_do_not_matter():
    assert features("ＡＢＣ，退货！") == features("abc 退货")


def test_grams_do_not_cross_punctuation():
    assert "c:货退" not in features("退货，退款")
    assert "c:货退" in features("退货退款")


@pytest.mark.parametrize("text", ["", "   ", "😀😀", "？！……", "\x00\x01"])
def test_texts_without_letters_have_no_features(text):
    assert features(text) == []


def test_a_huge_text_is_read_up_to_the_limit():
    assert features("退" * MAX_CHARACTERS) == features("退" * (MAX_CHARACTERS + 5_000))
