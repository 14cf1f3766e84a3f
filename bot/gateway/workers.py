"""The engine workers as the gateway sees them: which one holds a conversation, and one call to it."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

#: Connecting to a Unix socket on the same machine takes microseconds; a full backlog shows as waiting.
_CONNECT_SECONDS = 2.0
_HEALTH_SECONDS = 2.0
#: Shorter than a worker keeps an idle connection (uvicorn: 5 s), or a turn might be sent into one just being closed.
_KEEP_IDLE_SECONDS = 2.0


class WorkerUnreachable(ConnectionError):
    """Nobody listens, or not ready yet: the turn has not begun, trying again costs nothing."""


class WorkerFailed(RuntimeError):
    """The worker took the turn and gave no result: it died, ran out of time, or answered with an error."""

    def __init__(self, cause: str, message: str) -> None:
        super().__init__(message)
        self.cause = cause


class Workers:
    """The workers behind `sockets`; the names of the sockets decide who holds which conversation."""

    def __init__(self, sockets: Sequence[Path], *, turn_timeout_s: float, turns_per_worker: int) -> None:
        self._sockets = tuple(sockets)
        self._turn_timeout_s = turn_timeout_s
        self._clients = {
            socket: httpx.AsyncClient(
                transport=httpx.AsyncHTTPTransport(
                    uds=str(socket), limits=httpx.Limits(keepalive_expiry=_KEEP_IDLE_SECONDS)
                ),
                base_url="http://worker",
                timeout=httpx.Timeout(turn_timeout_s, connect=_CONNECT_SECONDS),
            )
            for socket in self._sockets
        }
        # Waiting for a free place is not part of a turn's time limit.
        self._places = {socket: asyncio.Semaphore(turns_per_worker) for socket in self._sockets}

    def holder(self, conversation_id: str) -> Path:
        """Return the worker that holds a conversation (rendezvous hash: removing a worker moves only its share)."""
        return holder(conversation_id, self._sockets)

    async def run_turn(self, conversation_id: str, request: Mapping[str, Any]) -> bytes:
        """Send a TurnRequest to the conversation's worker and return the body of its answer.

        :raises WorkerUnreachable: when no worker took the turn.
        :raises WorkerFailed: when it took it and gave no result within the time limit.
        """
        socket = self.holder(conversation_id)
        async with self._places[socket]:
            try:
                answer = await asyncio.wait_for(
                    self._clients[socket].post("/turn", json=dict(request)), self._turn_timeout_s
                )
            except httpx.ConnectError as error:
                raise WorkerUnreachable(f"{socket.name}: nobody listens") from error
            except (asyncio.TimeoutError, httpx.TimeoutException) as error:
                raise WorkerFailed("timeout", f"{socket.name}: no result within {self._turn_timeout_s:g} s") from error
            except httpx.TransportError as error:
                raise WorkerFailed("died", f"{socket.name}: connection lost ({type(error).__name__})") from error
        if answer.status_code == 503:
            raise WorkerUnreachable(f"{socket.name}: not ready")
        if answer.status_code != 200:
            raise WorkerFailed("error", f"{socket.name}: answered with status {answer.status_code}")
        return answer.content

    async def health(self) -> list[dict[str, Any]]:
        """Return {"worker", "ready", "model"} for each worker; one that does not answer is not ready."""
        return list(await asyncio.gather(*(self._health_of(socket) for socket in self._sockets)))

    async def close(self) -> None:
        """Close every connection."""
        await asyncio.gather(*(client.aclose() for client in self._clients.values()))

    async def _health_of(self, socket: Path) -> dict[str, Any]:
        try:
            answer = await self._clients[socket].get("/health", timeout=_HEALTH_SECONDS)
            body = answer.json()
            ready = answer.status_code == 200 and body["ready"] is True
            return {"worker": socket.stem, "ready": ready, "model": body.get("model")}
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            return {"worker": socket.stem, "ready": False, "model": None}


def holder(conversation_id: str, sockets: Sequence[Path]) -> Path:
    """Return the socket with the highest hash together with the conversation's id."""

    def weight(socket: Path) -> bytes:
        return hashlib.blake2b(f"{conversation_id}\0{socket.name}".encode(), digest_size=8).digest()

    return max(sockets, key=weight)
