"""Fingerprints of what Rasa's cache cannot see: modules that a component calls, and files that it reads.

Rasa keys its training cache on the component class's own source (rasa/engine/training/fingerprinting.py:39);
without these an edited dictionary or a changed encoder would be answered from the cache.
"""

import hashlib
import inspect
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType


def source_hash(*parts: ModuleType | Path | str) -> str:
    """Return a SHA-256 over modules' sources, files, folders (every file below, by name) and plain text."""
    digest = hashlib.sha256()
    for part in parts:
        for name, content in _contents(part):
            digest.update(f"{name}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()


def _contents(part: ModuleType | Path | str) -> Iterable[tuple[str, bytes]]:
    if isinstance(part, ModuleType):
        yield part.__name__, inspect.getsource(part).encode()
    elif isinstance(part, Path):
        files = sorted(each for each in part.rglob("*") if each.is_file()) if part.is_dir() else [part]
        for file in files:
            if "__pycache__" not in file.parts:
                name = file.relative_to(part).as_posix() if part.is_dir() else file.name
                yield name, file.read_bytes() if file.exists() else b"(missing)"
    else:
        yield "text", part.encode()
