"""Training data importer: lets plain `rasa train`, without flags, find everything the project trains on.

Named in config.yml under `importers`. Hand-labelled examples come from nlu_data/training; where logs have been
imported, examples mined from them are added (see nlu_data.labelling), and the knowledge's own questions.
"""

import logging
from pathlib import Path

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.common import cached_method

from nlu_data.families import read_families
from nlu_data.faq_examples import faq_examples
from nlu_data.labelling import customer_utterances, label_examples
from nlu_data.log_folder import log_folder
from nlu_data.logs import read_conversations

logger = logging.getLogger(__name__)

HERE = Path(__file__).parent
#: Set on an example that comes from knowledge or logs: it teaches, but thresholds are not fitted on it.
SECOND_HAND = "second_hand"


class YingdaImporter(RasaFileImporter):
    """Reads domain, rules and examples below this folder, and adds examples from knowledge and imported logs.

    :param logs: folder of imported logs, by default in the data folder; a missing or empty one adds nothing.
    :param knowledge: folder of knowledge files whose questions state their intents.
    :param mining_threshold: how alike (cosine, 0–1) a log message must be to a labelled example; 0 turns mining off.
    """

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
        logs: str | None = None,
        knowledge: str = "nlu_data/knowledge",
        mining_threshold: float = 0.55,
        **_: object,
    ) -> None:
        # `rasa train` passes its defaults data/ and domain.yml, which do not exist here; other paths are a wish.
        wished = [training_data_paths] if isinstance(training_data_paths, str) else training_data_paths or []
        wished = [path for path in wished if path and Path(path).exists()]
        super().__init__(
            config_file=config_file,
            domain_path=domain_path
            if domain_path and Path(domain_path).exists()
            else str(HERE / "dialogue" / "domain.yml"),
            training_data_paths=wished or [str(HERE / "training"), str(HERE / "dialogue" / "rules.yml")],
        )
        self._logs = log_folder(logs)
        self._knowledge = Path(knowledge)
        self._threshold = mining_threshold

    @cached_method  # `rasa train` asks five times; mining the logs takes seconds
    def get_nlu_data(self, language: str | None = "zh") -> TrainingData:
        labelled = super().get_nlu_data(language)
        examples: dict[str, list[str]] = {}
        for message in labelled.intent_examples:
            examples.setdefault(message.get(INTENT), []).append(message.get(TEXT))
        if not examples:
            return labelled
        added = self._of_knowledge(examples) + self._of_logs(examples)
        return labelled.merge(
            TrainingData([Message(data={TEXT: text, INTENT: intent, SECOND_HAND: True}) for text, intent in added])
        )

    def _of_knowledge(self, examples: dict[str, list[str]]) -> list[tuple[str, str]]:
        known = {text for texts in examples.values() for text in texts}
        return [
            (text, intent) for text, intent in faq_examples(self._knowledge) if intent in examples and text not in known
        ]

    def _of_logs(self, examples: dict[str, list[str]]) -> list[tuple[str, str]]:
        if not self._threshold or not self._logs.is_dir():
            return []
        utterances = customer_utterances(read_conversations(self._logs))
        mined = label_examples(utterances, examples, read_families(), threshold=self._threshold)
        logger.info("Added %d examples mined from the logs in %s", len(mined), self._logs)
        return [(each.text, each.intent) for each in mined]
