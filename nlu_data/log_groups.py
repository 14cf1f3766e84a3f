"""Puts the rows of a log together into conversations, in bounded memory.

Rows of one conversation usually follow each other, so a group is closed when another id begins. An id that comes
again later (exports sorted by time do that) is re-opened: its parts go to bucket files by the hash of the id, each
bucket is put together on its own, and all are merged back in the order of their first row. Memory holds the set of
ids (8 bytes of digest each) and one bucket, never the whole log.
"""

import hashlib
import heapq
import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

from nlu_data.log_row import LogRow

BUCKETS = 64

Group = list[LogRow]


class LogGroups:
    """Collects rows with `add`, then gives them back with `groups`, one conversation at a time.

    :param directory: an empty directory of the caller's for the intermediate files; the caller removes it.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._parts = (directory / "parts.jsonl").open("w", encoding="utf-8")
        self._seen: set[int] = set()
        self._reopened: set[int] = set()
        self._open: Group = []

    @property
    def reopened(self) -> int:
        """How many conversations came in more than one piece."""
        return len(self._reopened)

    def add(self, row: LogRow) -> None:
        """Take the next row of the file."""
        if self._open and self._open[0].conversation != row.conversation:
            self._close_group()
        self._open.append(row)

    def _close_group(self) -> None:
        if not self._open:
            return
        digest = _digest(self._open[0].conversation)
        (self._reopened if digest in self._seen else self._seen).add(digest)
        self._parts.write(_line(self._open))
        self._open = []

    def groups(self) -> Iterator[Group]:
        """Yield every conversation once, ordered by its first row; call it once, after the last `add`."""
        self._close_group()
        self._parts.close()
        parts = _read(self._directory / "parts.jsonl")
        if not self._reopened:
            yield from parts
            return
        with ExitStack() as stack:
            buckets = [
                stack.enter_context((self._directory / f"bucket-{number}.jsonl").open("w", encoding="utf-8"))
                for number in range(BUCKETS)
            ]
            with (self._directory / "whole.jsonl").open("w", encoding="utf-8") as whole:
                for part in parts:
                    digest = _digest(part[0].conversation)
                    target = buckets[digest % BUCKETS] if digest in self._reopened else whole
                    target.write(_line(part))
        streams = [_read(self._directory / "whole.jsonl")]
        streams += [self._merged_bucket(number) for number in range(BUCKETS)]
        yield from heapq.merge(*streams, key=lambda group: group[0].line)

    def _merged_bucket(self, number: int) -> Iterator[Group]:
        path = self._directory / f"bucket-{number}.jsonl"
        by_id: dict[str, Group] = {}
        for part in _read(path):
            by_id.setdefault(part[0].conversation, []).extend(part)
        merged = sorted(by_id.values(), key=lambda group: group[0].line)
        # Written out again: otherwise the merge would hold every bucket in memory at once.
        with path.open("w", encoding="utf-8") as target:
            target.writelines(_line(group) for group in merged)
        del by_id, merged
        return _read(path)


def _digest(identifier: str) -> int:
    return int.from_bytes(hashlib.blake2b(identifier.encode(), digest_size=8).digest(), "big")


def _line(rows: Iterable[LogRow]) -> str:
    return json.dumps([list(vars(row).values()) for row in rows], ensure_ascii=False) + "\n"


def _read(path: Path) -> Iterator[Group]:
    with path.open(encoding="utf-8") as source:
        for line in source:
            yield [LogRow(*values[:-1], ignored=tuple(values[-1])) for values in json.loads(line)]
