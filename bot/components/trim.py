"""Last component: drops from the parse data what nobody reads later, because Rasa stores it with every message."""

from rasa.engine.graph import GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import INTENT_RANKING_KEY, TEXT_TOKENS
from rasa.shared.nlu.training_data.message import Message

from bot.components.message_keys import INTENT_PROBABILITIES, SENTENCE_ENCODER, SENTENCE_VECTOR

#: Ranks that people look at when they ask why an intent won.
KEPT_RANKS = 3
_DROPPED = (TEXT_TOKENS, SENTENCE_VECTOR, SENTENCE_ENCODER, INTENT_PROBABILITIES)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class ParseDataTrim(GraphComponent):
    """Registered as a classifier because Rasa runs those last, in the order of config.yml."""

    @classmethod
    def create(cls, config, model_storage, resource, execution_context) -> "ParseDataTrim":
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            for name in _DROPPED:
                message.data.pop(name, None)
                message.output_properties.discard(name)
            ranking = message.get(INTENT_RANKING_KEY)
            if ranking:
                message.set(INTENT_RANKING_KEY, ranking[:KEPT_RANKS], add_to_output=True)
        return messages
