"""The fingerprint over the training inputs changes with what trains, and with nothing else."""

import pytest

from bot.training.inputs import inputs_hash


@pytest.fixture
def project(tmp_path):
    for name, text in {
        "config.yml": "pipeline: []",
        "requirements.lock": "rasa==3.6.21",
        "nlu_data/training/flow.yml": "nlu: []",
        "nlu_data/testset/intents.csv": "text,intent",
        "retrieval/encoder.py": "x = 1",
        "analytics/insight.py": "x = 1",
        "bot/components/trim.py": "x = 1",
        "bot/training/pairs.py": "x = 1",
        "bot/gateway/app.py": "x = 1",
        "README.md": "hello",
        "var/logs/sample.jsonl": "{}",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def hash_of(project):
    return inputs_hash(project, project / "var" / "logs")


@pytest.mark.parametrize(
    "name",
    [
        "config.yml",
        "nlu_data/training/flow.yml",
        "retrieval/encoder.py",
        "bot/components/trim.py",
        "var/logs/sample.jsonl",
    ],
)
def test_what_trains_counts(project, name):
    before = hash_of(project)
    (project / name).write_text("changed")
    assert hash_of(project) != before


@pytest.mark.parametrize("name", ["README.md", "bot/gateway/app.py", "nlu_data/testset/intents.csv"])
def test_what_does_not_train_does_not_count(project, name):
    before = hash_of(project)
    (project / name).write_text("changed")
    assert hash_of(project) == before


def test_a_new_file_and_a_removed_file_count(project):
    before = hash_of(project)
    (project / "nlu_data/training/more.yml").write_text("nlu: []")
    after = hash_of(project)
    assert after != before
    (project / "nlu_data/training/more.yml").unlink()
    assert hash_of(project) == before


def test_without_logs_it_works(project):
    assert len(inputs_hash(project, project / "nowhere")) == 64
