"""Decides by the situation whether a message informs: `inform` without a value, or free text that a form waits for."""

import re
from typing import Any

from rasa.engine.graph import GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import REQUESTED_SLOT
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_NAME_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.intent_model import OUT_OF_SCOPE

INFORM = "inform"
#: Slots that take whatever the customer writes (nlu_data/dialogue/domain.yml: from_text).
FREE_TEXT_SLOTS = frozenset({"refund_reason"})
#: Above this probability an intent counts while a form waits for free text; below it the words are the answer.
SURE = 0.7
_QUESTION = re.compile(r"[?？吗呢么嘛]|什么|怎么|怎样|多少|几[个天次]|哪|谁|如何|能不能|可不可以|是不是|有没有")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class InformCheck(GraphComponent):
    """Needs intent and entities before it.

    Outside a form an `inform` without any value is looked up in the knowledge, as `out_of_scope` is. While a form
    asks for free text, a statement that fits no intent, or none surely, is the answer; a question is not.
    """

    @classmethod
    def create(cls, config, model_storage, resource, execution_context) -> "InformCheck":
        return cls()

    def process(self, messages: list[Message], tracker: DialogueStateTracker) -> list[Message]:
        for message in messages:
            text = message.get(TEXT) or ""
            intent = message.get(INTENT) or {}
            if text.startswith("/"):
                continue
            changed = self._changed(intent, text, bool(message.get(ENTITIES)), tracker)
            if changed:
                message.set(INTENT, {**intent, INTENT_NAME_KEY: changed}, add_to_output=True)
        return messages

    @staticmethod
    def _changed(intent: dict[str, Any], text: str, has_value: bool, tracker: DialogueStateTracker) -> str | None:
        name = intent.get(INTENT_NAME_KEY)
        if name == INFORM and not has_value and not tracker.active_loop_name:
            return OUT_OF_SCOPE
        waits = bool(tracker.active_loop_name) and tracker.get_slot(REQUESTED_SLOT) in FREE_TEXT_SLOTS
        unsure = name == OUT_OF_SCOPE or intent.get(PREDICTED_CONFIDENCE_KEY, 0.0) < SURE
        return INFORM if waits and unsure and not _QUESTION.search(text) else None
