"""Trains the model with stock `rasa train`, unless nothing that it depends on has changed."""

import os
import subprocess
import sys
import time
from pathlib import Path

from bot.settings import Settings
from bot.training.inputs import inputs_hash
from bot.training.models import TrainedModel, make_current, read_current


class TrainingFailed(RuntimeError):
    """`rasa train` ended with an error; its own output says why."""


def train(settings: Settings, *, root: Path, force: bool = False) -> tuple[Path, bool]:
    """Train when needed; returns the current model's path and whether it is new.

    :raises TrainingFailed: when `rasa train` fails; the current model stays what it was.
    """
    inputs = inputs_hash(root, settings.logs_dir)
    current = read_current(settings.model_dir)
    if current is not None and current.inputs == inputs and not force:
        return settings.model_dir / current.file, False
    settings.model_dir.mkdir(parents=True, exist_ok=True)
    name = time.strftime("yingda-%Y%m%d-%H%M%S")
    command = [sys.executable, "-m", "rasa", "train", "--fixed-model-name", name, "--out", str(settings.model_dir)]
    environment = {
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "CUDA_VISIBLE_DEVICES": "-1",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        **os.environ,
        # The importer and the components look for the logs in this data folder.
        "YINGDA_DATA_DIR": str(settings.data_dir.absolute()),
    }
    status = subprocess.run(command + (["--force"] if force else []), cwd=root, env=environment).returncode
    file = settings.model_dir / f"{name}.tar.gz"
    if status != 0 or not file.is_file():
        raise TrainingFailed(f"rasa train ended with status {status} and no model {file}; the reason stands above")
    make_current(settings.model_dir, TrainedModel(file.name, inputs, time.time()))
    return file, True
