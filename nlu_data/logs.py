"""Imports a company's support log: checks, masks, groups and mines it, reads it back, and removes it.

Files of a log called NAME in its directory: NAME.jsonl (masked conversations), NAME.pairs.jsonl (question → best
answer), NAME.rejected.csv (rows left out, with the reason, masked too) and NAME.report.json.
"""

import csv
import hashlib
import os
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from nlu_data.conversations import Conversation, Message
from nlu_data.log_columns import ColumnMapping
from nlu_data.log_errors import LogNameError, StoredLogError
from nlu_data.log_groups import Group, LogGroups
from nlu_data.log_reader import LogReader, Progress
from nlu_data.log_report import ImportReport
from nlu_data.log_row import LogRow, RowFault, read_row
from nlu_data.mining import AnswerPair, mine_pairs
from nlu_data.privacy import mask, mask_counted

#: Seconds between two messages of a log without times.
UNTIMED_STEP = 30.0
#: Category of a conversation whose log states none.
NO_CATEGORY = "其他"

_NAME = re.compile(r"[A-Za-z0-9_\-\u4e00-\u9fff]{1,64}")
_CONVERSATIONS, _PAIRS, _REPORT, _REJECTED = ".jsonl", ".pairs.jsonl", ".report.json", ".rejected.csv"


def import_log(
    source: Path,
    *,
    name: str,
    directory: Path,
    columns: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Import `source` as the log `name` into `directory`, replacing an earlier import of that name.

    The four files appear complete or not at all; importing the same file again gives the same files (only the
    seconds in the report differ). Personal data is masked before anything is written, customers are numbered.

    :param columns: field → column name, or column number from 0 for a file without a header (see `log_columns`).
    :param progress: called with (bytes read, bytes in all).
    :raises LogError: a subclass that says what is wrong with the name, the file, or the mapping.
    """
    started = time.perf_counter()
    _check_name(name)
    mapping = ColumnMapping.of(columns)
    reader = LogReader(Path(source), mapping, progress=progress)
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=directory) as workspace:
        work = Path(workspace)
        intake = _Intake(work)
        timed = intake.take(reader)
        conversations = 0
        with (work / "conversations").open("w", encoding="utf-8") as target:
            for group in intake.groups.groups():
                target.write(_conversation(group, timed).line() + "\n")
                conversations += 1
        pairs = mine_pairs(lambda: _stored(work / "conversations"))
        with (work / "pairs").open("w", encoding="utf-8") as target:
            target.writelines(pair.line() + "\n" for pair in pairs)
        report = ImportReport(
            name=name,
            source=Path(source).name,
            kind=reader.kind,
            encoding=reader.encoding,
            rows=intake.rows,
            conversations=conversations,
            messages=intake.messages,
            rejected=dict(sorted(intake.rejected.items())),
            ignored=dict(sorted(intake.ignored.items())),
            masked=dict(sorted(intake.masked.items())),
            reopened=intake.groups.reopened,
            timed=timed,
            pairs=len(pairs),
            seconds=round(time.perf_counter() - started, 3),
        )
        (work / "report").write_text(report.json(), encoding="utf-8")
        # The conversations come last: readers that see the new ones also find the new pairs.
        for part, suffix in (
            ("rejected", _REJECTED),
            ("report", _REPORT),
            ("pairs", _PAIRS),
            ("conversations", _CONVERSATIONS),
        ):
            os.replace(work / part, directory / f"{name}{suffix}")
    return report


def read_conversations(directory: Path) -> Iterator[Conversation]:
    """Yield the conversations of every imported log, logs in the order of their names; nothing if there is none.

    :raises StoredLogError: when a line is not what `import_log` wrote; names file and line.
    """
    for path in _logs(directory):
        yield from _stored(path)


def read_pairs(directory: Path) -> Iterator[AnswerPair]:
    """Yield the mined question–answer pairs of every imported log, logs in the order of their names.

    :raises StoredLogError: when a line is not what `import_log` wrote; names file and line.
    """
    for path in sorted(directory.glob(f"*{_PAIRS}")):
        yield from _lines(path, AnswerPair.from_line)


def log_hash(directory: Path) -> str:
    """Return a hash of the content of all imported logs (names included), equal as long as nothing changed."""
    digest = hashlib.sha256()
    for path in _logs(directory):
        digest.update(path.name.encode() + b"\0")
        with path.open("rb") as source:
            while chunk := source.read(1 << 20):
                digest.update(chunk)
        digest.update(b"\0")
    return digest.hexdigest()


def log_names(directory: Path) -> list[str]:
    """Return the names of the imported logs, in order; none where the directory does not exist."""
    return [path.name.removesuffix(_CONVERSATIONS) for path in _logs(directory)]


def log_report(name: str, directory: Path) -> ImportReport | None:
    """Return what the import of the log `name` reported, or None where that file is missing or damaged."""
    if not _NAME.fullmatch(name):
        return None
    try:
        return ImportReport.read(directory / f"{name}{_REPORT}")
    except (FileNotFoundError, ValueError, TypeError):
        return None


def remove_log(name: str, directory: Path) -> None:
    """Remove the log `name`: its four files and nothing else.

    :raises LogNameError: when there is no log of this name; the message says which there are.
    """
    _check_name(name)
    names = log_names(directory)
    if name not in names:
        raise LogNameError(f"log name {name!r}: no such log in {directory}; there is: {', '.join(names) or 'none'}")
    # The conversations go last: until then the log is listed, and an interrupted removal can be repeated.
    for suffix in (_PAIRS, _REJECTED, _REPORT, _CONVERSATIONS):
        (directory / f"{name}{suffix}").unlink(missing_ok=True)


class _Intake:
    """Takes the rows in: counts, masks, pseudonyms, the file of rejected rows."""

    def __init__(self, work: Path) -> None:
        self.groups = LogGroups(work)
        self.rows = self.messages = 0
        self.rejected: Counter[str] = Counter()
        self.ignored: Counter[str] = Counter()
        self.masked: Counter[str] = Counter()
        self._rejects = work / "rejected"
        self._customers: dict[str, int] = {}

    def take(self, reader: LogReader) -> bool:
        """Read everything; return whether the log has times."""
        timed: bool | None = None
        with self._rejects.open("w", encoding="utf-8", errors="backslashreplace", newline="") as target:
            aside = csv.writer(target, lineterminator="\n")
            aside.writerow(["line", "reason", "row"])
            for record in reader:
                self.rows += 1
                if timed is None and record.fault is None:
                    timed = bool(record.values.get("time")) or "time" in reader.mapping.columns
                try:
                    row = read_row(record, timed=bool(timed))
                except RowFault as fault:
                    self.rejected[fault.reason] += 1
                    aside.writerow([record.line, fault.reason, mask(record.raw)])
                    continue
                self.messages += 1
                self.ignored.update(row.ignored)
                self.groups.add(self._masked(row))
        return bool(timed)

    def _masked(self, row: LogRow) -> LogRow:
        text, counts = mask_counted(row.text)
        self.masked.update(counts)
        customer = row.customer
        if customer is not None:
            number = self._customers.setdefault(customer, len(self._customers) + 1)
            customer = f"c{number:06d}"
        identifier = row.conversation
        if mask(identifier) != identifier:
            # Some desks use the caller's phone number as the conversation's id.
            identifier = "k" + hashlib.blake2b(identifier.encode(), digest_size=8).hexdigest()
        return LogRow(**{**vars(row), "text": text, "customer": customer, "conversation": identifier})


def _conversation(group: Group, timed: bool) -> Conversation:
    if timed:
        group = sorted(group, key=lambda row: row.at or 0.0)
    return Conversation(
        id=group[0].conversation,
        category=_last(group, "category") or NO_CATEGORY,
        satisfaction=_last(group, "satisfaction"),
        resolved=bool(_last(group, "resolved")),
        transferred=any(row.transferred for row in group),
        customer=_last(group, "customer"),
        messages=tuple(
            Message(row.at if row.at is not None else position * UNTIMED_STEP, row.sender, row.text)
            for position, row in enumerate(group)
        ),
    )


def _last(group: Group, field: str):
    """The last value stated: exports that repeat it have it everywhere, others only when the conversation ends."""
    return next((value for row in reversed(group) if (value := getattr(row, field)) is not None), None)


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise LogNameError(f"log name {name!r}: use 1 to 64 letters, digits, '-', '_' or Chinese characters")


def _logs(directory: Path) -> list[Path]:
    return sorted(path for path in directory.glob(f"*{_CONVERSATIONS}") if not path.name.endswith(_PAIRS))


def _stored(path: Path) -> Iterator[Conversation]:
    return _lines(path, Conversation.from_line)


def _lines(path: Path, parse: Callable) -> Iterator:
    with path.open(encoding="utf-8") as source:
        for number, line in enumerate(source, start=1):
            try:
                yield parse(line)
            except (ValueError, KeyError, TypeError) as error:
                raise StoredLogError(
                    f"{path.name} line {number}: not a stored line ({error}); import the log again"
                ) from error
