"""The normal form, words, n-grams and sentences."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu_data.text import CATALOGUE_PATH, catalogue_words, char_ngrams, normalise, sentences, words


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("ＡＢＣ１２３", "abc123"),
        ("你好！！！在吗？？", "你好!在吗?"),
        ("退\u200b款\ufeff", "退款"),
        ("第一行\n第二行\t完", "第一行 第二行 完"),
        ("  多  个   空格  ", "多 个 空格"),
        ("为什么……", "为什么."),
        ("价格3.5元，YS2611050001", "价格3.5元,ys2611050001"),
        ("1000000块", "1000000块"),
        ("坏了\x00\x07", "坏了"),
        ("保留顿号、句号。", "保留顿号、句号。"),
        ("", ""),
        ("\u200b", ""),
    ],
)
def test_normal_form(written, normal):
    assert normalise(written) == normal


@given(st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_normalising_twice_changes_nothing(text):
    once = normalise(text)
    assert normalise(once) == once


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_the_normal_form_is_printable_and_holds_no_double_space(text):
    normal = normalise(text)
    assert "  " not in normal
    assert normal == normal.strip()
    assert not any(0xD800 <= ord(character) <= 0xDFFF or ord(character) < 32 for character in normal)


def test_words_know_the_catalogue():
    assert words("云杉优选的空气炸锅支持七天无理由退货吗？") == [
        "云杉优选",
        "的",
        "空气炸锅",
        "支持",
        "七天无理由退货",
        "吗",
        "?",
    ]


def test_words_keep_numbers_whole_and_leave_out_spaces():
    assert words("订单 YS2611050001 到哪了")[:2] == ["订单", "ys2611050001"]
    assert words(" \n") == []


def test_the_global_jieba_tokenizer_is_left_alone():
    import jieba

    words("杉悦")
    assert "银杉会员" not in jieba.dt.user_word_tag_tab
    assert jieba.dt.FREQ.get("银杉会员") in (None, 0)


def test_importing_the_module_does_not_load_the_dictionary():
    script = "import sys, nlu_data.text, nlu_data.privacy; print('jieba' in sys.modules, 'sklearn' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_the_catalogue_has_enough_words_and_none_twice():
    entries = [word for word, _ in catalogue_words()]
    assert len(entries) >= 80
    assert len(entries) == len(set(entries))
    assert CATALOGUE_PATH.name == "catalogue.txt"


def test_a_bad_catalogue_line_is_named(tmp_path):
    path = tmp_path / "catalogue.txt"
    path.write_text("好词 3\n坏 词 行\n", encoding="utf-8")
    with pytest.raises(ValueError, match="catalogue.txt line 2"):
        catalogue_words(path)


def test_char_ngrams():
    assert char_ngrams("要退款", 1, 2) == ["要", "退", "款", "要退", "退款"]


def test_char_ngrams_do_not_cross_a_space_and_keep_short_stretches():
    assert char_ngrams("退款 好", 2, 3) == ["退款", "好"]
    assert char_ngrams("   ", 1, 2) == []


@pytest.mark.parametrize(("low", "high"), [(0, 2), (3, 2), (-1, 1)])
def test_char_ngrams_refuse_an_impossible_range(low, high):
    with pytest.raises(ValueError, match="expected 1 <= low <= high"):
        char_ngrams("退款", low, high)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("您好！我要退款。价格是3.5元。", ["您好！", "我要退款。", "价格是3.5元。"]),
        ("还有吗？！好的……\n再见", ["还有吗？！", "好的……", "再见"]),
        ("他说“可以。”然后走了", ["他说“可以。”", "然后走了"]),
        ("I paid 3.5 yuan. It is late. Why?", ["I paid 3.5 yuan.", "It is late.", "Why?"]),
        ("Ask Mr. Li. He knows.", ["Ask Mr. Li.", "He knows."]),
        ("没有标点", ["没有标点"]),
        (" \n ", []),
    ],
)
def test_sentences(text, parts):
    assert sentences(text) == parts


@given(st.text(alphabet="好的。！？ .aB3\n”…", max_size=40))
@settings(max_examples=300, deadline=None)
def test_sentences_lose_nothing_but_white_space(text):
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())
