"""The outermost layer: request id, body limit, content type, security headers, and no exception without an answer."""

import logging
import re
import secrets
import traceback
from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.gateway.errors import GatewayError, TooLarge, WrongType, internal, nothing_here, response

log = logging.getLogger(__name__)

_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_NOTHING_ALLOWED = "default-src 'none'; frame-ancestors 'none'"
#: Pages of ours: own scripts only; Lit's fallback for old browsers writes style elements.
_OWN_PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGES = ("/demo/", "/articles/")


class Guard:
    """Wraps the app; every HTTP request passes here first and every answer last."""

    def __init__(self, app: ASGIApp, *, max_body_bytes: int) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return

        started = False

        async def guarded_send(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _secure(MutableHeaders(scope=message), scope["path"], request_id)
            await send(message)

        try:
            if not scope["path"].isprintable():
                raise nothing_here(scope["path"])  # no id of ours has control characters, and PostgreSQL chokes on NUL
            body = await self._body(scope, headers, receive)
            if body is None:
                return
            await self._app(scope, _replay(body, receive), guarded_send)
        except GatewayError as error:
            await response(error, request_id)(scope, receive, guarded_send)
        except Exception as error:
            log.error("unexpected request=%s %s", request_id, _place(error))
            if started:
                raise  # half an answer is out: the server must cut the connection
            await response(internal(), request_id)(scope, receive, guarded_send)

    async def _body(self, scope: Scope, headers: Headers, receive: Receive) -> bytes | None:
        """Return the whole body, or None when the client went away before it was complete."""
        parts: list[bytes] = []
        size = 0
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            parts.append(message.get("body", b""))
            more = message.get("more_body", False)
            size += len(parts[-1])
            if size > self._max_body_bytes:
                raise TooLarge(
                    "body_too_large",
                    "The body is too large.",
                    key="body",
                    expected=f"at most {self._max_body_bytes} bytes",
                    remedy="shorten the text or send it in parts",
                )
        if size and scope["method"] in ("POST", "PUT", "PATCH") and not _is_json(headers.get("content-type", "")):
            raise WrongType(
                "wrong_content_type",
                "The body must be JSON.",
                key="content-type",
                value=headers.get("content-type", ""),
                expected="application/json",
            )
        return b"".join(parts)


def origin_allowed(headers: Headers, allowed: Sequence[str]) -> bool:
    """Whether a WebSocket may be opened by the page that asks for it; browsers do not check that themselves.

    A client that names no origin is no browser page, and needs a token all the same.
    """
    origin = headers.get("origin")
    if origin is None or origin in allowed:
        return True
    return origin.partition("://")[2] == headers.get("host", "")


def _replay(body: bytes, receive: Receive) -> Receive:
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return waiting.pop() if waiting else await receive()

    return replayed


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json"


def _secure(headers: MutableHeaders, path: str, request_id: str) -> None:
    headers["X-Request-Id"] = request_id
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Content-Security-Policy"] = _OWN_PAGE if path.startswith(_PAGES) else _NOTHING_ALLOWED
    # The widget's script is meant to be embedded by the shop's pages, nothing else is.
    headers["Cross-Origin-Resource-Policy"] = "cross-origin" if path.startswith("/widget/") else "same-origin"
    headers.setdefault("Cache-Control", "no-cache" if path.startswith(("/widget/", *_PAGES)) else "no-store")


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    where = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    return f"{type(error).__name__} at {where}"
