"""Whether a message informs depends on the situation: values, forms, and what the form asks for."""

import pytest
from rasa.shared.core.events import ActiveLoop, SlotSet
from rasa.shared.core.slots import AnySlot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.training_data.message import Message

from bot.components.inform_check import InformCheck


def intent_after(
    *, intent="inform", confidence=0.8, entities=(), loop=None, asked=None, text="充电宝能带上飞机吗"
) -> str:
    events = [ActiveLoop(loop)] if loop else []
    slots = [AnySlot("requested_slot", mappings=[{}])]
    tracker = DialogueStateTracker.from_events("one", [*events, SlotSet("requested_slot", asked)], slots)
    message = Message({"text": text, "intent": {"name": intent, "confidence": confidence}, "entities": list(entities)})
    return InformCheck().process([message], tracker)[0].get("intent")["name"]


def test_nothing_informed_is_out_of_scope():
    assert intent_after() == "out_of_scope"


@pytest.mark.parametrize(
    "case",
    [
        {"entities": [{"entity": "order_number", "value": "YS2611050001"}]},
        {"loop": "refund_form", "asked": "order_number"},
        {"text": '/inform{"refund_reason": "质量问题"}'},
    ],
)
def test_a_value_a_form_and_a_button_keep_it(case):
    assert intent_after(**case) == "inform"


def test_other_intents_are_left_alone():
    assert intent_after(intent="greet") == "greet"


def test_a_statement_answers_a_form_that_waits_for_free_text():
    situation = {"intent": "out_of_scope", "loop": "refund_form", "asked": "refund_reason"}
    assert intent_after(**situation, text="家里人觉得颜色太艳了") == "inform"
    assert intent_after(**situation, text="今天天气怎么样") == "out_of_scope"


@pytest.mark.parametrize("asked", ["order_number", "refund_confirmed", None])
def test_it_answers_nothing_else(asked):
    assert intent_after(intent="out_of_scope", loop="refund_form", asked=asked, text="颜色太艳了") == "out_of_scope"


def test_an_unsure_intent_does_not_interrupt_and_a_sure_one_does():
    situation = {"intent": "ask_cancel_order", "loop": "refund_form", "asked": "refund_reason", "text": "颜色太艳了"}
    assert intent_after(**situation, confidence=0.4) == "inform"
    assert intent_after(**situation, confidence=0.9) == "ask_cancel_order"
