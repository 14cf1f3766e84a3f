"""Logging of our processes: one line an event, and never a customer's words."""

import logging
from typing import Any

#: These tell at INFO what every request already tells, or tune their own level at import.
_TALKATIVE = ("httpx", "bm25s", "faiss.loader", "matplotlib", "apscheduler", "asyncio")


def configure_log(level: str) -> None:
    """Set the level of everything that logs; the libraries stay at INFO or above.

    Rasa's debug lines (structlog) hold the customer's text, slots and events unmasked, so they are never shown.
    """
    logging.basicConfig(level=level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s", force=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("rasa").setLevel(max(logging.INFO, logging.getLevelName(level.upper())))


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
