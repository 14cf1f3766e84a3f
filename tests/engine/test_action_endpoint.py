import ast
import hashlib
import inspect
import textwrap
import threading

import jsonschema
import pytest
import rasa.core.actions.action as rasa_actions
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa_sdk.interfaces import ActionExecutionRejection as Rejected
from rasa_sdk.interfaces import ActionNotFoundException

from bot.engine.action_endpoint import APOLOGY, InProcessActions, validate_action_results_once
from bot.engine.output import ReplyCollector
from tests.engine.conftest import DIALOGUE

DOMAIN = Domain.load(DIALOGUE / "domain.yml")


@pytest.fixture(scope="module")
def actions():
    return InProcessActions()


def run(endpoint, name, customer="c1001"):
    """Run a custom action as Rasa does."""
    metadata = {"customer_id": customer, "message_id": "m-1"}
    said = UserUttered("…", intent={"name": "my_account"}, metadata=metadata)
    tracker = DialogueStateTracker.from_events("c-1", [said], slots=DOMAIN.slots)
    nlg = TemplatedNaturalLanguageGenerator(DOMAIN.responses)
    return RemoteAction(name, endpoint).run(ReplyCollector("widget"), nlg, tracker, DOMAIN)


def with_action(endpoint, function):
    endpoint._executor.register_function("action_under_test", function)
    return endpoint


@pytest.mark.asyncio
async def test_a_real_action_runs_in_process_and_sees_who_asked(actions, backend):
    (said,) = await run(actions, "action_my_account", customer="c1002")
    assert said.text.startswith("周大海")
    login, *_ = await run(actions, "action_my_account", customer=None)
    assert login.data["custom"] == {"type": "login_required"}


@pytest.mark.asyncio
async def test_events_reach_rasa(actions):
    with_action(
        actions, lambda dispatcher, tracker, domain: [{"event": "slot", "name": "refund_reason", "value": "坏了"}]
    )
    assert await run(actions, "action_under_test") == [SlotSet("refund_reason", "坏了")]


@pytest.mark.asyncio
async def test_a_rejected_action_is_what_rasa_expects(actions):
    def rejects(dispatcher, tracker, domain):
        raise Rejected("action_under_test", "不办了")

    with pytest.raises(ActionExecutionRejection) as rejection:
        await run(with_action(actions, rejects), "action_under_test")
    assert (rejection.value.action_name, rejection.value.message) == ("action_under_test", "不办了")


@pytest.mark.asyncio
async def test_a_failing_action_becomes_an_apology_with_a_human_every_time(actions):
    def fails(dispatcher, tracker, domain):
        raise KeyError("customer")

    for _ in range(2):  # RemoteAction takes the buttons out of what it is given
        (said,) = await run(with_action(actions, fails), "action_under_test")
        assert said.text == APOLOGY["text"]
        assert [button["payload"] for button in said.data["buttons"]] == ["/request_human"]


@pytest.mark.asyncio
async def test_an_action_that_takes_too_long_becomes_an_apology_that_claims_nothing():
    released = threading.Event()

    def waits(dispatcher, tracker, domain):
        released.wait()
        return []

    try:
        (said,) = await run(with_action(InProcessActions(timeout=0.05), waits), "action_under_test")
    finally:
        released.set()
    assert said.text == APOLOGY["text"]
    assert "没有变动" not in said.text


@pytest.mark.asyncio
async def test_an_action_that_waits_leaves_the_event_loop_alone(actions):
    here = threading.get_ident()
    threads = []
    with_action(actions, lambda dispatcher, tracker, domain: threads.append(threading.get_ident()))
    await run(actions, "action_under_test")
    assert threads and here not in threads


@pytest.mark.asyncio
async def test_an_action_nobody_wrote_is_our_mistake_and_is_raised(actions):
    with pytest.raises(ActionNotFoundException):
        await run(actions, "action_that_nobody_wrote")


def test_every_action_of_the_domain_is_written_and_no_other(actions):
    named = {action for action in DOMAIN.user_actions if action.startswith(("action_", "validate_"))}
    written = {
        name for name, run in actions._executor.actions.items() if getattr(run, "__module__", "").startswith("actions.")
    }
    assert named == written


# What `validate_action_results_once` replaces, in Rasa 3.6.21. Where one of these differs, look at Rasa's new
# version before the hash here is changed: the replacement must still check the same.
REPLACED = {
    "_validate_action_result": "24da0f6bdeb2d44f",
    "action_response_format_spec": "6f492274727ebb10",
}


@pytest.mark.parametrize(("name", "known"), REPLACED.items())
def test_rasas_check_of_action_results_is_the_one_we_replace(name, known):
    source = inspect.getsource(rasa_actions)  # from the file: in this process the method may be replaced already
    remote = next(node for node in ast.parse(source).body if getattr(node, "name", "") == "RemoteAction")
    function = next(node for node in remote.body if getattr(node, "name", "") == name)
    text = textwrap.dedent(ast.get_source_segment(source, function))
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == known


@pytest.mark.parametrize(
    "result",
    [
        {"events": [], "responses": [{"text": "好"}]},
        {"events": [{"event": "slot", "name": "a", "timestamp": None, "value": [1]}], "responses": []},
        {},
        {"events": [{"event": "no such event"}]},
        {"events": [{"event": "slot"}]},
        {"events": {}},
        {"responses": ["好"]},
        [],
        None,
    ],
)
def test_the_compiled_check_judges_as_jsonschema_does(result):
    validate_action_results_once()
    action = RemoteAction("action_under_test", None)
    try:
        jsonschema.validate(result, RemoteAction.action_response_format_spec())
    except jsonschema.ValidationError as error:
        with pytest.raises(jsonschema.ValidationError) as raised:
            action._validate_action_result(result)
        assert raised.value.message == error.message
    else:
        assert action._validate_action_result(result) is True
