"""Reads knowledge from files: `faq/*.yml` (questions with variants) and `articles/*.md` (front matter + Markdown).

    faq/invoice.yml                              articles/returns.md
    - id: invoice-title                          ---
      question: 发票抬头可以改吗？                id: returns
      variants: [能改发票抬头吗]                 title: 退货说明
      answer: 开票后 30 天内可以改一次。          tags: [售后]
      tags: [发票]                               ---
      intent: ask_invoice                        ## 时限 …

Both may say `language` (default zh) and `valid_from_days` / `valid_until_days`, counted from the seed date. An
`intent` is kept as the tag "intent:NAME".
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import yaml

from storage.knowledge import INTENT_TAG, KnowledgeDraft

Draft = KnowledgeDraft

_COMMON = {"id", "tags", "language", "intent", "valid_from_days", "valid_until_days"}
_QUESTION_KEYS = _COMMON | {"question", "variants", "answer"}
_ARTICLE_KEYS = _COMMON | {"title"}
_SHOWN_PROBLEMS = 20


class KnowledgeFileError(ValueError):
    """Files that cannot be read as knowledge; the text lists each problem with file, key, value and expectation."""


def read_knowledge(directory: Path, *, seed_date: date) -> list[Draft]:
    """Return the drafts of all files under `directory`, questions first, in the order of file names.

    Days are counted from `seed_date`, 00:00 UTC.

    :raises KnowledgeFileError: when the folder has no knowledge, or anything in it is not well formed: every problem
        is told at once and nothing is returned.
    """
    problems: list[str] = []
    found: list[tuple[Path, Draft]] = []
    for path in sorted((directory / "faq").glob("*.yml")):
        found += [(path, draft) for draft in _questions(path, seed_date, problems)]
    for path in sorted((directory / "articles").glob("*.md")):
        found += [(path, draft) for draft in _article(path, seed_date, problems)]
    if not found and not problems:
        problems.append(f"{directory}: no entries; expected faq/*.yml or articles/*.md with content")
    first: dict[str, Path] = {}
    for path, draft in found:
        if draft.id in first:
            problems.append(f"{path}: id: {draft.id!r} is already in {first[draft.id]}; expected an id of its own")
        first.setdefault(draft.id, path)
    if problems:
        more = [f"… and {len(problems) - _SHOWN_PROBLEMS} more"] if len(problems) > _SHOWN_PROBLEMS else []
        raise KnowledgeFileError("\n".join(problems[:_SHOWN_PROBLEMS] + more))
    return [draft for _, draft in found]


def _questions(path: Path, seed_date: date, problems: list[str]) -> list[Draft]:
    content = _yaml(_text(path, problems), path, problems)
    if content is None:
        return []
    if not isinstance(content, list):
        problems.append(f"{path}: got {_named(content)}; expected a list of entries")
        return []
    drafts = []
    for number, raw in enumerate(content, start=1):
        fields = _Fields(raw, f"{path}: entry {number}", _QUESTION_KEYS, problems)
        draft = dict(
            id=fields.text("id"),
            kind="question",
            title=fields.text("question"),
            body=fields.text("answer"),
            variants=fields.texts("variants"),
            **fields.common(seed_date),
        )
        if fields.sound:
            drafts.append(Draft(**draft))
    return drafts


def _article(path: Path, seed_date: date, problems: list[str]) -> list[Draft]:
    text = _text(path, problems)
    if text is None:
        return []
    opening, _, rest = text.partition("\n")
    head, end, body = rest.partition("\n---")
    if opening.strip() != "---" or not end:
        problems.append(f"{path}: got no front matter; expected the file to begin with a block between two --- lines")
        return []
    fields = _Fields(_yaml(head, path, problems), f"{path}: front matter", _ARTICLE_KEYS, problems)
    # What follows the closing dashes on their own line belongs to them, not to the article.
    body = body.partition("\n")[2].strip()
    if not body:
        fields.wrong("the text below the front matter", body, "an article")
    draft = dict(
        id=fields.text("id"), kind="article", title=fields.text("title"), body=body, **fields.common(seed_date)
    )
    return [Draft(**draft)] if fields.sound else []


class _Fields:
    """Takes typed values out of one mapping and notes what is wrong with them."""

    def __init__(self, raw: Any, where: str, allowed: set[str], problems: list[str]) -> None:
        self._raw: Mapping[str, Any] = raw if isinstance(raw, Mapping) else {}
        self._where = where
        self._problems = problems
        self.sound = True
        if not isinstance(raw, Mapping):
            self.wrong("entry", raw, "a mapping of keys to values")
        for key in self._raw:
            if key not in allowed:
                self.wrong(str(key), self._raw[key], f"one of the keys {', '.join(sorted(allowed))}")

    def wrong(self, key: str, value: Any, expected: str) -> None:
        self.sound = False
        shown = repr(value)
        self._problems.append(
            f"{self._where}: {key}: got {shown if len(shown) <= 60 else shown[:60] + '…'}; expected {expected}"
        )

    def text(self, key: str, default: str | None = None) -> str:
        value = self._raw.get(key, default)
        if not isinstance(value, str) or not value.strip():
            self.wrong(key, value, "text")
            return ""
        return value.strip()

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._raw.get(key) or []
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            self.wrong(key, value, "a list of texts")
            return ()
        return tuple(item.strip() for item in value)

    def common(self, seed_date: date) -> dict[str, Any]:
        tags = self.texts("tags")
        if "intent" in self._raw:
            tags += (INTENT_TAG + self.text("intent"),)
        start, end = self._moment("valid_from_days", seed_date), self._moment("valid_until_days", seed_date)
        if None not in (start, end) and start >= end:
            self.wrong("valid_until_days", self._raw["valid_until_days"], "more days than valid_from_days")
        return {"language": self.text("language", "zh"), "tags": tags, "valid_from": start, "valid_until": end}

    def _moment(self, key: str, seed_date: date) -> float | None:
        days = self._raw.get(key)
        if days is None:
            return None
        if not isinstance(days, int) or isinstance(days, bool) or abs(days) > 36_500:
            self.wrong(key, days, "a whole number of days, at most 36500 either way")
            return None
        midnight = datetime(seed_date.year, seed_date.month, seed_date.day, tzinfo=timezone.utc)
        return (midnight + timedelta(days=days)).timestamp()


def _text(path: Path, problems: list[str]) -> str | None:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        problems.append(f"{path}: byte {error.start} is not UTF-8; expected UTF-8: save the file in that encoding")
    except OSError as error:
        problems.append(f"{path}: cannot be read: {error.strerror}")
    return None


def _yaml(text: str | None, path: Path, problems: list[str]) -> Any:
    if text is None:
        return None
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        problems.append(f"{path}: is not YAML: {' '.join(str(error).split())}")
        return None
    if content is None:
        problems.append(f"{path}: got nothing; expected entries")
    return content


def _named(content: Any) -> str:
    return f"a {type(content).__name__}"
