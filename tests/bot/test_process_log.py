"""Logs hold no customer's words: Rasa's lines are cut to their names, exceptions to their types and frames."""

import logging
import subprocess
import sys
from pathlib import Path

from bot.process_log import MOST_FRAMES, WordlessFormatter

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


EXCEPTIONS = """
import asyncio, gc, logging, sys
from bot.process_log import configure_log
configure_log("debug")
logger = logging.getLogger("bot.engine")
def look_up(values, key):
    return values[key]
try:
    try:
        look_up({}, "SECRET")
    except KeyError as error:
        raise ValueError("slot order_number: SECRET") from error
except ValueError:
    logger.exception("turn failed: %s", "m-1")
import jsonschema
try:
    jsonschema.validate({"order": "SECRET"}, {"properties": {"order": {"type": "number"}}})
except jsonschema.ValidationError:
    logger.exception("action failed")
def recurse(depth):
    return recurse(depth + 1)
try:
    recurse(0)
except RecursionError:
    logger.exception("too deep")
logging.getLogger("rasa_sdk.executor").debug("Contents of ignored event: SECRET")
async def lose():
    async def fail():
        raise KeyError("SECRET")
    task = asyncio.ensure_future(fail())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    del task
    gc.collect()
asyncio.run(lose())
"""


def test_of_an_exception_types_and_frames_are_told_and_its_text_is_not():
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", EXCEPTIONS], cwd=ROOT, capture_output=True, text=True)
    told = done.stdout + done.stderr
    assert done.returncode == 0, told
    assert "SECRET" not in told
    assert "turn failed: m-1\nbuiltins.ValueError, raised through:\n" in told
    assert "caused by builtins.KeyError, raised through:\n" in told and "<string>:7 look_up\n" in told
    assert "jsonschema.exceptions.ValidationError" in told
    assert "Task exception was never retrieved\nbuiltins.KeyError" in told
    assert 0 < told.count(" recurse\n") <= MOST_FRAMES


def test_what_another_formatter_left_in_the_record_is_not_taken_over():
    try:
        raise ValueError("SECRET")
    except ValueError:
        record = logging.LogRecord("bot", logging.ERROR, __file__, 1, "turn failed", None, sys.exc_info())
    assert "SECRET" in logging.Formatter().format(record)
    told = WordlessFormatter().format(record)
    assert "SECRET" not in told and told.startswith("turn failed\nbuiltins.ValueError, raised through:\n")
