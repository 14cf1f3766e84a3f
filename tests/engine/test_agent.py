import pytest
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.exceptions import ModelNotFound
from rasa.utils.endpoints import EndpointConfig

from bot.engine.action_endpoint import InProcessActions
from bot.engine.agent import EngineAgent, load_agent


def test_the_agent_uses_our_store_itself_and_runs_actions_in_process(model, database):
    agent, store = load_agent(model, database=database)
    assert agent.tracker_store is store and agent.processor.tracker_store is store
    assert not isinstance(agent.tracker_store, FailSafeTrackerStore)
    assert "order_number" in {slot.name for slot in store.domain.slots}
    assert isinstance(agent.processor.action_endpoint, InProcessActions)


def test_a_stock_action_server_is_used_when_it_is_named(model, database):
    agent, _ = load_agent(model, database=database, action_server_url="http://127.0.0.1:5055/webhook")
    endpoint = agent.processor.action_endpoint
    assert type(endpoint) is EndpointConfig and endpoint.url == "http://127.0.0.1:5055/webhook"


def test_without_a_model_loading_fails(tmp_path, database):
    with pytest.raises(ModelNotFound):
        load_agent(tmp_path / "no-model.tar.gz", database=database)


def test_an_agent_without_a_store_is_refused():
    with pytest.raises(ValueError, match="tracker_store="):
        EngineAgent()
