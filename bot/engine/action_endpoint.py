"""Runs rasa_sdk actions inside the worker instead of calling an action server over HTTP."""

import asyncio
import copy
import json
import logging
from typing import Any

import jsonschema
from rasa.core.actions.action import RemoteAction
from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

logger = logging.getLogger(__name__)

#: What the customer reads when a business action fails: an apology and a way on, never a dead end. It does not
#: say that nothing was done: an action that ran out of time goes on in its thread and may still have its effect.
APOLOGY = {
    "text": "非常抱歉，系统刚才出了点问题，这一步没能确认办成。您可以稍后再试，或者转人工客服为您处理。",
    "buttons": [{"title": "转人工客服", "payload": "/request_human"}],
    "custom": {"type": "action_failed"},
}


class InProcessActions(EndpointConfig):
    """An action endpoint that executes the registered rasa_sdk actions in this process.

    Rasa's RemoteAction only ever calls `request` (rasa/core/actions/action.py:780). A rejected form becomes
    the HTTP 400 that RemoteAction expects; any other failure becomes an apology to the customer.

    :param timeout: seconds that one action may take.
    """

    def __init__(self, package: str = "actions", timeout: float = 10.0) -> None:
        super().__init__(url="in-process")
        self._executor = ActionExecutor()
        self._executor.register_package(package)
        self._timeout = timeout

    async def request(self, method: str = "post", subpath: str | None = None, **kwargs: Any) -> Any:
        call = kwargs["json"]
        try:
            # In a thread: an action that waits for the shop must not stop the worker's other conversations.
            return await asyncio.wait_for(asyncio.to_thread(asyncio.run, self._executor.run(call)), self._timeout)
        except ActionExecutionRejection as rejection:
            # RemoteAction.run reads the body of a 400 and raises its own rejection from it.
            body = json.dumps({"action_name": rejection.action_name, "error": str(rejection)})
            raise ClientResponseError(400, "rejected", body) from rejection
        except ActionNotFoundException:
            raise  # a domain that names an action nobody wrote is our mistake; the contract test finds it
        except Exception:
            logger.exception("action %s failed", call.get("next_action"))
            # A copy: RemoteAction takes the buttons out of the response it is given.
            return {"events": [], "responses": [copy.deepcopy(APOLOGY)]}


def validate_action_results_once() -> None:
    """Let RemoteAction check results with one compiled validator.

    Rasa 3.6.21 calls `jsonschema.validate`, which checks the schema itself again at every call: 55 ms of CPU
    for each custom action. The schema does not change, so one validator serves all calls.
    """
    schema = RemoteAction.action_response_format_spec()
    validator = jsonschema.validators.validator_for(schema)(schema)

    def validate(self: RemoteAction, result: dict[str, Any]) -> bool:
        validator.validate(result)
        return True

    RemoteAction._validate_action_result = validate  # type: ignore[method-assign]
