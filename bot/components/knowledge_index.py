"""The published knowledge as one worker sees it: follows the database's change clock, or files where there is none."""

import datetime as dt
import logging
from pathlib import Path

from retrieval.calibration import Calibration
from retrieval.encoder import SentenceEncoder
from retrieval.hybrid import HybridRetriever
from retrieval.knowledge_files import read_knowledge
from storage.database import Database, has_table, reading
from storage.knowledge import KnowledgeClockError, KnowledgeEntry, changed_since, clock

logger = logging.getLogger(__name__)


class KnowledgeIndex:
    """A HybridRetriever that is brought up to date before each question.

    :param database: the product database, or None for the files alone (training, `rasa shell` before a first start).
    :param files: folder of knowledge files, read when the database holds no knowledge.
    """

    def __init__(
        self, encoder: SentenceEncoder, calibration: Calibration, *, database: Database | None, files: Path
    ) -> None:
        self._encoder = encoder
        self._calibration = calibration
        self._database = database if database is not None and has_table(database, "knowledge_clock") else None
        self._files = files
        self._restart()

    def up_to_date(self) -> HybridRetriever:
        """Return the retriever after taking over whatever has been published or retired since the last call.

        One SELECT where nothing has. An entry that was published before this call began is found.
        """
        if self._database is None:
            if self._seen is None:
                self._load_files()
            return self._retriever
        with reading(self._database) as connection:
            if clock(connection) != self._seen:
                self._follow(connection)
        return self._retriever

    def _restart(self) -> None:
        self._retriever = HybridRetriever(self._encoder, fusion=self._calibration.fusion)
        self._seen: int | None = None

    def _follow(self, connection) -> None:
        try:
            value, changed, deleted = changed_since(connection, self._seen or 0)
        except KnowledgeClockError:
            logger.warning("the knowledge database was replaced by an older one; the index is rebuilt")
            self._restart()
            value, changed, deleted = changed_since(connection, 0)
        if value == 0 and self._files.is_dir():
            # A database without any knowledge yet answers from the files, like one that does not exist.
            if self._seen is None:
                self._load_files()
            return
        if self._seen == 0:
            self._restart()
        self._take(changed, deleted)
        self._seen = value

    def _load_files(self) -> None:
        today = dt.datetime.now(dt.timezone.utc).date()
        self._take([draft.as_entry() for draft in read_knowledge(self._files, seed_date=today)], [])
        self._seen = 0

    def _take(self, changed: list[KnowledgeEntry], deleted: list[str]) -> None:
        report = self._retriever.sync(changed, deleted)
        logger.info("knowledge: %d entries, %d texts encoded", len(self._retriever), report.encoded)
