"""Lets `python -m bot.cli` do what `yingda` does."""

import sys

from bot.cli import app

sys.exit(app())
