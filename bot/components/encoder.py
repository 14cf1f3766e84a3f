"""Sentence encoder component: one vector per message, used by the intent classifier, the retriever and DIET alike."""

import logging
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

import nlu_data.mining
import retrieval.encoder
import retrieval.encoder_training
import retrieval.features
from analytics.progress import EpochBar
from bot.components.fingerprint import source_hash
from bot.components.message_keys import SENTENCE_ENCODER, SENTENCE_VECTOR
from bot.training.pairs import training_pairs
from nlu_data.log_folder import log_folder
from nlu_data.logs import log_hash
from retrieval.encoder import SentenceEncoder, load_encoder
from retrieval.encoder_training import EncoderProgress, train_encoder

logger = logging.getLogger(__name__)


class FingerprintedEncoder:
    """The encoder as it travels on a message: Rasa's cache keys ask it for a fingerprint."""

    def __init__(self, encoder: SentenceEncoder) -> None:
        self.encoder = encoder

    def fingerprint(self) -> str:
        return self.encoder.manifest.content_hash


class StepWatch:
    """Moves a bar with the trainer's steps; an epoch's end has no loss of its own and keeps the last one."""

    def __init__(self, bar: EpochBar) -> None:
        self._bar = bar
        self._loss = float("nan")

    def __call__(self, progress: EncoderProgress) -> None:
        if progress.loss is not None:
            self._loss = progress.loss
        self._bar(progress.step, progress.steps, {"loss": self._loss})


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SentenceEncoderFeaturizer(GraphComponent):
    """Trains the sentence encoder on the company's logs, and encodes each message once."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            # Folder of imported logs (None: in the data folder), and of the knowledge, whose variants are paraphrases.
            "logs": None,
            "knowledge": "nlu_data/knowledge",
            # Length of the vectors.
            "dimension": 256,
            "epochs": 5,
            "seed": 20,
        }

    @classmethod
    def create(cls, config, model_storage, resource, execution_context) -> "SentenceEncoderFeaturizer":
        return cls(config, model_storage, resource, execution_context, None)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "SentenceEncoderFeaturizer":
        with model_storage.read_from(resource) as directory:
            encoder = load_encoder(directory)
        return cls(config, model_storage, resource, execution_context, encoder)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        # Rasa hands the defaults in only in some of its runs (rasa/engine/training/hooks.py); both must agree.
        config = {**cls.get_default_config(), **config}
        return source_hash(
            retrieval.encoder,
            retrieval.encoder_training,
            retrieval.features,
            nlu_data.mining,
            Path(__file__).parent.parent / "training" / "pairs.py",
            Path(config["knowledge"]),
            log_hash(log_folder(config["logs"])),
        )

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        encoder: SentenceEncoder | None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._node = execution_context.node_name
        self._encoder = encoder

    def train(self, training_data: TrainingData) -> Resource:
        pairs, validation = training_pairs(
            logs=log_folder(self._config["logs"]),
            knowledge=Path(self._config["knowledge"]),
            seed=self._config["seed"],
        )
        logger.info("Training the sentence encoder on %d pairs of texts", len(pairs))
        with EpochBar("Sentence encoder") as bar:
            self._encoder = train_encoder(
                pairs,
                validation=validation,
                dimension=self._config["dimension"],
                epochs=self._config["epochs"],
                seed=self._config["seed"],
                progress=StepWatch(bar),
            )
        with self._model_storage.write_to(self._resource) as directory:
            self._encoder.save(directory)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        examples = [example for example in training_data.training_examples if example.get(TEXT)]
        self._attach(examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        self._attach([message for message in messages if message.get(TEXT)])
        return messages

    def _attach(self, messages: list[Message]) -> None:
        if not messages:
            return
        carrier = FingerprintedEncoder(self._encoder)
        for message, vector in zip(messages, self._encoder.encode([message.get(TEXT) for message in messages])):
            message.set(SENTENCE_VECTOR, vector)
            message.set(SENTENCE_ENCODER, carrier)
            message.add_features(Features(vector[None, :], FEATURE_TYPE_SENTENCE, TEXT, self._node))
