from datetime import date

import pytest

from retrieval.knowledge_files import KnowledgeFileError, read_knowledge

SEED = date(2026, 3, 1)
DAY = 86_400.0
MIDNIGHT = 1_772_323_200.0  # 2026-03-01 00:00 UTC
FAQ = """
- id: invoice-title
  question: 发票抬头可以改吗？
  variants: [抬头写错了, 开错抬头怎么办]
  answer: 开票后 30 天内可以改一次。
  tags: [发票]
  intent: ask_invoice
  valid_from_days: -30
  valid_until_days: 365
- id: hours
  question: 几点上班？
  answer: 每天 9:00–21:00。
"""
ARTICLE = """---
id: returns
title: 退货说明
tags: [售后]
valid_until_days: 10
---

## 时限

七天内可退。
"""


def write(root, faq=FAQ, article=ARTICLE):
    (root / "faq").mkdir(parents=True)
    (root / "articles").mkdir()
    if faq is not None:
        (root / "faq" / "a.yml").write_text(faq, encoding="utf-8")
    if article is not None:
        (root / "articles" / "returns.md").write_text(article, encoding="utf-8")
    return root


def problems(root):
    with pytest.raises(KnowledgeFileError) as caught:
        read_knowledge(root, seed_date=SEED)
    return str(caught.value)


def test_questions_and_articles_become_drafts(tmp_path):
    title, hours, returns = read_knowledge(write(tmp_path), seed_date=SEED)
    assert (title.id, title.kind, title.title) == ("invoice-title", "question", "发票抬头可以改吗？")
    assert title.variants == ("抬头写错了", "开错抬头怎么办") and title.body == "开票后 30 天内可以改一次。"
    assert title.tags == ("发票", "intent:ask_invoice") and title.as_entry().intents == ("ask_invoice",)
    assert (title.valid_from, title.valid_until) == (MIDNIGHT - 30 * DAY, MIDNIGHT + 365 * DAY)
    assert (hours.valid_from, hours.valid_until, hours.language, hours.variants) == (None, None, "zh", ())
    assert (returns.id, returns.kind, returns.title) == ("returns", "article", "退货说明")
    assert returns.body == "## 时限\n\n七天内可退。" and returns.valid_until == MIDNIGHT + 10 * DAY


def test_reading_twice_gives_the_same_hashes(tmp_path):
    write(tmp_path)
    first, second = (read_knowledge(tmp_path, seed_date=SEED) for _ in range(2))
    assert [d.content_hash for d in first] == [d.content_hash for d in second]


@pytest.mark.parametrize(
    ("faq", "message"),
    [
        ("- id: a\n  question: 问？\n", r"a\.yml: entry 1: answer: got None; expected text"),
        ("- id: a\n  question: 12\n  answer: 答。\n", "question: got 12; expected text"),
        ("- id: a\n  question: 问？\n  answer: 答。\n  varaints: [x]\n", "varaints: .*expected one of the keys"),
        ("- id: a\n  question: 问？\n  answer: 答。\n  variants: 抬头\n", "variants: got '抬头'; expected a list"),
        ("- id: a\n  question: 问？\n  answer: 答。\n  valid_until_days: soon\n", "valid_until_days: got 'soon'"),
        (
            "- id: a\n  question: 问？\n  answer: 答。\n  valid_from_days: 5\n  valid_until_days: 5\n",
            "valid_until_days: got 5; expected more days than valid_from_days",
        ),
        ("- 只有文字\n", "entry 1: entry: got '只有文字'; expected a mapping"),
        ("question: 问？\n", r"a\.yml: got a dict; expected a list"),
        ("- id: [\n", r"a\.yml: is not YAML"),
        ("", r"a\.yml: got nothing"),
        (FAQ + "- id: hours\n  question: 问？\n  answer: 答。\n", r"'hours' is already in .*a\.yml"),
    ],
)
def test_each_fault_is_told_with_file_key_value_and_expectation(tmp_path, faq, message):
    import re

    assert re.search(message, problems(write(tmp_path, faq=faq)))


@pytest.mark.parametrize(
    ("article", "message"),
    [
        ("## 没有前言\n\n文字。", "no front matter"),
        ("---\nid: a\ntitle: 标题\n", "no front matter"),
        ("---\nid: a\n---\n文字。", "title: got None; expected text"),
        ("---\nid: a\ntitle: 标题\n---\n\n", "below the front matter: got ''; expected an article"),
        ("---\nid: returns\ntitle: 标题\nid2: x\n---\n文字。", "id2: got 'x'"),
    ],
)
def test_each_fault_of_an_article_is_told(tmp_path, article, message):
    text = problems(write(tmp_path, article=article))
    assert message in text and "returns.md" in text


def test_all_problems_are_told_at_once(tmp_path):
    text = problems(write(tmp_path, faq="- id: a\n- id: b\n", article="文字"))
    assert "entry 1: question" in text and "entry 2: answer" in text and "returns.md" in text


def test_another_encoding_is_named(tmp_path):
    write(tmp_path, faq=None)
    (tmp_path / "faq" / "gb.yml").write_bytes("- id: a\n  question: 发票\n".encode("gb18030"))
    assert "gb.yml: byte" in problems(tmp_path) and "UTF-8" in problems(tmp_path)


def test_an_empty_folder_is_an_error(tmp_path):
    assert "expected faq/*.yml or articles/*.md" in problems(tmp_path)
