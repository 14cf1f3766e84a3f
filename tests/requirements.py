"""Checks what the suite needs from the machine, and names the package that is missing: python -m tests.requirements."""

import shutil
import subprocess
import sys

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """Return the browser's path, or None."""
    return next(filter(None, map(shutil.which, CHROMIUM)), None)


def missing_packages() -> list[str]:
    """Return the Debian packages that the suite needs and the machine lacks."""
    missing = []
    if chromium() is None:
        missing.append("chromium")
    if shutil.which("fc-list") is None:
        missing.append("fontconfig")
    elif not subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True).stdout.strip():
        missing.append("fonts-noto-cjk")
    return missing


def main() -> int:
    missing = missing_packages()
    if missing:
        print(f"The test suite needs: {' '.join(missing)}\nInstall with: apt-get install -y {' '.join(missing)}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
