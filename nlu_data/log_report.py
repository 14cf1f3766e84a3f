"""What an import did, in numbers; kept beside the log as JSON."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class ImportReport:
    """The outcome of one import.

    `rows` = `messages` + the sum of `rejected`. `ignored` counts single values that were left out of rows that
    were kept. `reopened` conversations came in several pieces. `timed` is False when the log has no time column:
    its messages then stand `UNTIMED_STEP` seconds apart from 1970 on, in the order of the file.
    """

    name: str
    source: str
    kind: str
    encoding: str
    rows: int
    conversations: int
    messages: int
    rejected: dict[str, int]
    ignored: dict[str, int]
    masked: dict[str, int]
    reopened: int
    timed: bool
    pairs: int
    seconds: float

    def json(self) -> str:
        """Return the report as indented JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2) + "\n"

    @classmethod
    def read(cls, path: Path) -> "ImportReport":
        """Return the report stored at `path`."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))
