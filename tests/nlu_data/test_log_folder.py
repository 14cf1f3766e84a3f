"""Where the logs are: configured, else in the data folder, the environment before `.env`."""

from pathlib import Path

import pytest

from bot.settings import load_settings
from nlu_data.log_folder import log_folder


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_default_is_in_var():
    assert log_folder() == Path("var/logs")


def test_what_is_configured_counts_most(monkeypatch):
    monkeypatch.setenv("YINGDA_DATA_DIR", "/elsewhere")
    assert log_folder("/logs/here") == Path("/logs/here")


def test_the_environment_counts_more_than_the_file(project, monkeypatch):
    (project / ".env").write_text("YINGDA_DATA_DIR=stored\n")
    assert log_folder() == Path("stored/logs")
    monkeypatch.setenv("YINGDA_DATA_DIR", "given")
    assert log_folder() == Path("given/logs")


@pytest.mark.parametrize("line", ["YINGDA_DATA_DIR=stored", "YINGDA_WORKERS=2", ""])
def test_it_agrees_with_the_settings(project, line):
    (project / ".env").write_text(line + "\n")
    assert log_folder() == load_settings().logs_dir
