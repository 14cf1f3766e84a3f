"""Logs hold no customer's words: Rasa's structured lines are cut to their names, whatever the level."""

import logging
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

PROGRAM = """
import sys
sys.argv = ["x"]
from bot.process_log import configure_log, silence_rasa_debug
configure_log(sys.stdin.readline().strip())
silence_rasa_debug()
import structlog
log = structlog.get_logger("rasa.core.processor")
log.debug("processor.message.parse", parse_data_text="SECRET")
log.info("processor.info", parse_data_text="SECRET")
try:
    raise KeyError("SECRET")
except KeyError:
    secret = "SECRET"
    log.exception("interpolator.failed", response=secret)
"""


def output(level: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM], cwd=ROOT, input=level, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_names_are_told_and_values_are_not():
    for level in ("debug", "info"):
        told = output(level)
        assert "SECRET" not in told
        assert "interpolator.failed" in told and "processor.info" in told
        assert "processor.message.parse" not in told


def test_the_level_is_set():
    from bot.process_log import configure_log

    before = logging.getLogger().level, logging.getLogger().handlers[:]
    try:
        configure_log("warning")
        assert logging.getLogger().level == logging.WARNING
        assert logging.getLogger("httpx").level == logging.WARNING
    finally:
        logging.getLogger().setLevel(before[0])
        logging.getLogger().handlers[:] = before[1]
