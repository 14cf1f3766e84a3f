"""Training data importer: lets plain `rasa train`, without flags, find everything the project trains on.

Named in config.yml under `importers`. Hand-labelled examples come from nlu_data/training; where logs have been
imported, examples mined from them are added (see nlu_data.mining).
"""

import logging
from pathlib import Path

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu_data.families import read_families
from nlu_data.logs import read_conversations
from nlu_data.mining import label_examples

logger = logging.getLogger(__name__)

HERE = Path(__file__).parent
#: Set on an example that was labelled by its likeness to others, not by a person.
MINED = "mined"


class YingdaImporter(RasaFileImporter):
    """Reads domain, rules and training examples below this folder, and mined examples from the imported logs.

    :param logs: folder of imported logs, from config.yml; a missing or empty one adds nothing.
    :param mining_threshold: how alike (cosine, 0–1) a log message must be to a labelled example; 0 turns mining off.
    """

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
        logs: str = "var/logs",
        mining_threshold: float = 0.55,
        **_: object,
    ) -> None:
        # `rasa train` passes its defaults data/ and domain.yml, which do not exist here; other paths are a wish.
        wished = [training_data_paths] if isinstance(training_data_paths, str) else training_data_paths or []
        wished = [path for path in wished if Path(path).exists()]
        super().__init__(
            config_file=config_file,
            domain_path=domain_path
            if domain_path and Path(domain_path).exists()
            else str(HERE / "dialogue" / "domain.yml"),
            training_data_paths=wished or [str(HERE / "training"), str(HERE / "dialogue" / "rules.yml")],
        )
        self._logs = Path(logs)
        self._threshold = mining_threshold

    def get_nlu_data(self, language: str | None = "zh") -> TrainingData:
        labelled = super().get_nlu_data(language)
        if not self._threshold or not self._logs.is_dir():
            return labelled
        examples: dict[str, list[str]] = {}
        for message in labelled.intent_examples:
            examples.setdefault(message.get(INTENT), []).append(message.get(TEXT))
        mined = label_examples(read_conversations(self._logs), examples, read_families(), threshold=self._threshold)
        if mined:
            logger.info("Added %d examples mined from the logs in %s", len(mined), self._logs)
        added = [Message(data={TEXT: each.text, INTENT: each.intent, MINED: True}) for each in mined]
        return labelled.merge(TrainingData(training_examples=added))
