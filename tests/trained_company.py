"""The sample company, trained once for all tests that need the real model, and reused while nothing has changed."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
PLACE = ROOT / "var" / "test"


@dataclass(frozen=True)
class TrainedCompany:
    """Where the trained model and the imported logs are, and the environment that points there."""

    model_dir: Path
    data_dir: Path

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("YINGDA_")}
        places = {"YINGDA_MODEL_DIR": str(self.model_dir), "YINGDA_DATA_DIR": str(self.data_dir)}
        return {**kept, **places, **more}


def train_company() -> TrainedCompany:
    """Do what `make run` does before it starts the processes; trains only when an input has changed."""
    company = TrainedCompany(PLACE / "models", PLACE / "data")
    prepare(company.environment())
    return company


def prepare(environment: dict[str, str]) -> None:
    """Run `yingda prepare`; its output is shown when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "prepare"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-8000:]
