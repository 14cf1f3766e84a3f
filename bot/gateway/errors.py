"""The one JSON error shape, and the exceptions that become it.

    {"error": {"code", "message", "key"?, "value"?, "expected"?, "remedy"?, "request_id"}}

    GatewayError
    ├── BadRequest (ValueError)        400  malformed JSON
    ├── Unauthorised (PermissionError) 401  no token, or one that is forged or expired
    ├── Forbidden (PermissionError)    403  signed in, but this may not be done
    ├── NotFound (LookupError)         404  unknown, or somebody else's: the two look the same
    ├── NotAllowed (ValueError)        405  the path knows other methods
    ├── TooLarge (ValueError)          413  body above the limit
    ├── WrongType (ValueError)         415  body is not JSON
    ├── Unprocessable (ValueError)     422  JSON, but not what is expected
    ├── TooMany (RuntimeError)         429  slow down; carries Retry-After
    └── Unavailable (RuntimeError)     503  not ready

An unexpected exception becomes a 500 "internal" without detail; the log has its type and place, never its text, for
that may quote a customer.
"""

import json
import math
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from storage.errors import NotRatable, UnknownConversation, UnknownMessage, UnknownParticipant

_MAX_SHOWN = 100


class ErrorDetail(BaseModel):
    """What went wrong, for the program (`code`) and for people."""

    code: str
    message: str
    key: str | None = None
    value: str | None = None
    expected: str | None = None
    remedy: str | None = None
    request_id: str


class ErrorBody(BaseModel):
    """The body of every answer that is not a success."""

    error: ErrorDetail


class GatewayError(Exception):
    """Base of everything that the gateway answers with an error; `status` is the HTTP status."""

    status = 500

    def __init__(
        self,
        code: str,
        message: str,
        *,
        key: str | None = None,
        value: Any = None,
        expected: str | None = None,
        remedy: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.key = key
        self.value = None if value is None else shown(value) or None
        self.expected = expected
        self.remedy = remedy
        self.retry_after = retry_after

    def detail(self, request_id: str) -> dict[str, str]:
        """Return what stands under "error"; absent parts are left out."""
        parts = ("code", "message", "key", "value", "expected", "remedy")
        found = {name: getattr(self, name) for name in parts if getattr(self, name) is not None}
        return {**found, "request_id": request_id}


class BadRequest(GatewayError, ValueError):
    status = 400


class Unauthorised(GatewayError, PermissionError):
    status = 401


class Forbidden(GatewayError, PermissionError):
    status = 403


class NotFound(GatewayError, LookupError):
    status = 404


class NotAllowed(GatewayError, ValueError):
    status = 405


class TooLarge(GatewayError, ValueError):
    status = 413


class WrongType(GatewayError, ValueError):
    status = 415


class Unprocessable(GatewayError, ValueError):
    status = 422


class TooMany(GatewayError, RuntimeError):
    status = 429


class Unavailable(GatewayError, RuntimeError):
    status = 503


def shown(value: Any) -> str:
    """Return a value as an error may repeat it: short, printable, valid UTF-8."""
    text = value if isinstance(value, str) else repr(value)
    text = text.encode("utf-8", "replace").decode()
    text = "".join(character if character.isprintable() else " " for character in text)
    return text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "…"


def unknown_conversation(conversation_id: str) -> NotFound:
    """The same answer for a conversation that does not exist and for one that is somebody else's."""
    return NotFound(
        "unknown_conversation",
        "There is no such conversation.",
        key="conversation_id",
        value=conversation_id,
        expected="a conversation of this session",
        remedy="open one with POST /api/v1/conversations",
    )


def unknown_message(message_id: str) -> NotFound:
    """A message that is not in this conversation."""
    return NotFound(
        "unknown_message",
        "There is no such message in this conversation.",
        key="message_id",
        value=message_id,
        expected="a message of this conversation",
    )


def nothing_here(path: str) -> NotFound:
    """No route, or a path that no route could mean."""
    return NotFound("not_found", "There is nothing at this address.", key="path", value=path)


def internal() -> GatewayError:
    """What a caller learns about a bug or a broken database: nothing but the request id."""
    return GatewayError(
        "internal", "Something went wrong on our side.", remedy="try again; report the request_id if it stays"
    )


def from_storage(error: Exception) -> GatewayError:
    """Translate what storage raised about the caller's data; anything else is `internal`."""
    if isinstance(error, UnknownConversation):
        return unknown_conversation(error.id)
    if isinstance(error, UnknownMessage):
        return unknown_message(error.id)
    if isinstance(error, UnknownParticipant):
        return Unauthorised(
            "token_invalid",
            "The session is no longer known.",
            key="token",
            remedy="start one with POST /api/v1/sessions",
        )
    if isinstance(error, NotRatable):
        return Unprocessable(
            "not_ratable",
            "This message takes no rating.",
            key="message_id",
            value=error.id,
            expected="an answer whose ratable is true",
        )
    return internal()


def response(error: GatewayError, request_id: str) -> JSONResponse:
    """Return the error as an answer, with the headers that belong to its status."""
    headers = {}
    if isinstance(error, Unauthorised):
        headers["WWW-Authenticate"] = "Bearer"
    if error.retry_after is not None:
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
    return JSONResponse({"error": error.detail(request_id)}, status_code=error.status, headers=headers)


def install(app: FastAPI) -> None:
    """Make every error of the app take the one shape."""

    @app.exception_handler(GatewayError)
    async def on_gateway_error(request: Request, error: GatewayError) -> JSONResponse:
        return response(error, request.state.request_id)

    @app.exception_handler(RequestValidationError)
    async def on_validation_error(request: Request, error: RequestValidationError) -> JSONResponse:
        return response(from_validation(error.errors()), request.state.request_id)

    @app.exception_handler(HTTPException)
    async def on_http_exception(request: Request, error: HTTPException) -> JSONResponse:
        answer = response(_from_status(error.status_code, request), request.state.request_id)
        answer.headers.update(error.headers or {})
        return answer

    for kind in (UnknownParticipant, UnknownConversation, UnknownMessage, NotRatable):

        @app.exception_handler(kind)
        async def on_storage_error(request: Request, error: Exception) -> JSONResponse:
            return response(from_storage(error), request.state.request_id)


def from_validation(errors: list[dict]) -> GatewayError:
    """Translate what the request models found; the first fault is told, as one remedy at a time helps most."""
    first = errors[0]
    if first["type"] in ("value_error.jsondecode", "json_invalid"):
        return malformed_json()
    where = [str(part) for part in first["loc"] if part not in ("body", "query", "path", "__root__")]
    return Unprocessable(
        "invalid_request",
        f"The request is not what is expected: {first['msg']}.",
        key=".".join(where) or "body",
        expected=first["msg"],
    )


def malformed_json() -> BadRequest:
    """A body or frame that is no JSON at all."""
    return BadRequest("malformed_json", "The body is not valid JSON.", key="body", expected="a JSON object in UTF-8")


def parse_object(text: str) -> dict:
    """Return the JSON object in a WebSocket frame.

    :raises BadRequest: when it is not JSON (nesting without end included) or not an object.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise malformed_json() from error
    if not isinstance(value, dict):
        raise malformed_json()
    return value


def _from_status(status: int, request: Request) -> GatewayError:
    if status == 404:
        return nothing_here(request.url.path)
    if status == 405:
        return NotAllowed(
            "method_not_allowed", "This address does not know that method.", key="method", value=request.method
        )
    if status == 400:
        # FastAPI answers so when the body cannot be read as JSON for another reason than its syntax.
        return malformed_json()
    error = GatewayError("http_error", f"The request failed with status {status}.")
    error.status = status
    return error
