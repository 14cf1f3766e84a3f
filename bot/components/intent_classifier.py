"""Intent classifier component: IntentModel as Rasa's pipeline sees it."""

import logging
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components import intent_model
from bot.components.fingerprint import source_hash
from bot.components.intent_model import IntentModel
from bot.components.message_keys import INTENT_PROBABILITIES, SENTENCE_VECTOR
from nlu_data import text as nlu_text
from nlu_data.importer import SECOND_HAND

logger = logging.getLogger(__name__)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class YingdaIntentClassifier(GraphComponent):
    """Needs the SentenceEncoderFeaturizer before it. Rejected messages get the intent `out_of_scope`."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            # Share of in-scope messages that may be taken for out-of-scope (0–1); the threshold follows from it.
            "in_scope_cost": 0.03,
            # How much the sentence vector counts beside the n-grams, whose vectors have length 1.
            "dense_weight": 0.3,
            # C of the linear SVM.
            "regularisation": 1.0,
            "seed": 20,
        }

    @classmethod
    def create(cls, config, model_storage, resource, execution_context) -> "YingdaIntentClassifier":
        return cls(config, model_storage, resource, None)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "YingdaIntentClassifier":
        with model_storage.read_from(resource) as directory:
            return cls(config, model_storage, resource, IntentModel.load(directory))

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        return source_hash(intent_model, nlu_text, nlu_text.CATALOGUE_PATH)

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, model: IntentModel | None
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    def train(self, training_data: TrainingData) -> Resource:
        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        self._model = IntentModel.train(
            [example.get(TEXT) for example in examples],
            [example.get(INTENT) for example in examples],
            np.stack([example.get(SENTENCE_VECTOR) for example in examples]),
            trusted=[not example.get(SECOND_HAND) for example in examples],
            in_scope_cost=self._config["in_scope_cost"],
            dense_weight=self._config["dense_weight"],
            regularisation=self._config["regularisation"],
            seed=self._config["seed"],
        )
        report = self._model.report
        logger.info(
            "Intents, out of fold: %d examples, %d intents, accuracy %.4f, accepted %.4f, "
            "out-of-scope recall %.4f, ECE %.4f",
            report.examples,
            report.intents,
            report.accuracy,
            report.accepted,
            report.out_of_scope_recall,
            report.calibration_error,
        )
        with self._model_storage.write_to(self._resource) as directory:
            self._model.save(directory)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            vector = message.get(SENTENCE_VECTOR)
            if vector is None:  # empty text
                continue
            probabilities = self._model.probabilities(message.get(TEXT), vector)
            name, confidence = self._model.decide(probabilities)
            ranked = [
                {INTENT_NAME_KEY: self._model.intents[index], PREDICTED_CONFIDENCE_KEY: float(probabilities[index])}
                for index in np.argsort(-probabilities)[:5]
            ]
            message.set(INTENT, {INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: confidence}, add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranked, add_to_output=True)
            message.set(INTENT_PROBABILITIES, dict(zip(self._model.intents, probabilities.tolist())))
        return messages
