"""Finds out how a log file is encoded: UTF-8 with or without a mark, UTF-16 with a mark, or GB18030."""

import codecs
from pathlib import Path

_CHUNK = 1 << 20


def detect_encoding(path: Path) -> str:
    """Return the codec name for `path`: the one with the fewest undecodable places, UTF-8 where they tie.

    Reads the whole file once (twice when it is not clean UTF-8): a log whose first Chinese line comes late
    would deceive a sample.
    """
    with path.open("rb") as source:
        start = source.read(4)
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    utf8 = _faults(path, "utf-8")
    if utf8 == 0:
        return "utf-8"
    return "gb18030" if _faults(path, "gb18030") < utf8 else "utf-8"


def _faults(path: Path, encoding: str) -> int:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    count = 0
    with path.open("rb") as source:
        while chunk := source.read(_CHUNK):
            count += decoder.decode(chunk).count("\ufffd")
    return count + decoder.decode(b"", final=True).count("\ufffd")
