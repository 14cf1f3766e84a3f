"""The escalation policy: what the rules may ask about, and that it overrules and then rests."""

import time

import pytest
from rasa.core.policies.policy import PolicyPrediction
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.components.escalation_policy import EscalationPolicy, facts
from nlu_data.importer import HERE


@pytest.fixture(scope="module")
def domain() -> Domain:
    return Domain.load(str(HERE / "dialogue" / "domain.yml"))


@pytest.fixture
def policy(tmp_path) -> EscalationPolicy:
    return EscalationPolicy(
        EscalationPolicy.get_default_config(),
        LocalModelStorage(tmp_path),
        Resource("escalation"),
        ExecutionContext(GraphSchema({}), "model"),
    )


def heard(intent="greet", frustration=0.0, sentiment="neutral", knowledge=None, **metadata) -> UserUttered:
    parse_data = {
        "intent": {"name": intent, "confidence": 0.9},
        "entities": [],
        "insight": {"frustration": frustration, "sentiment": {"label": sentiment, "negative": 0.9}},
        "knowledge": {"kind": knowledge} if knowledge else None,
    }
    return UserUttered("…", parse_data["intent"], [], parse_data, time.time(), metadata=metadata)


def conversation(domain, *events) -> DialogueStateTracker:
    return DialogueStateTracker.from_events(
        "one", [ActionExecuted("action_listen"), *events], domain.slots, domain=domain
    )


def predicted(policy, tracker, domain) -> str | None:
    prediction: PolicyPrediction = policy.predict_action_probabilities(tracker, domain)
    return domain.action_names_or_texts[prediction.probabilities.index(1.0)] if prediction.max_confidence else None


def test_a_wish_for_a_human_is_handed_over_with_its_reason(policy, domain):
    tracker = conversation(domain, heard("request_human"))
    prediction = policy.predict_action_probabilities(tracker, domain)
    assert predicted(policy, tracker, domain) == "action_hand_over"
    assert prediction.is_no_user_prediction, "a form would otherwise win"
    slot = next(event for event in prediction.optional_events if isinstance(event, SlotSet))
    assert slot.value["reason"] == "asked_for_human"


def test_a_calm_message_is_left_to_the_others(policy, domain):
    assert predicted(policy, conversation(domain, heard("greet")), domain) is None


def test_after_the_hand_over_it_listens(policy, domain):
    tracker = conversation(domain, heard("request_human"), ActionExecuted("action_hand_over"))
    assert predicted(policy, tracker, domain) == "action_listen"


def test_only_a_fresh_message_is_judged(policy, domain):
    tracker = conversation(domain, heard("request_human"), ActionExecuted("utter_greet"))
    assert predicted(policy, tracker, domain) is None


def test_no_second_hand_over_while_one_waits(policy, domain):
    tracker = conversation(
        domain, SlotSet("handoff_open", True), heard("complain", frustration=0.99, sentiment="negative")
    )
    assert predicted(policy, tracker, domain) is None


def test_unanswered_questions_count_until_one_is_answered(domain):
    turns = [
        heard("ask_stock", knowledge="unknown"),
        ActionExecuted("utter_knowledge"),
        ActionExecuted("action_listen"),
    ]
    tracker = conversation(domain, *turns, *turns, heard("out_of_scope", knowledge="unknown"))
    assert facts(tracker)["unknown_in_a_row"] == 3
    tracker = conversation(domain, *turns, heard("ask_stock", knowledge="template"))
    assert facts(tracker)["unknown_in_a_row"] == 0


def test_a_button_without_insight_is_neutral(domain):
    event = UserUttered(
        "/affirm", {"name": "affirm", "confidence": 1.0}, [], {"intent": {"name": "affirm"}}, time.time()
    )
    read = facts(conversation(domain, event))
    assert (read["frustration"], read["sentiment"], read["logged_in"]) == (0.0, "neutral", False)


def test_the_gateway_knows_whether_a_hand_off_is_still_open(domain):
    closed = heard("complain", behaviour={"open_ticket": None})
    assert facts(conversation(domain, SlotSet("handoff_open", True), closed))["open_handoff"] is False
    waiting = heard("complain", behaviour={"open_ticket": "H123456"})
    assert facts(conversation(domain, waiting))["open_handoff"] is True
