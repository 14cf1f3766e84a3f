"""Reads the raw records of a log file (CSV, TSV, JSONL) one by one, whatever state the file is in."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from nlu_data.log_columns import FIELDS, ColumnMapping
from nlu_data.log_encoding import detect_encoding
from nlu_data.log_errors import LogColumnError, LogFileError

#: A quoted cell that is still open after so many lines was never meant to be one.
MAX_LINES_PER_RECORD = 50
#: Longest line that is read as data; a binary file with a log's name has longer ones.
MAX_LINE_CHARACTERS = 200_000

KINDS = {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl"}

Progress = Callable[[int, int], None]

_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True)
class RawRecord:
    """One record as found: its values by field, or the reason why it has none."""

    line: int
    raw: str
    values: dict[str, str] = field(default_factory=dict)
    fault: str | None = None


class LogReader:
    """Iterates over the records of one file.

    :param source: the file; its extension says which kind it is.
    :param progress: called with (bytes read, bytes in all) now and then.
    :raises LogFileError: when the file is missing, not a file, empty, or of an unknown kind.
    """

    def __init__(self, source: Path, mapping: ColumnMapping, *, progress: Progress | None = None) -> None:
        if source.suffix.lower() not in KINDS:
            raise LogFileError(f"log {source.name!r}: extension {source.suffix!r}; expected {', '.join(KINDS)}")
        if not source.is_file():
            raise LogFileError(f"log {str(source)!r}: no such file; check the path")
        if source.stat().st_size == 0:
            raise LogFileError(f"log {source.name!r} is empty; export it again")
        self.source = source
        self.mapping = mapping
        self.kind = KINDS[source.suffix.lower()]
        self.encoding = detect_encoding(source)
        self._progress = progress

    def __iter__(self) -> Iterator[RawRecord]:
        total = self.source.stat().st_size
        with (
            self.source.open("rb") as raw,
            # Undecodable bytes become lone surrogates, so that only the rows that hold them are lost.
            io.TextIOWrapper(raw, encoding=self.encoding, errors="surrogateescape", newline="") as lines,
        ):
            records = self._json(lines) if self.kind == "jsonl" else self._table(lines)
            for number, record in enumerate(records, start=1):
                yield RawRecord(record.line, record.raw, fault="undecodable") if _undecodable(record) else record
                if self._progress is not None and number % 1000 == 0:
                    self._progress(raw.tell(), total)
        if self._progress is not None:
            self._progress(total, total)

    def _json(self, lines: Iterator[str]) -> Iterator[RawRecord]:
        if self.mapping.positional:
            raise LogColumnError(f"log {self.source.name!r}: JSONL has named keys, not column numbers; map to names")
        keys = {field: self.mapping.columns.get(field, field) for field in FIELDS}
        checked = False
        for number, line in enumerate(lines, start=1):
            line = line.strip()
            if not line:
                continue
            if len(line) > MAX_LINE_CHARACTERS:
                yield RawRecord(number, line[:200], fault="line_too_long")
                continue
            try:
                item = json.loads(line)
            except (ValueError, RecursionError):
                yield RawRecord(number, line, fault="bad_json")
                continue
            if not isinstance(item, dict):
                yield RawRecord(number, line, fault="bad_json")
                continue
            if not checked:
                # Later objects may leave keys out; the first one has to show that the mapping fits.
                self.mapping.positions(list(item))
                checked = True
            yield RawRecord(number, line, {field: _plain(item.get(key)) for field, key in keys.items()})

    def _table(self, lines: Iterator[str]) -> Iterator[RawRecord]:
        rows = _tab_rows(lines) if self.kind == "tsv" else _csv_rows(lines)
        positions: dict[str, int] | None = self.mapping.positions(()) if self.mapping.positional else None
        width: int | None = None
        for number, raw, cells, fault in rows:
            if fault is not None:
                yield RawRecord(number, raw, fault=fault)
            elif not any(cell.strip() for cell in cells):
                continue
            elif positions is None:
                positions, width = self.mapping.positions([cell.strip() for cell in cells]), len(cells)
            else:
                if width is None:
                    width = len(cells)
                    self._check_width(positions, width)
                if len(cells) != width:
                    yield RawRecord(number, raw, fault="wrong_field_count")
                else:
                    yield RawRecord(number, raw, {name: cells[index].strip() for name, index in positions.items()})

    def _check_width(self, positions: dict[str, int], width: int) -> None:
        for name, index in positions.items():
            if index >= width:
                raise LogColumnError(
                    f"column mapping: {name}={index}, but the first line of {self.source.name!r} has {width} columns; "
                    f"numbers go from 0 to {width - 1}"
                )


_Row = tuple[int, str, list[str], str | None]


def _tab_rows(lines: Iterator[str]) -> Iterator[_Row]:
    """Yield rows of tab-separated cells. A quote is an ordinary character there, unless it wraps a whole cell."""
    for number, line in enumerate(lines, start=1):
        line = line.rstrip("\r\n")
        if len(line) > MAX_LINE_CHARACTERS:
            yield number, line[:200], [], "line_too_long"
            continue
        cells = line.split("\t")
        yield number, line, [_unwrapped(cell) for cell in cells], None


def _unwrapped(cell: str) -> str:
    if len(cell) >= 2 and cell[0] == cell[-1] == '"' and '"' not in cell[1:-1].replace('""', ""):
        return cell[1:-1].replace('""', '"')
    return cell


def _csv_rows(lines: Iterator[str]) -> Iterator[_Row]:
    """Yield rows of comma-separated cells; one stray quote costs one row, not the rest of the file."""
    waiting: list[tuple[int, str]] = []
    source = enumerate(lines, start=1)
    delimiter = ","
    first = True
    while True:
        if not waiting:
            item = next(source, None)
            if item is None:
                return
            waiting.append(item)
        if first:
            # Office exports in some countries separate with semicolons and still call it CSV.
            delimiter = max(",;\t", key=waiting[0][1].count) if "," not in waiting[0][1] else ","
            first = False
        taken = 1
        while True:
            record = "".join(line for _, line in waiting[:taken]).replace("\0", "")
            number = waiting[0][0]
            if len(record) > MAX_LINE_CHARACTERS:
                yield number, record[:200], [], "line_too_long"
                del waiting[:1]
                break
            cells, complete = _csv_cells(record, delimiter)
            if complete:
                yield number, record.rstrip("\r\n"), cells, None
                del waiting[:taken]
                break
            if taken == len(waiting):
                item = next(source, None) if taken < MAX_LINES_PER_RECORD else None
                if item is None:
                    # Give up on the first line only; the others get their own chance.
                    yield number, waiting[0][1].rstrip("\r\n"), [], "unbalanced_quote"
                    del waiting[:1]
                    break
                waiting.append(item)
            taken += 1


def _csv_cells(record: str, delimiter: str) -> tuple[list[str], bool]:
    """Return the cells of one record, and whether its quotes are closed."""
    try:
        return next(csv.reader(io.StringIO(record, newline=""), delimiter=delimiter, strict=True), []), True
    except csv.Error as error:
        if "unexpected end" in str(error):
            return [], False
    try:
        return next(csv.reader(io.StringIO(record, newline=""), delimiter=delimiter), []), True
    except csv.Error:
        return [], False


def _plain(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip()


def _undecodable(record: RawRecord) -> bool:
    # The values are looked at too: a JSON escape can hold half a character that the line itself does not show.
    return any(_SURROGATE.search(text) for text in (record.raw, *record.values.values()))
