"""The README says what is so: settings, folders, commands and figures."""

import json
import re
from pathlib import Path

import pytest

from bot.settings import Settings

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def default_text(field) -> str:
    value = field.default
    value = value.get_secret_value() if hasattr(value, "get_secret_value") else value
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("name", list(Settings.__fields__))
def test_every_setting_stands_with_its_default_and_meaning(name):
    field = Settings.__fields__[name]
    default = default_text(field)
    row = f"| `YINGDA_{name.upper()}` | {f'`{default}`' if default else ''} | {field.field_info.description} |"
    assert row in README


def test_no_setting_stands_that_is_not_one():
    named = set(re.findall(r"`(YINGDA_[A-Z_]+)`", README)) - {"YINGDA_"}
    assert named <= {f"YINGDA_{name.upper()}" for name in Settings.__fields__}


def test_the_example_env_lists_every_setting_with_its_default():
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    listed = {line[2:] for line in lines if line.startswith("# YINGDA_")}
    assert listed == {f"YINGDA_{name.upper()}={default_text(field)}" for name, field in Settings.__fields__.items()}


def test_the_table_of_folders_names_what_exists():
    folders = re.findall(r"^\| `([a-z_]+)/` \|", README, re.MULTILINE)
    assert set(folders) >= {"bot", "actions", "retrieval", "analytics", "nlu_data", "storage", "docker", "tests"}
    assert [folder for folder in folders if not (ROOT / folder).is_dir()] == []


def test_make_targets_named_in_the_readme_exist():
    targets = set(re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)`", README)) <= targets


def test_the_screenshot_is_a_picture():
    path = ROOT / re.search(r"!\[[^\]]*\]\(([^)]+)\)", README).group(1)
    assert path.read_bytes().startswith(b"\x89PNG")


def test_no_placeholder_is_left():
    assert "@" not in re.sub(r"\S+@\S+\.\S+", "", README)


def test_the_figures_are_those_that_the_command_printed():
    figures = json.loads((ROOT / "docs" / "figures.json").read_text(encoding="utf-8"))
    rows = re.findall(r"^\| ([^|]+) \| (\d\.\d{3}) \| (\d+) \|$", README, re.MULTILINE)
    assert rows == [(row["what"], f"{row['figure']:.3f}", str(row["of"])) for row in figures]
