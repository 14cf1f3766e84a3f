"""Knowledge retriever component: finds the answer for each message and leaves it, composed, on the message."""

import datetime as dt
import json
import logging
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

import bot.components.intent_model
import retrieval.answer
import retrieval.calibration
import retrieval.fusion
import retrieval.hybrid
import retrieval.lexical
import retrieval.passages
from bot.components.fingerprint import source_hash
from bot.components.intent_model import OUT_OF_SCOPE, IntentModel
from bot.components.knowledge_index import KnowledgeIndex
from bot.components.message_keys import INTENT_PROBABILITIES, KNOWLEDGE, SENTENCE_ENCODER, SENTENCE_VECTOR
from bot.settings import load_settings
from bot.training.pairs import reserved_questions
from retrieval.answer import Answer, compose
from retrieval.calibration import Calibration, LabelledQuestion, calibrate, near_questions
from retrieval.encoder import SentenceEncoder
from retrieval.hybrid import HybridRetriever
from storage.database import open_database

logger = logging.getLogger(__name__)

CALIBRATION_FILE = "calibration.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class KnowledgeRetriever(GraphComponent):
    """Registered as a classifier because it must run after the encoder, whose vector it searches with.

    Training fits the score fusion and the answer thresholds on questions that were kept out of the encoder's
    training; the index itself is built when the model is loaded and follows the database from then on.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            "knowledge": "nlu_data/knowledge",
            # Share of the given answers that must be right, and of unanswerable questions that may get one (0–1).
            "precision": 0.85,
            "wrongly_answered": 0.04,
            "results": 5,
            "seed": 20,
        }

    @classmethod
    def create(cls, config, model_storage, resource, execution_context) -> "KnowledgeRetriever":
        return cls(config, model_storage, resource, None)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "KnowledgeRetriever":
        with model_storage.read_from(resource) as directory:
            content = json.loads((directory / CALIBRATION_FILE).read_text(encoding="utf-8"))
        return cls(config, model_storage, resource, Calibration.from_dict(content))

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        # Rasa hands the defaults in only in some of its runs (rasa/engine/training/hooks.py); both must agree.
        config = {**cls.get_default_config(), **config}
        return source_hash(
            bot.components.intent_model,
            retrieval.answer,
            retrieval.calibration,
            retrieval.fusion,
            retrieval.hybrid,
            retrieval.lexical,
            retrieval.passages,
            Path(config["knowledge"]),
        )

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        calibration: Calibration | None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._calibration = calibration
        self._index: KnowledgeIndex | None = None

    def train(self, training_data: TrainingData) -> Resource:
        examples = [example for example in training_data.intent_examples if example.get(SENTENCE_ENCODER)]
        encoder: SentenceEncoder = examples[0].get(SENTENCE_ENCODER).encoder
        entries, questions = reserved_questions(Path(self._config["knowledge"]), seed=self._config["seed"])
        retriever = HybridRetriever(encoder)
        retriever.sync(entries, [])
        near = near_questions(entries, seed=self._config["seed"])
        questions, near = self._with_intents(examples, questions, near)
        noon = dt.datetime.combine(dt.date(2000, 1, 1), dt.time(12), dt.timezone.utc).timestamp()
        self._calibration = calibrate(
            retriever,
            questions,
            now=noon,
            near=near,
            precision=self._config["precision"],
            wrongly_answered=self._config["wrongly_answered"],
        )
        logger.info("Retrieval on reserved questions: %s", self._calibration.report)
        with self._model_storage.write_to(self._resource) as directory:
            content = json.dumps(self._calibration.as_dict(), ensure_ascii=False, indent=1)
            (directory / CALIBRATION_FILE).write_text(content, encoding="utf-8")
        return self._resource

    def _with_intents(
        self, examples: list[Message], questions: list[LabelledQuestion], near: list[LabelledQuestion]
    ) -> tuple[list[LabelledQuestion], list[LabelledQuestion]]:
        """Return the questions, the out-of-scope examples among them, as the served classifier would see them.

        It must not have learned them: the reserved wordings are left out of its training here, and an out-of-scope
        example gets its out-of-fold probabilities. Without vectors, which change little and cost most of the time.
        """
        reserved = {question.text for question in questions}
        known = [example for example in examples if example.get(TEXT) not in reserved]
        model = IntentModel.train(
            [example.get(TEXT) for example in known],
            [example.get(INTENT) for example in known],
            np.zeros((len(known), 1), np.float32),
            in_scope_cost=0.0,
            dense_weight=0.0,
            regularisation=1.0,
            seed=self._config["seed"],
        )

        def seen(question: LabelledQuestion) -> LabelledQuestion:
            probabilities = model.probabilities(question.text, np.zeros(1, np.float32))
            return replace(question, intents=dict(zip(model.intents, probabilities.tolist())))

        outside = [
            LabelledQuestion(example.get(TEXT), intents=dict(zip(model.intents, row.tolist())))
            for example, row in zip(known, model.out_of_fold)
            if example.get(INTENT) == OUT_OF_SCOPE
        ]
        return [*map(seen, questions), *outside], list(map(seen, near))

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            carrier = message.get(SENTENCE_ENCODER)
            if carrier is None:  # empty text
                continue
            try:
                answer = self._answer(message, carrier.encoder)
            except Exception:
                # Without knowledge the customer still gets a reply that says so, with a human offered (bot.engine.nlg).
                logger.exception("knowledge could not be searched")
                continue
            message.set(KNOWLEDGE, as_output(answer), add_to_output=True)
        return messages

    def _answer(self, message: Message, encoder: SentenceEncoder) -> Answer:
        if self._index is None:
            self._index = KnowledgeIndex(
                encoder,
                self._calibration,
                database=open_database(load_settings().database),
                files=Path(self._config["knowledge"]),
            )
        retriever = self._index.up_to_date()
        text = message.get(TEXT)
        language = (message.get("metadata") or {}).get("language", "zh")
        now = time.time()
        hits = retriever.search(
            text,
            vector=message.get(SENTENCE_VECTOR),
            k=self._config["results"],
            now=now,
            language=language,
            intents=message.get(INTENT_PROBABILITIES),
        )
        return compose(text, hits, self._calibration.thresholds, language=language)


def as_output(answer: Answer) -> dict[str, Any]:
    """Return the answer as plain JSON for the parse data."""
    return {
        "kind": answer.kind,
        "text": answer.text,
        "sources": [source.as_dict() for source in answer.sources],
        "nearest": [
            {"entry_id": hit.entry_id, "title": hit.title, "score": round(hit.score, 4)} for hit in answer.nearest
        ],
    }
