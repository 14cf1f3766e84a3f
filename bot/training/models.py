"""Which model serves: the list of trained models and what each was trained from."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

CURRENT = "current.json"


@dataclass(frozen=True)
class TrainedModel:
    """The model that workers load, and the fingerprint of everything that it was trained from."""

    file: str  # name inside the model folder
    inputs: str  # SHA-256, see bot.training.inputs
    trained_at: float  # epoch seconds


def read_current(model_dir: Path) -> TrainedModel | None:
    """Return the current model's entry, or None where there is none or its file is gone."""
    try:
        entry = TrainedModel(**json.loads((model_dir / CURRENT).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None
    return entry if (model_dir / entry.file).is_file() else None


def current_model(model_dir: Path) -> Path | None:
    """Return the path of the model to serve: the current one, else the newest that `rasa train` left there."""
    entry = read_current(model_dir)
    if entry is not None:
        return model_dir / entry.file
    newest = sorted(model_dir.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    return newest[-1] if newest else None


def make_current(model_dir: Path, entry: TrainedModel) -> None:
    """Record `entry` as the model to serve; a reader sees the old entry or the new one, never half."""
    fresh = model_dir / f"{CURRENT}.{os.getpid()}"
    fresh.write_text(json.dumps(asdict(entry), indent=2) + "\n", encoding="utf-8")
    fresh.replace(model_dir / CURRENT)
