import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.passages import PASSAGE_LENGTH, plain_text, split_article
from tests.retrieval.conftest import ARTICLE


def test_sections_lists_and_tables_become_passages():
    first, second = split_article(ARTICLE)
    assert (first.section, first.position) == ("首次使用", 0)
    assert (second.section, second.position) == ("温度与时间", 1)
    assert first.units[:2] == ("空炸前请先清洗炸篮。", "清洗时不要把主机放进水里，用软布擦干即可。")
    assert first.units[-3:] == ("1. 取出全部包装材料。\n", "2. 空烧十分钟。\n", "3. 冷却后再放食材。\n")
    assert second.units == ("食材：薯条；温度：200 度；时间：15 分钟\n", "食材：鸡翅；温度：180 度；时间：18 分钟\n")
    assert second.text == "食材：薯条；温度：200 度；时间：15 分钟\n食材：鸡翅；温度：180 度；时间：18 分钟"


def test_nested_headings_name_the_whole_path():
    sections = [p.section for p in split_article("引言。\n\n## 甲\n\n一。\n\n### 乙\n\n二。\n\n## 丙\n\n三。")]
    assert sections == ["", "甲", "甲 › 乙", "丙"]


def test_long_sections_are_cut_between_blocks():
    passages = split_article("## 长\n\n" + "\n\n".join(f"第{n}段" + "字" * 120 + "。" for n in range(6)))
    assert len(passages) == 3 and all(len(p.text) <= PASSAGE_LENGTH for p in passages)
    assert [p.position for p in passages] == [0, 1, 2]


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("**七天**内可退", "七天内可退"),
        ('见[退货说明](/a "t")', "见退货说明"),
        ("用 `YS` 开头", "用 YS 开头"),
        ("*斜体*和__粗__", "斜体和粗"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("snake_case_name", "snake_case_name"),
        ("一行<br>两行", "一行 两行"),
        (r"\*星号\*", "*星号*"),
    ],
)
def test_inline_markup_goes_and_text_stays(markdown, plain):
    assert plain_text(markdown) == plain


def test_wrapped_lines_join_without_a_gap_in_chinese():
    assert split_article("第一行\n接着写。\nIn English\nwith a gap.")[0].units[0] == "第一行接着写。"


@pytest.mark.parametrize("markdown", ["", "\n\n", "# 只有标题", "<!-- 注释 -->", "---", "| a | b |\n|---|---|"])
def test_an_article_without_text_has_no_passages(markdown):
    assert split_article(markdown) == []


def test_a_table_without_a_header_keeps_its_cells():
    assert split_article("| 薯条 | 200 度 |")[0].units == ("薯条 200 度\n",)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab甲乙。：；#-*|`[]()<>1. \n", max_size=200))
def test_any_text_can_be_cut_and_nothing_is_invented(markdown):
    source = set(markdown)
    for passage in split_article(markdown):
        assert passage.text == "".join(passage.units).strip()
        words = re.findall(r"\w+", passage.text)
        assert all(set(word) <= source for word in words)
