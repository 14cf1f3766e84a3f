"""Training runs only when its inputs changed, and a failed one leaves the serving model alone."""

import subprocess
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.training.models import current_model, read_current
from bot.training.train import TrainingFailed, train


class Rasa:
    """Stands in for `rasa train`: writes the model file that it is told to, or fails."""

    def __init__(self) -> None:
        self.commands: list[list[str]] = []
        self.environments: list[dict[str, str]] = []
        self.status, self.writes = 0, True

    def run(self, command, *, cwd, env):
        self.commands.append(command)
        self.environments.append(env)
        options = dict(zip(command, command[1:]))
        if self.writes:
            (Path(options["--out"]) / f"{options['--fixed-model-name']}.tar.gz").write_text("model")
        return subprocess.CompletedProcess(command, self.status)


@pytest.fixture
def rasa(monkeypatch) -> Rasa:
    rasa = Rasa()
    monkeypatch.setattr(subprocess, "run", rasa.run)
    return rasa


@pytest.fixture
def project(tmp_path) -> Path:
    (tmp_path / "config.yml").write_text("pipeline: []")
    (tmp_path / "nlu_data").mkdir()
    return tmp_path


@pytest.fixture
def settings(tmp_path):
    return Settings(model_dir=tmp_path / "models", data_dir=tmp_path / "var")


@pytest.fixture
def moments(monkeypatch):
    """Model names carry the second of their training; here each training has one of its own."""
    count = iter(range(1, 100))
    monkeypatch.setattr("bot.training.train.time.strftime", lambda form: f"yingda-{next(count)}")


def test_the_first_training_makes_the_model_current(rasa, project, settings):
    model, fresh = train(settings, root=project)

    assert fresh and model.read_text() == "model"
    assert current_model(settings.model_dir) == model
    assert rasa.commands[0][1:4] == ["-m", "rasa", "train"]
    assert "--force" not in rasa.commands[0]
    assert rasa.environments[0]["YINGDA_DATA_DIR"] == str(settings.data_dir), "the logs of this data folder"


def test_unchanged_inputs_start_nothing(rasa, project, settings):
    first, _ = train(settings, root=project)
    assert train(settings, root=project) == (first, False)
    assert len(rasa.commands) == 1


@pytest.mark.parametrize("changed", ["config.yml", "nlu_data/more.yml", "var/logs/sample.jsonl"])
def test_a_changed_input_trains_again(rasa, project, settings, moments, changed):
    first, _ = train(settings, root=project)
    (project / changed).parent.mkdir(parents=True, exist_ok=True)
    (project / changed).write_text("changed")

    second, fresh = train(settings, root=project)

    assert fresh and second != first
    assert current_model(settings.model_dir) == second
    assert len(rasa.commands) == 2


def test_force_trains_unchanged_inputs_whole(rasa, project, settings, moments):
    train(settings, root=project)
    _, fresh = train(settings, root=project, force=True)
    assert fresh and rasa.commands[1][-1] == "--force"


def test_a_lost_model_file_is_trained_again(rasa, project, settings, moments):
    model, _ = train(settings, root=project)
    model.unlink()
    assert train(settings, root=project)[1]


@pytest.mark.parametrize("status, writes", [(1, True), (0, False)])
def test_a_failure_keeps_the_current_model_and_is_tried_again(rasa, project, settings, moments, status, writes):
    first, _ = train(settings, root=project)
    before = read_current(settings.model_dir)
    (project / "config.yml").write_text("broken")
    rasa.status, rasa.writes = status, writes

    with pytest.raises(TrainingFailed, match=f"status {status}"):
        train(settings, root=project)

    assert read_current(settings.model_dir) == before
    assert current_model(settings.model_dir) == first

    rasa.status, rasa.writes = 0, True
    assert train(settings, root=project)[1], "what failed does not count as trained"
