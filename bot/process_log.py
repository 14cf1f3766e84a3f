"""Logging of our processes: one line an event, and never a customer's words."""

import logging
import traceback
from types import TracebackType
from typing import Any

#: These tell at INFO what every request already tells, or tune their own level at import.
_TALKATIVE = ("httpx", "bm25s", "faiss.loader", "matplotlib", "apscheduler", "asyncio")

#: Their debug lines hold texts, slots and events.
_TELLING = ("rasa", "rasa_sdk")

#: Frames shown of one exception.
MOST_FRAMES = 50


class WordlessFormatter(logging.Formatter):
    """Prints of an exception its types and frames, never its text.

    A jsonschema error quotes the whole instance, a KeyError the key, a ValueError the value: slots and messages.
    """

    def format(self, record: logging.LogRecord) -> str:
        # Another handler's formatter leaves its own rendering here, text included, and ours would be skipped.
        record.exc_text = None
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:
        if record.name == "asyncio":
            # "Task exception was never retrieved", and then the task with the repr of its exception.
            record.message = record.message.partition("\n")[0]
        return super().formatMessage(record)

    def formatException(
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        error, seen, lines = ei[1], set(), []
        while error is not None and id(error) not in seen:
            seen.add(id(error))
            kind = type(error)
            lines.append(f"{'caused by ' if lines else ''}{kind.__module__}.{kind.__qualname__}, raised through:")
            # The last ones: an endless recursion has a thousand.
            frames = traceback.StackSummary.extract(
                traceback.walk_tb(error.__traceback__), limit=-MOST_FRAMES, lookup_lines=False
            )
            lines.extend(f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n".join(lines)


def configure_log(level: str) -> None:
    """Set the level of everything that logs; the libraries stay at INFO or above.

    Rasa's debug lines hold the customer's text, slots and events unmasked, so they are never shown; those that it
    writes through structlog need `silence_rasa_debug` besides.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(WordlessFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in _TELLING:
        logging.getLogger(name).setLevel(max(logging.INFO, logging.getLevelName(level.upper())))


def silence_rasa_debug() -> None:
    """Let Rasa's structlog lines through from INFO up, and of each only its name: the rest are texts and slots.

    Rasa's own configuration would also print the local variables of every traceback. Imports Rasa.
    """
    import structlog
    from rasa.utils.log_utils import configure_structlog

    # First Rasa's own, which binds its loggers to the standard ones; then our processors in place of its.
    configure_structlog(logging.INFO)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, _name_alone],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )


def _name_alone(_logger: Any, _method: str, event: dict[str, Any]) -> str:
    return str(event.get("event_info") or event.get("event"))
