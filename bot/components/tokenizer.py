"""Tokenizer: jieba words with the shop's catalogue, from a private dictionary."""

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from bot.components.fingerprint import source_hash
from nlu_data import text as nlu_text


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class YingdaTokenizer(Tokenizer):
    """Cuts a message into words. Unlike Rasa's JiebaTokenizer it shares no dictionary with other code of the
    process and makes no tokens of spaces (rasa/nlu/tokenizers/jieba_tokenizer.py:87; RasaHQ/rasa#7910)."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
        }

    @classmethod
    def create(cls, config, model_storage, resource, execution_context) -> "YingdaTokenizer":
        return cls(config)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        return source_hash(nlu_text, nlu_text.CATALOGUE_PATH)

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Return tokens whose offsets point into the message as typed.

        Words are cut from the normal form; one that the normal form changed (full width, upper case) is looked
        up character by character, so its token still covers what the customer typed.
        """
        original = message.get(attribute)
        return self._apply_token_pattern(list(_aligned(original)))


def _aligned(original: str):
    start = 0
    for word in nlu_text.words(original):
        begin = _find(original, word, start)
        if begin is None:
            continue
        end = begin + len(word)
        yield Token(word, begin, end)
        start = end


def _find(original: str, word: str, start: int) -> int | None:
    found = original.find(word, start)
    if found >= 0:
        return found
    # NFKC maps one full-width character to one half-width one in every word that jieba knows, so a window of the
    # same length is compared in normal form.
    for begin in range(start, len(original) - len(word) + 1):
        if nlu_text.normalise(original[begin : begin + len(word)]) == word:
            return begin
    return None
