"""The WebSocket: hello with token and cursor, then messages both ways.

Close codes: 4400 bad or late hello, 4401 token, 4404 unknown conversation, 4429 too many; 1012 come back later.
Every close for a reason is preceded by an error frame in the one error shape.
"""

import asyncio
import logging
import re
from collections.abc import Sequence
from typing import Any, Literal

from fastapi import APIRouter, WebSocket
from pydantic import StrictInt, StrictStr, ValidationError, conint
from starlette.websockets import WebSocketDisconnect

from bot.gateway.acceptance import MessageIn, accept_message
from bot.gateway.bodies import StrictBody
from bot.gateway.context import Gateway
from bot.gateway.errors import (
    BadRequest,
    GatewayError,
    NotFound,
    TooLarge,
    TooMany,
    Unauthorised,
    Unprocessable,
    from_storage,
    from_validation,
    parse_object,
)
from bot.gateway.guard import origin_allowed
from bot.gateway.hub import Connection
from bot.gateway.identity import Session
from bot.gateway.views import message_view
from storage import messages
from storage.errors import StorageError

log = logging.getLogger(__name__)
router = APIRouter()

HELLO_SECONDS = 10.0
#: A widget pings every half minute or so; one that is silent for this long is gone without having said so.
IDLE_SECONDS = 120.0
_MAX_BAD_FRAMES = 20
_CLIENT_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_CLOSE_CODES = {Unauthorised: 4401, NotFound: 4404, TooMany: 4429}


class HelloFrame(StrictBody):
    type: Literal["hello"]
    token: StrictStr
    after: conint(strict=True, ge=0, le=2**31 - 1) = 0


class AckFrame(StrictBody):
    type: Literal["ack"]
    seq: StrictInt


class MessageFrame(MessageIn):
    type: Literal["message"]


@router.websocket("/conversations/{conversation_id}/stream")
async def stream(socket: WebSocket, conversation_id: str) -> None:
    """Serve one widget until it leaves, its session ends, or the conversation is no longer its own."""
    gateway: Gateway = socket.app.state.gateway
    if not origin_allowed(socket.headers, gateway.config.allowed_origins):
        await socket.close(1008)  # before accept: the browser sees 403
        return
    await socket.accept()
    link = _Link(socket, gateway, conversation_id)
    try:
        await link.serve()
    except WebSocketDisconnect:
        pass


class _Link:
    """One socket between its hello and its end."""

    def __init__(self, socket: WebSocket, gateway: Gateway, conversation_id: str) -> None:
        self._socket = socket
        self._gateway = gateway
        self._conversation_id = conversation_id

    async def serve(self) -> None:
        try:
            session, connection, last_seq = await self._hello()
        except (GatewayError, StorageError) as error:
            await self._refuse(error if isinstance(error, GatewayError) else from_storage(error))
            return
        connection.put({"type": "welcome", "last_seq": last_seq})
        sending = asyncio.ensure_future(connection.run(self._send, self._read_after))
        receiving = asyncio.ensure_future(self._receive_all(session, connection))
        try:
            done, _ = await asyncio.wait({sending, receiving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._gateway.hub.leave(connection)
            sending.cancel()
            receiving.cancel()
            results = await asyncio.gather(sending, receiving, return_exceptions=True)
        failure = next((one for one in results if isinstance(one, (GatewayError, StorageError))), None)
        if any(isinstance(one, WebSocketDisconnect) for one in results):
            return
        if failure is not None:
            await self._refuse(failure if isinstance(failure, GatewayError) else from_storage(failure))
            return
        for unexpected in results:
            if isinstance(unexpected, Exception):
                log.error("stream ended request=%s error=%s", self._request_id, type(unexpected).__name__)
        await self._socket.close(1012)

    async def _hello(self) -> tuple[Session, Connection, int]:
        try:
            frame = await asyncio.wait_for(self._receive(), HELLO_SECONDS)
        except asyncio.TimeoutError as error:
            raise BadRequest(
                "hello_missing", "No hello came.", key="type", expected=f"a hello frame within {HELLO_SECONDS:g} s"
            ) from error
        try:
            hello = HelloFrame.parse_obj(frame)
        except ValidationError as error:
            raise from_validation(error.errors()) from error
        session = self._gateway.identity.session(hello.token)
        connection = Connection(self._conversation_id, session.participant_id, after=hello.after)
        # Joined before looking: what is committed from now on is pushed, what was before is read.
        self._gateway.hub.join(connection)
        try:
            _, last_seq = await self._gateway.transactions.read(
                messages.page_for,
                conversation_id=self._conversation_id,
                participant_id=session.participant_id,
                after=hello.after,
                limit=1,
            )
        except BaseException:
            self._gateway.hub.leave(connection)
            raise
        # A cursor from the future (the database was restored) would hide every new message up to it.
        connection.cursor = connection.acknowledged = min(hello.after, last_seq)
        return session, connection, last_seq

    async def _receive_all(self, session: Session, connection: Connection) -> None:
        bad_frames = 0
        while True:
            frame: dict[str, Any] = {}
            try:
                try:
                    frame = await asyncio.wait_for(self._receive(), IDLE_SECONDS)
                except asyncio.TimeoutError:
                    return
                if session.expires_at < self._gateway.clock():
                    raise Unauthorised("token_expired", "The session has expired.", key="token")
                await self._answer(frame, session, connection)
            except Unauthorised:
                raise
            except (GatewayError, StorageError) as error:
                known = error if isinstance(error, GatewayError) else from_storage(error)
                connection.put(self._error_frame(known, frame))
                if isinstance(known, NotFound):
                    raise  # the conversation has moved to another participant
                if not isinstance(known, TooMany):
                    bad_frames += 1
                    if bad_frames > _MAX_BAD_FRAMES:
                        raise

    async def _answer(self, frame: dict[str, Any], session: Session, connection: Connection) -> None:
        kind = frame.get("type")
        try:
            if kind == "ping":
                connection.put({"type": "pong"})
            elif kind == "ack":
                connection.acknowledge(AckFrame.parse_obj(frame).seq)
            elif kind == "message":
                body = MessageFrame.parse_obj(frame)
                await self._accept(body, session, connection)
            else:
                raise Unprocessable(
                    "unknown_frame", "This frame is not known.", key="type", value=kind, expected="message, ack or ping"
                )
        except ValidationError as error:
            raise from_validation(error.errors()) from error

    async def _accept(self, body: MessageFrame, session: Session, connection: Connection) -> None:
        address = self._socket.client and self._socket.client.host
        receipt = await accept_message(self._gateway, session, self._conversation_id, body, address=address)
        connection.put({"type": "accepted", "client_message_id": body.client_message_id, **receipt})

    async def _receive(self) -> dict[str, Any]:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        text = message.get("text")
        if text is None:
            raise Unprocessable("invalid_request", "Frames are text.", key="frame", expected="a text frame with JSON")
        limit = self._gateway.config.max_body_bytes
        if len(text) > limit or len(text.encode("utf-8", "replace")) > limit:
            raise TooLarge("body_too_large", "The frame is too large.", key="frame", expected=f"at most {limit} bytes")
        return parse_object(text)

    async def _read_after(
        self, conversation_id: str, participant_id: str, after: int, limit: int
    ) -> Sequence[tuple[int, dict[str, Any]]]:
        page, _ = await self._gateway.transactions.read(
            messages.page_for,
            conversation_id=conversation_id,
            participant_id=participant_id,
            after=after,
            limit=limit,
        )
        return [(message.seq, message_view(message, self._gateway.buttons)) for message in page]

    async def _send(self, frame: dict[str, Any]) -> None:
        await self._socket.send_json(frame)

    async def _refuse(self, error: GatewayError) -> None:
        code = next((code for kind, code in _CLOSE_CODES.items() if isinstance(error, kind)), 4400)
        await self._send(self._error_frame(error, {}))
        await self._socket.close(code)

    def _error_frame(self, error: GatewayError, frame: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = {"type": "error", "error": error.detail(self._request_id)}
        client_message_id = frame.get("client_message_id")
        if isinstance(client_message_id, str) and _CLIENT_ID.fullmatch(client_message_id):
            answer["client_message_id"] = client_message_id
        return answer

    @property
    def _request_id(self) -> str:
        return self._socket.state.request_id
