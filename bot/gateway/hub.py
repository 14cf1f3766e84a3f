"""Open WebSocket connections, and what each has been sent.

A connection has a cursor, the number of the last message it was sent. A push is "look what is new after your cursor":
messages are read from storage, so a push can be lost, doubled or late without a message being so, and a widget that
comes back with its cursor gets exactly what it missed.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from bot.gateway.errors import TooMany
from bot.gateway.metrics import Metrics

_PAGE = 100
#: Receipts and errors that may wait for a slow client before it is dropped.
_MAX_WAITING_FRAMES = 200

#: Reads up to `limit` messages of a conversation after a number, for one participant, as (seq, view) pairs.
ReadAfter = Callable[[str, str, int, int], Awaitable[Sequence[tuple[int, dict[str, Any]]]]]
SendFrame = Callable[[dict[str, Any]], Awaitable[None]]


class Connection:
    """One widget's connection to one conversation."""

    def __init__(self, conversation_id: str, participant_id: str, *, after: int) -> None:
        self.conversation_id = conversation_id
        self.participant_id = participant_id
        self.cursor = after
        self.acknowledged = after
        self.closing = False
        self.typing = False
        self._typing_shown = False
        self._frames: deque[dict[str, Any]] = deque()
        self._wake = asyncio.Event()
        self._wake.set()  # whatever was missed is due at once

    def push(self) -> None:
        """Look for messages after the cursor."""
        self._wake.set()

    def put(self, frame: dict[str, Any]) -> None:
        """Send a frame that is not a message; a client that reads nothing for too long is dropped."""
        if len(self._frames) >= _MAX_WAITING_FRAMES:
            self.close()
        else:
            self._frames.append(frame)
            self._wake.set()

    def set_typing(self, on: bool) -> None:
        """Show or hide the typing dots."""
        self.typing = on
        self._wake.set()

    def acknowledge(self, seq: int) -> None:
        """Note that the client has everything up to `seq`; more than was sent cannot be acknowledged."""
        self.acknowledged = max(self.acknowledged, min(seq, self.cursor))

    def close(self) -> None:
        """End the connection; the client comes back with its cursor."""
        self.closing = True
        self._wake.set()

    async def run(self, send: SendFrame, read_after: ReadAfter) -> None:
        """Send frames and messages in order until the connection is closed; the only sender of its socket."""
        while not self.closing:
            await self._wake.wait()
            self._wake.clear()
            await self._send_frames(send)
            if self.typing:
                await self._show_typing(send, True)
            while not self.closing:
                page = await read_after(self.conversation_id, self.participant_id, self.cursor, _PAGE)
                for seq, view in page:
                    await send({"type": "message", "message": view})
                    self.cursor = seq
                await self._send_frames(send)  # a receipt does not wait for a long history
                if len(page) < _PAGE:
                    break
            if not self.typing:
                await self._show_typing(send, False)  # only after the message that was being typed

    async def _send_frames(self, send: SendFrame) -> None:
        while self._frames and not self.closing:
            await send(self._frames.popleft())

    async def _show_typing(self, send: SendFrame, on: bool) -> None:
        if self._typing_shown != on and not self.closing:
            self._typing_shown = on
            await send({"type": "typing", "on": on})


class Hub:
    """Every open connection of this process, by conversation."""

    def __init__(self, *, max_connections: int, max_per_conversation: int, metrics: Metrics) -> None:
        self._max_connections = max_connections
        self._max_per_conversation = max_per_conversation
        self._metrics = metrics
        self._by_conversation: dict[str, set[Connection]] = {}
        self._typing: set[str] = set()
        self._count = 0

    def join(self, connection: Connection) -> None:
        """Let a connection hear of its conversation.

        :raises TooMany: too_many_connections.
        """
        others = self._by_conversation.get(connection.conversation_id, set())
        if self._count >= self._max_connections or len(others) >= self._max_per_conversation:
            raise TooMany(
                "too_many_connections",
                "Too many connections are open.",
                expected=f"at most {self._max_per_conversation} for one conversation",
                remedy="close other tabs, or read with GET …/messages",
                retry_after=5.0,
            )
        self._by_conversation.setdefault(connection.conversation_id, set()).add(connection)
        self._count += 1
        self._metrics.connections.set(self._count)
        connection.set_typing(connection.conversation_id in self._typing)

    def leave(self, connection: Connection) -> None:
        """Forget a connection; harmless when it is not there."""
        others = self._by_conversation.get(connection.conversation_id, set())
        if connection in others:
            others.remove(connection)
            self._count -= 1
            self._metrics.connections.set(self._count)
            if not others:
                del self._by_conversation[connection.conversation_id]

    def push(self, conversation_id: str) -> None:
        """Something was committed in the conversation: every connection of it looks."""
        for connection in self._by_conversation.get(conversation_id, ()):
            connection.push()

    def typing(self, conversation_id: str, on: bool) -> None:
        """Show or hide the typing dots."""
        (self._typing.add if on else self._typing.discard)(conversation_id)
        for connection in self._by_conversation.get(conversation_id, ()):
            connection.set_typing(on)

    def release(self, conversation_id: str, *, keep: str) -> None:
        """Close the connections of participants other than `keep`: the conversation is no longer theirs."""
        for connection in tuple(self._by_conversation.get(conversation_id, ())):
            if connection.participant_id != keep:
                connection.close()

    def close(self) -> None:
        """Close every connection: the process ends, clients come back to the next one."""
        for connections in tuple(self._by_conversation.values()):
            for connection in tuple(connections):
                connection.close()

    def __len__(self) -> int:
        """The number of open connections."""
        return self._count
