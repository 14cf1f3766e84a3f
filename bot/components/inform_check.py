"""Takes back `inform` where a message informs of nothing: no value in it, and no form that waits for free text."""

from rasa.engine.graph import GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_NAME_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.intent_model import OUT_OF_SCOPE

INFORM = "inform"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class InformCheck(GraphComponent):
    """Needs intent and entities before it. What nobody expected is looked up in the knowledge, as `out_of_scope` is."""

    @classmethod
    def create(cls, config, model_storage, resource, execution_context) -> "InformCheck":
        return cls()

    def process(self, messages: list[Message], tracker: DialogueStateTracker) -> list[Message]:
        for message in messages:
            intent = message.get(INTENT) or {}
            pressed = (message.get(TEXT) or "").startswith("/")
            if intent.get(INTENT_NAME_KEY) == INFORM and not message.get(ENTITIES) and not pressed:
                if not tracker.active_loop_name:
                    message.set(INTENT, {**intent, INTENT_NAME_KEY: OUT_OF_SCOPE}, add_to_output=True)
        return messages
