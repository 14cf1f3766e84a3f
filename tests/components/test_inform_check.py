"""An `inform` without a value becomes a question for the knowledge, except inside a form."""

import pytest
from rasa.shared.core.events import ActiveLoop
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.message import Message

from bot.components.inform_check import InformCheck


def intent_after(*, intent="inform", entities=(), loop=None, text="充电宝能带上飞机吗") -> str:
    tracker = DialogueStateTracker.from_events("one", [ActiveLoop(loop)] if loop else [])
    message = Message({"text": text, "intent": {"name": intent, "confidence": 0.8}, "entities": list(entities)})
    return InformCheck().process([message], tracker)[0].get("intent")["name"]


def test_nothing_informed_is_out_of_scope():
    assert intent_after() == "out_of_scope"


@pytest.mark.parametrize(
    "case",
    [
        {"entities": [{"entity": "order_number", "value": "YS2611050001"}]},
        {"loop": "refund_form"},
        {"text": '/inform{"refund_reason": "质量问题"}'},
    ],
)
def test_a_value_a_form_and_a_button_keep_it(case):
    assert intent_after(**case) == "inform"


def test_other_intents_are_left_alone():
    assert intent_after(intent="greet") == "greet"
