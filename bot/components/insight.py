"""Insight component: what the customer feels in this message and by now, read by the TensorFlow model."""

import logging
import time
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

import analytics.features
import analytics.insight
import analytics.insight_examples
import analytics.insight_network
import analytics.insight_training
import analytics.scores
import analytics.vocabulary
from analytics.features import Turn
from analytics.insight import Insight, InsightModel, InsightModelError
from analytics.insight_examples import read_dialogues, read_lines
from analytics.insight_training import train_insight
from analytics.progress import EpochBar
from bot.components.fingerprint import source_hash
from bot.components.message_keys import INSIGHT
from nlu_data import text as nlu_text
from nlu_data.log_folder import log_folder
from nlu_data.logs import log_hash, read_conversations

logger = logging.getLogger(__name__)

#: Events looked back at; the model itself looks at its last 8 customer turns.
MOST_EVENTS = 120


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class InsightAnalyzer(GraphComponent):
    """Reads the feeling of each message; a broken model reads every one as neutral.

    Registered as a classifier because it runs after the retriever.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            # Imported logs (None: in the data folder) give weak labels: satisfaction, transfers.
            "logs": None,
            # Hand-labelled lines, words and dialogues.
            "labelled": "nlu_data/sentiment",
            "epochs": 40,
            "seed": 7,
        }

    @classmethod
    def create(cls, config, model_storage, resource, execution_context) -> "InsightAnalyzer":
        return cls(config, model_storage, resource, None)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "InsightAnalyzer":
        model = None
        try:
            with model_storage.read_from(resource) as directory:
                model = InsightModel.load(directory)
        except (InsightModelError, ValueError) as error:
            logger.error("insight is off, every message counts as neutral: %s", error)
        return cls(config, model_storage, resource, model)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        # Rasa hands the defaults in only in some of its runs (rasa/engine/training/hooks.py); both must agree.
        config = {**cls.get_default_config(), **config}
        return source_hash(
            analytics.features,
            analytics.insight,
            analytics.insight_examples,
            analytics.insight_network,
            analytics.insight_training,
            analytics.scores,
            analytics.vocabulary,
            nlu_text,
            Path(config["labelled"]),
            log_hash(log_folder(config["logs"])),
        )

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, model: InsightModel | None
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    def train(self, training_data: TrainingData) -> Resource:
        labelled = Path(self._config["labelled"])
        logs = log_folder(self._config["logs"])
        with self._model_storage.write_to(self._resource) as directory, EpochBar("Insight model") as bar:
            report = train_insight(
                read_conversations(logs) if logs.is_dir() else [],
                read_lines(labelled / "lines.csv"),
                dialogues=read_dialogues(labelled / "dialogues.jsonl"),
                words=read_lines(labelled / "words.csv"),
                directory=directory,
                seed=self._config["seed"],
                epochs=self._config["epochs"],
                progress=bar,
            )
            # Training stops early as a rule; the bar must not end as if it had broken off.
            bar(report.epochs, report.epochs, report.history[-1])
        logger.info("%s", report.as_text().partition("\n  wrong:")[0])
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def process(self, messages: list[Message], tracker: DialogueStateTracker) -> list[Message]:
        for message in messages:
            typed = message.get(TEXT)
            # A pressed button says nothing about feelings; the turn still counts in the next message's history.
            if self._model is None or not typed or typed.startswith("/"):
                continue
            try:
                insight = self._model.score([*history(tracker), current(message)])
            except Exception:
                logger.exception("insight failed; the message counts as neutral")
                continue
            message.set(INSIGHT, as_output(insight), add_to_output=True)
        return messages


def history(tracker: DialogueStateTracker) -> list[Turn]:
    """Return the conversation so far as turns, oldest first."""
    turns = []
    for event in list(tracker.events)[-MOST_EVENTS:]:
        if isinstance(event, UserUttered) and event.text:
            pressed = event.text.startswith("/")
            data = {**((event.metadata or {}).get("behaviour") or {})}
            if pressed:
                data["payload"] = event.text
            turns.append(Turn("" if pressed else event.text, _said_at(event), "customer", data))
        elif isinstance(event, BotUttered):
            data = {"buttons": event.data.get("buttons") or []}
            kind = (event.data.get("custom") or {}).get("kind")
            if kind:
                data["answer_kind"] = kind
            turns.append(Turn(event.text or "", event.timestamp, "bot", data))
    return turns


def current(message: Message) -> Turn:
    metadata = message.get("metadata") or {}
    return Turn(message.get(TEXT), metadata.get("sent_at") or time.time(), "customer", metadata.get("behaviour") or {})


def as_output(insight: Insight) -> dict[str, Any]:
    """Return the insight as plain JSON for the parse data."""
    return {
        "sentiment": {"label": insight.label, **{name: round(p, 4) for name, p in insight.sentiment.items()}},
        "emotion": {name: round(p, 4) for name, p in insight.emotion.items()},
        "frustration": round(insight.frustration, 4),
        "behaviour": {name: round(value, 4) for name, value in insight.behaviour.items()},
    }


def _said_at(event: UserUttered) -> float:
    return (event.metadata or {}).get("sent_at") or event.timestamp
