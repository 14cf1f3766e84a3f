"""Where imported logs lie, for code that runs inside plain `rasa train` and is handed no settings."""

import os
from pathlib import Path

from dotenv import dotenv_values

NAME = "YINGDA_DATA_DIR"
DEFAULT = "var"


def log_folder(configured: str | None = None) -> Path:
    """Return the folder of imported logs: the one configured, else `logs` in the data folder of the settings.

    Reads the one setting that it needs as bot.settings does: the environment first, then `.env`.
    """
    if configured:
        return Path(configured)
    env_file = Path(".env")
    stored = dotenv_values(env_file).get(NAME) if NAME not in os.environ and env_file.is_file() else None
    return Path(os.environ.get(NAME) or stored or DEFAULT) / "logs"
