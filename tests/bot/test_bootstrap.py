"""The installer finds a Python 3.10 that runs, whatever else lies on PATH, and runs on old Pythons itself."""

import ast
import os
import stat
import sys
from pathlib import Path

import pytest

from bot import bootstrap

SOURCE = Path(bootstrap.__file__)


def program(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_a_python_on_path_that_does_not_run_is_skipped(tmp_path, monkeypatch):
    broken, working = tmp_path / "shims", tmp_path / "real"
    broken.mkdir()
    working.mkdir()
    program(broken / "python3.10", "#!/bin/sh\necho 'command not found' >&2\nexit 127\n")
    (working / "python3.10").symlink_to(sys.executable)
    monkeypatch.setenv("PATH", f"{broken}{os.pathsep}{working}")
    assert bootstrap.find_python() == str(working / "python3.10")


def test_another_version_is_no_match(tmp_path):
    fake = program(tmp_path / "python3.10", "#!/bin/sh\necho '(3, 9)'\n")
    assert not bootstrap.works(str(fake))


def test_pyenv_versions_are_looked_through(tmp_path, monkeypatch):
    home = tmp_path / "versions" / "3.10.99" / "bin"
    home.mkdir(parents=True)
    (home / "python").symlink_to(sys.executable)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    assert bootstrap.find_python() == str(home / "python")


def test_without_any_the_installer_lets_uv_fetch_one(tmp_path, monkeypatch):
    monkeypatch.setattr(bootstrap, "candidates", lambda: iter([str(tmp_path / "python3.10")]))
    assert bootstrap.find_python() == "3.10"


def test_a_current_environment_is_left_alone(tmp_path, monkeypatch):
    lock = tmp_path / "requirements.lock"
    lock.write_text("x==1\n")
    import hashlib

    (tmp_path / ".installed").write_text(hashlib.sha256(lock.read_bytes()).hexdigest())
    monkeypatch.setattr(bootstrap, "LOCK", str(lock))
    monkeypatch.setattr(bootstrap, "STAMP", str(tmp_path / ".installed"))
    monkeypatch.setattr(bootstrap, "find_uv", lambda: pytest.fail("nothing is to be installed"))
    bootstrap.main()


def test_it_needs_only_the_standard_library_of_python_3_6():
    tree = ast.parse(SOURCE.read_text(), feature_version=(3, 6))
    names = {
        alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    assert names <= set(sys.stdlib_module_names)
