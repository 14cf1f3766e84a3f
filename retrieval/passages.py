"""Cuts a Markdown article into passages by its headings, lists and tables, and strips the markup."""

import re
from dataclasses import dataclass

from nlu_data.text import sentences

#: A passage is closed when the next block would make it longer than this, in characters.
PASSAGE_LENGTH = 300

_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*\s*")
_ITEM = re.compile(r"(?:[-*+]|\d+[.)、])\s+\S.*")
_RULE = re.compile(r"\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*(?:\s+\"[^\"]*\")?\)")
_MARKS = re.compile(r"(\*\*|__|~~|`)(?=\S)(.+?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![A-Za-z0-9*\\])\*(?=\S)([^*\n]+?)(?<=[^\s\\])\*(?![A-Za-z0-9*])")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|])")


@dataclass(frozen=True)
class Passage:
    """A few connected sentences of one section.

    `section`: the headings above it, outermost first, joined by " › " ("" before the first); `position` counts the
    article's passages from 0. `units` are the smallest parts an answer may quote: sentences, list items, table rows;
    a unit that ends its line ends in a line break.
    """

    section: str
    position: int
    units: tuple[str, ...]

    @property
    def text(self) -> str:
        """The passage as a customer would read it."""
        return "".join(self.units).strip()


def split_article(markdown: str) -> list[Passage]:
    """Return the passages of an article in order; an article without text has none.

    A list stays with the paragraph that introduces it as long as both fit; a table row is written as
    "heading：cell" pairs, so that it can be read without the table.
    """
    passages: list[Passage] = []
    headings: list[tuple[int, str]] = []
    pending: list[tuple[str, ...]] = []

    def close() -> None:
        units = tuple(unit for block in pending for unit in block)
        if units:
            passages.append(Passage(" › ".join(text for _, text in headings), len(passages), units))
        pending.clear()

    for kind, content in _blocks(_COMMENT.sub("", markdown)):
        if kind == "heading":
            close()
            level, text = content
            headings = [above for above in headings if above[0] < level] + [(level, text)]
            continue
        if pending and _length(pending) + _length([content]) > PASSAGE_LENGTH:
            close()
        pending.append(content)
    close()
    return passages


def plain_text(markdown: str) -> str:
    """Return `markdown` without inline markup (emphasis, code marks, links' addresses) on one line."""
    text = _BREAK.sub(" ", _LINK.sub(r"\1", markdown))
    text = _EMPHASIS.sub(r"\1", _MARKS.sub(r"\2", text))
    return _ESCAPE.sub(r"\1", text).strip()


def _blocks(markdown: str):
    """Yield ("heading", (level, text)) and ("text", units) in order; an item and a row are blocks of their own."""
    paragraph: list[str] = []
    header: list[str] | None = None
    lines = markdown.splitlines()
    for index, raw in enumerate(lines):
        line = raw.strip().lstrip(">").strip()
        is_row = line.startswith("|") and line.count("|") > 1
        starts_block = not line or is_row or _HEADING.fullmatch(line) or _ITEM.fullmatch(line) or line.startswith("```")
        if starts_block and paragraph:
            yield "text", _units(_joined(paragraph))
            paragraph = []
        if not is_row:
            header = None
        if not line or line.startswith("```") or (not is_row and _RULE.fullmatch(line)):
            continue
        if heading := _HEADING.fullmatch(line):
            yield "heading", (len(heading[1]), plain_text(heading[2]))
        elif is_row:
            cells = [plain_text(cell) for cell in re.split(r"(?<!\\)\|", line.strip("|"))]
            following = lines[index + 1].strip() if index + 1 < len(lines) else ""
            if header is None and _RULE.fullmatch(following) and "-" in following:
                header = cells
            elif not _RULE.fullmatch(line):
                yield "text", (_row(header, cells) + "\n",)
        else:
            # A line below an item continues it; a following item or paragraph is cut by the checks above.
            paragraph.append(line)
    if paragraph:
        yield "text", _units(_joined(paragraph))


def _joined(lines: list[str]) -> str:
    text = lines[0]
    for line in lines[1:]:
        # Chinese lines run on without a space, Latin words need one.
        text += (" " if text[-1].isascii() and line[0].isascii() else "") + line
    return plain_text(text)


def _units(line: str) -> tuple[str, ...]:
    if not line:
        return ()
    if _ITEM.fullmatch(line):
        return (line + "\n",)
    found = []
    for sentence in sentences(line):
        # The gap before an English sentence belongs to the text that people read.
        gap = " " if found and found[-1][-1].isascii() else ""
        found.append(gap + sentence)
    found[-1] += "\n"
    return tuple(found)


def _row(header: list[str] | None, cells: list[str]) -> str:
    if header is None:
        return " ".join(cell for cell in cells if cell)
    return "；".join(f"{name}：{cell}" if name else cell for name, cell in zip(header, cells) if cell)


def _length(blocks: list[tuple[str, ...]]) -> int:
    return sum(len(unit) for block in blocks for unit in block)
