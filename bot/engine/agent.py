"""Loads Rasa's Agent the way the engine runs it: our tracker store, our answers, actions in process."""

import logging
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.core.lock_store import InMemoryLockStore
from rasa.utils.endpoints import EndpointConfig

from bot.engine.action_endpoint import InProcessActions, validate_action_results_once
from bot.engine.nlg import KnowledgeResponder
from bot.engine.tracker_store import TurnTrackerStore
from storage.database import Database

logger = logging.getLogger(__name__)


class EngineAgent(Agent):
    """Rasa's Agent without its FailSafeTrackerStore, which answers a failed read with an empty memory."""

    @staticmethod
    def _create_tracker_store(store: Any, domain: Any) -> Any:
        if store is None:
            raise ValueError("the engine's agent needs a tracker store; pass tracker_store=")
        return store


def load_agent(model: Path, *, database: Database, action_server_url: str = "") -> tuple[Agent, TurnTrackerStore]:
    """Load a trained model; returns the agent and its tracker store.

    :param action_server_url: a stock Rasa action server; empty runs the actions in this process.
    :raises rasa.exceptions.ModelNotFound: when there is no model at the path.
    """
    validate_action_results_once()
    store = TurnTrackerStore(database)
    endpoint = EndpointConfig(url=action_server_url) if action_server_url else InProcessActions()
    # Not EngineAgent.load: it makes a plain Agent, whatever class it is called on (rasa/core/agent.py:334).
    agent = EngineAgent(
        generator=KnowledgeResponder(),
        tracker_store=store,
        lock_store=InMemoryLockStore(),
        action_endpoint=endpoint,
    )
    agent.load_model(model)
    return agent, store
