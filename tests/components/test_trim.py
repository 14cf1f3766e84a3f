"""Parse data keeps what is read later, and nothing that only the components needed."""

import numpy as np
from rasa.shared.nlu.training_data.message import Message

from bot.components.message_keys import (
    INSIGHT,
    INTENT_PROBABILITIES,
    KNOWLEDGE,
    SENTENCE_ENCODER,
    SENTENCE_VECTOR,
)
from bot.components.trim import KEPT_RANKS, ParseDataTrim

RANKING = [{"name": f"intent_{rank}", "confidence": 0.5 / (rank + 1)} for rank in range(5)]


def trimmed(content: dict) -> Message:
    message = Message({"text": "你好"})
    for name, value in content.items():
        message.set(name, value, add_to_output=True)
    assert ParseDataTrim().process([message]) == [message]
    return message


def test_what_only_components_need_is_dropped():
    working = {
        "text_tokens": ["你好"],
        SENTENCE_VECTOR: np.ones(4),
        SENTENCE_ENCODER: object(),
        INTENT_PROBABILITIES: {"greet": 1.0},
    }
    message = trimmed(working)
    for name in working:
        assert message.get(name) is None
        assert name not in message.as_dict(only_output_properties=True)


def test_the_best_ranks_stay():
    message = trimmed({"intent_ranking": RANKING})
    assert message.as_dict(only_output_properties=True)["intent_ranking"] == RANKING[:KEPT_RANKS]


def test_results_stay():
    results = {
        "intent": {"name": "greet", "confidence": 0.9},
        "entities": [{"entity": "phone", "value": "13800001001"}],
        KNOWLEDGE: {"kind": "unknown", "text": "", "sources": [], "nearest": []},
        INSIGHT: {"frustration": 0.1},
    }
    found = trimmed(results).as_dict(only_output_properties=True)
    assert {name: found[name] for name in results} == results


def test_a_message_without_any_of_it_is_fine():
    assert trimmed({}).get("text") == "你好"
