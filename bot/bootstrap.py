"""Installs the project from the lock file on a machine that has little: run by any Python 3.6 or newer.

    python3 bot/bootstrap.py

Finds a working Python 3.10 (or lets uv fetch one), gets uv if it is missing, makes `.venv` with exactly the locked
packages and compiled bytecode (importing Rasa takes 20 s of CPU without). Uses the standard library alone.
"""

import glob
import hashlib
import io
import json
import os
import platform
import shutil
import subprocess
import sys
import urllib.request
import zipfile

UV_VERSION = "0.13.9"
WANTED = (3, 10)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOOLS = os.path.join(ROOT, ".tools")
VENV = os.path.join(ROOT, ".venv")
LOCK = os.path.join(ROOT, "requirements.lock")
STAMP = os.path.join(VENV, ".installed")


def candidates():
    """Yield paths that may be Python 3.10: every one on PATH (a pyenv shim may not run), then pyenv's versions."""
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        yield os.path.join(folder, "python3.10")
    for base in (os.environ.get("PYENV_ROOT"), os.path.expanduser("~/.pyenv"), "/opt/pyenv"):
        if base:
            for path in sorted(glob.glob(os.path.join(base, "versions", "3.10.*", "bin", "python")), reverse=True):
                yield path


def works(python):
    """Return whether `python` starts, is 3.10, and can make virtual environments."""
    if not (os.path.isfile(python) and os.access(python, os.X_OK)):
        return False
    try:
        answer = subprocess.run(
            [python, "-c", "import sys, ssl, sqlite3; print(sys.version_info[:2])"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=60,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return answer.returncode == 0 and answer.stdout.decode().strip() == str(WANTED)


def find_python():
    """Return a working Python 3.10, or "3.10", which makes uv fetch one."""
    for python in candidates():
        if works(python):
            return python
    return "3.10"


def find_uv():
    """Return a uv that runs: the machine's, ours, or a fresh one by venv + pip, pip alone, or the wheel itself."""
    own = os.path.join(TOOLS, "uv")
    for path in (shutil.which("uv"), own):
        if path and runs([path, "--version"]):
            return path
    os.makedirs(TOOLS, exist_ok=True)
    boot = os.path.join(TOOLS, "boot")
    wish = "uv==" + UV_VERSION
    if runs([sys.executable, "-m", "venv", boot]) and runs([os.path.join(boot, "bin", "pip"), "install", "-q", wish]):
        return link(os.path.join(boot, "bin", "uv"), own)
    target = os.path.join(TOOLS, "pip")
    if runs([sys.executable, "-m", "pip", "install", "-q", "--target", target, wish]):
        return link(os.path.join(target, "bin", "uv"), own)
    return download_uv(own)


def download_uv(own):
    """Fetch uv's wheel from the package index and unpack the program; its checksum is the index's."""
    arch = {"x86_64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}.get(platform.machine())
    if arch is None or sys.platform != "linux":
        fail("no uv for %s on %s; install uv %s by hand" % (sys.platform, platform.machine(), UV_VERSION))
    with urllib.request.urlopen("https://pypi.org/pypi/uv/%s/json" % UV_VERSION, timeout=60) as answer:
        files = json.load(answer)["urls"]
    wheels = [file for file in files if file["filename"].endswith(".whl") and "manylinux" in file["filename"]]
    wheel = next(file for file in wheels if arch in file["filename"])
    with urllib.request.urlopen(wheel["url"], timeout=300) as answer:
        content = answer.read()
    if hashlib.sha256(content).hexdigest() != wheel["digests"]["sha256"]:
        fail("the download of %s is damaged; try again" % wheel["filename"])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        member = next(name for name in archive.namelist() if name.endswith("/scripts/uv"))
        with open(own, "wb") as file:
            file.write(archive.read(member))
    os.chmod(own, 0o755)
    return own


def install_command():
    """Write .venv/bin/yingda: the project runs from its folder and is not a package of the environment."""
    path = os.path.join(VENV, "bin", "yingda")
    with open(path, "w") as file:
        file.write("#!%s\nimport sys\n\nsys.path.insert(0, %r)\n" % (os.path.join(VENV, "bin", "python"), ROOT))
        file.write("from bot.cli import app\n\nsys.exit(app())\n")
    os.chmod(path, 0o755)


def link(source, own):
    if os.path.lexists(own):
        os.remove(own)
    os.symlink(os.path.abspath(source), own)
    return own


def runs(command):
    try:
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=600)
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def fail(text):
    sys.exit("bootstrap: " + text)


def main():
    with open(LOCK, "rb") as file:
        wanted = hashlib.sha256(file.read()).hexdigest()
    if os.path.isfile(STAMP):
        with open(STAMP) as file:
            if file.read().strip() == wanted:
                return
    uv, python = find_uv(), find_python()
    print("Installing with %s, Python %s …" % (uv, python), flush=True)
    environment = dict(os.environ, UV_LINK_MODE=os.environ.get("UV_LINK_MODE", "hardlink"))
    environment.pop("VIRTUAL_ENV", None)
    inner = os.path.join(VENV, "bin", "python")
    if not works(inner):
        shutil.rmtree(VENV, ignore_errors=True)
        if subprocess.call([uv, "venv", "-q", "--python", python, VENV], env=environment):
            fail("could not make %s with Python %s" % (VENV, python))
    command = [uv, "pip", "sync", "--python", inner, "--compile-bytecode", "--require-hashes", LOCK]
    if subprocess.call(command, env=environment):
        fail("the packages of requirements.lock could not be installed; the reason stands above")
    install_command()
    with open(STAMP, "w") as file:
        file.write(wanted + "\n")


if __name__ == "__main__":
    main()
