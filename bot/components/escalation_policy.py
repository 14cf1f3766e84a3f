"""Policy: hands the conversation to a human when a rule of analytics/escalation.yml fires."""

from pathlib import Path
from typing import Any

from rasa.core.featurizers.tracker_featurizers import TrackerFeaturizer
from rasa.core.policies.policy import Policy, PolicyPrediction
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

from analytics.escalation import DEFAULT_RULES, Firing, first_firing, load_rules
from bot.components.fingerprint import source_hash
from bot.components.message_keys import INSIGHT, KNOWLEDGE

ACTION_HAND_OVER = "action_hand_over"
#: Slot in which the firing travels to action_hand_over: {"reason", "because", "queue", "priority"}.
FIRING_SLOT = "escalation"
HANDOFF_OPEN_SLOT = "handoff_open"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=False)
class EscalationPolicy(Policy):
    """Overrules every other policy in the moment after a customer's message, also inside a form."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            # Above RulePolicy (6), which also answers with confidence 1.
            "priority": 10,
            "rules": str(DEFAULT_RULES),
            "max_history": None,
        }

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        return source_hash(Path(config.get("rules", str(DEFAULT_RULES))))

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        featurizer: TrackerFeaturizer | None = None,
    ) -> None:
        super().__init__(config, model_storage, resource, execution_context, featurizer)
        self._rules = load_rules(Path(config["rules"]))

    def train(self, training_trackers: list[TrackerWithCachedStates], domain: Domain, **kwargs: Any) -> Resource:
        return self._resource

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        abstains = self._prediction(self._default_predictions(domain))
        if tracker.latest_action_name == ACTION_HAND_OVER and _acted_since_message(tracker):
            return self._certain(ACTION_LISTEN_NAME, domain, [])
        if tracker.latest_action_name != ACTION_LISTEN_NAME or not isinstance(_last_user(tracker), UserUttered):
            return abstains
        firing = first_firing(self._rules, facts(tracker))
        if firing is None:
            return abstains
        return self._certain(ACTION_HAND_OVER, domain, [SlotSet(FIRING_SLOT, as_slot(firing))])

    def _certain(self, action: str, domain: Domain, events: list[Any]) -> PolicyPrediction:
        scores = self._default_predictions(domain)
        scores[domain.index_for_action(action)] = 1.0
        # "No user" predictions overrule all others (rasa/core/policies/ensemble.py): a form would win otherwise.
        return self._prediction(scores, optional_events=events, is_no_user_prediction=True)


def facts(tracker: DialogueStateTracker) -> dict[str, Any]:
    """Return what the rules may ask about the latest message and the conversation."""
    message = tracker.latest_message
    parse_data = message.parse_data or {}
    insight = parse_data.get(INSIGHT) or {}
    sentiment = insight.get("sentiment") or {}
    metadata = message.metadata or {}
    amounts = [entity["value"] for entity in parse_data.get("entities", []) if entity.get("entity") == "amount"]
    return {
        "intent": (parse_data.get("intent") or {}).get("name"),
        "intent_confidence": (parse_data.get("intent") or {}).get("confidence", 0.0),
        "frustration": insight.get("frustration", 0.0),
        "sentiment": sentiment.get("label", "neutral"),
        "sentiment_negative": sentiment.get("negative", 0.0),
        "unknown_in_a_row": _unknown_in_a_row(tracker),
        "turns": sum(isinstance(event, UserUttered) for event in tracker.events),
        "logged_in": bool(metadata.get("customer_id")),
        "amount": max(map(float, amounts)) if amounts else None,
        "profile": metadata.get("profile") or {},
        "open_handoff": _open_handoff(metadata, tracker),
    }


def _open_handoff(metadata: dict[str, Any], tracker: DialogueStateTracker) -> bool:
    """Return whether a human has been asked for and is not done: the gateway knows, the slot stands in without one."""
    behaviour = metadata.get("behaviour") or {}
    return bool(behaviour["open_ticket"] if "open_ticket" in behaviour else tracker.get_slot(HANDOFF_OPEN_SLOT))


def as_slot(firing: Firing) -> dict[str, str]:
    return {name: getattr(firing, name) for name in ("reason", "because", "queue", "priority")}


def _unknown_in_a_row(tracker: DialogueStateTracker) -> int:
    """Count the latest customer messages, this one included, that knowledge was asked for in vain."""
    count = 0
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            intent = (event.parse_data.get("intent") or {}).get("name") or ""
            knowledge = event.parse_data.get(KNOWLEDGE) or {}
            if (intent == "out_of_scope" or intent.startswith("ask_")) and knowledge.get("kind") == "unknown":
                count += 1
            else:
                break
    return count


def _last_user(tracker: DialogueStateTracker) -> Any:
    for event in reversed(tracker.events):
        if isinstance(event, (UserUttered, ActionExecuted)):
            return event if isinstance(event, UserUttered) else None
    return None


def _acted_since_message(tracker: DialogueStateTracker) -> bool:
    return _last_user(tracker) is None
