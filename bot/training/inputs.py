"""One fingerprint over everything that a model is made from: unchanged inputs, no training."""

import hashlib
from pathlib import Path

#: Folders and files below the project root that decide what a trained model is.
TRAINED_FROM = (
    "config.yml",
    "requirements.lock",
    "bot/components",
    "bot/training/pairs.py",
    "retrieval",
    "analytics",
    "nlu_data",
)
_CODE_AND_DATA = {".py", ".yml", ".csv", ".jsonl", ".md", ".txt", ".lock"}


def inputs_hash(root: Path, logs_dir: Path) -> str:
    """Return a SHA-256 over names and contents of the training inputs, the imported logs included.

    The held-out test set is not an input and is left out, as is everything that is not code or data.
    """
    digest = hashlib.sha256()
    for path in sorted(_files(root)):
        _add(digest, path.relative_to(root).as_posix(), path)
    if logs_dir.is_dir():
        for path in sorted(logs_dir.glob("*.jsonl")):
            _add(digest, f"logs/{path.name}", path)
    return digest.hexdigest()


def _files(root: Path) -> set[Path]:
    found: set[Path] = set()
    for name in TRAINED_FROM:
        path = root / name
        if path.is_file():
            found.add(path)
        else:
            found.update(
                file
                for file in path.rglob("*")
                if file.suffix in _CODE_AND_DATA
                and not {"__pycache__", "testset", "sample"} & set(file.relative_to(root).parts)
            )
    return found


def _add(digest, name: str, path: Path) -> None:
    content = path.read_bytes()
    digest.update(f"{name}\0{len(content)}\0".encode())
    digest.update(content)
