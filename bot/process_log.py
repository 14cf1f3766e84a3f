"""Logging of our processes: one line an event, and never a customer's words."""

import logging

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
    """Keep structlog, through which Rasa logs texts and slots at debug level, at INFO. Imports Rasa."""
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.INFO)
