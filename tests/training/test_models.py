"""Which model serves: the recorded one, else the newest; a lost file is no model."""

import os

from bot.training.models import TrainedModel, current_model, make_current, read_current


def test_the_recorded_model_serves(tmp_path):
    (tmp_path / "a.tar.gz").touch()
    (tmp_path / "b.tar.gz").touch()
    entry = TrainedModel("a.tar.gz", "hash", 1.0)
    make_current(tmp_path, entry)
    assert read_current(tmp_path) == entry
    assert current_model(tmp_path) == tmp_path / "a.tar.gz"


def test_without_a_record_the_newest_serves(tmp_path):
    for age, name in ((100, "old.tar.gz"), (1, "new.tar.gz")):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (1_000_000 - age, 1_000_000 - age))
    assert current_model(tmp_path) == tmp_path / "new.tar.gz"


def test_a_record_of_a_lost_file_counts_as_none(tmp_path):
    make_current(tmp_path, TrainedModel("gone.tar.gz", "hash", 1.0))
    assert read_current(tmp_path) is None
    assert current_model(tmp_path) is None


def test_a_damaged_record_counts_as_none(tmp_path):
    (tmp_path / "current.json").write_text("{")
    assert read_current(tmp_path) is None
