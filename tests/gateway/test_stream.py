"""The WebSocket against a real server: hello, both directions, cursors, and every refusal."""

import asyncio
import json
from contextlib import asynccontextmanager

import anyio.from_thread
import pytest
import websockets

from storage import inbox
from tests.gateway.running import PATIENCE, Visitor, check_error, wait_until

pytestmark = pytest.mark.asyncio


class Widget:
    """A client that keeps what it has been sent, as the real one does."""

    def __init__(self, socket) -> None:
        self.socket = socket
        self.frames: list[dict] = []
        self._taken = 0

    async def send(self, **frame) -> None:
        await self.socket.send(json.dumps(frame))

    async def next(self, kind: str) -> dict:
        """Return the next frame of a kind; the others before it are kept in `frames`."""
        while True:
            frame = json.loads(await asyncio.wait_for(self.socket.recv(), PATIENCE))
            self.frames.append(frame)
            if frame["type"] == kind:
                return frame

    async def messages(self, count: int) -> list[dict]:
        """Return the next messages, those included that came while waiting for something else."""
        while len(self.seen) < self._taken + count:
            await self.next("message")
        self._taken += count
        return self.seen[self._taken - count : self._taken]

    @property
    def seen(self) -> list[dict]:
        return [frame["message"] for frame in self.frames if frame["type"] == "message"]

    async def closed(self) -> int:
        try:
            while True:
                self.frames.append(json.loads(await asyncio.wait_for(self.socket.recv(), PATIENCE)))
        except websockets.ConnectionClosed:
            return self.socket.close_code


@asynccontextmanager
async def opened(visitor, *, conversation_id: str | None = None, **options):
    path = f"/api/v1/conversations/{conversation_id or visitor.conversation_id}/stream"
    async with websockets.connect(f"ws://{visitor.gateway.address}{path}", **options) as socket:
        yield Widget(socket)


@asynccontextmanager
async def joined(visitor, *, after: int = 0):
    async with opened(visitor) as widget:
        await widget.send(type="hello", token=visitor.token, after=after)
        widget.welcome = await widget.next("welcome")
        yield widget


async def test_a_message_and_its_reply(visitor):
    async with joined(visitor) as widget:
        assert widget.welcome["last_seq"] == 0
        await widget.send(type="message", client_message_id="c-1", text="你好")
        own, reply = await widget.messages(2)
        assert (own["seq"], own["client_message_id"], own["sender"]) == (1, "c-1", "customer")
        assert (reply["seq"], reply["text"], reply["reply_to"]) == (2, "回声：你好", own["id"])
        accepted = [frame for frame in widget.frames if frame["type"] == "accepted"]
        assert accepted == [
            {"type": "accepted", "client_message_id": "c-1", "message_id": own["id"], "seq": 1, "duplicate": False}
        ]


async def test_typing_is_shown_until_the_reply_is_there(visitor, worker):
    worker.behaviours["慢"] = ["hold"]
    async with joined(visitor) as widget:
        await widget.send(type="message", client_message_id="c-1", text="慢")
        assert (await widget.next("typing"))["on"] is True
        async with joined(visitor, after=1) as late:
            assert (await late.next("typing"))["on"] is True
        worker.release.set()
        assert (await widget.next("typing"))["on"] is False
        assert [frame["message"]["seq"] for frame in widget.frames if frame["type"] == "message"] == [1, 2]


async def test_a_widget_that_comes_back_gets_exactly_what_it_missed(visitor, worker):
    async with joined(visitor) as widget:
        await widget.send(type="message", client_message_id="c-1", text="一")
        await widget.messages(2)
        await widget.send(type="ack", seq=2)
        worker.behaviours["二"] = ["hold"]
        await widget.send(type="message", client_message_id="c-2", text="二")
        await widget.next("accepted")
    worker.release.set()  # the answer comes while nobody is connected
    await asyncio.to_thread(visitor.ask, "三")
    async with joined(visitor, after=2) as widget:
        assert widget.welcome["last_seq"] == 6
        missed = await widget.messages(4)
        assert [message["seq"] for message in missed] == [3, 4, 5, 6]
        await widget.send(type="message", client_message_id="c-2", text="二")  # it never saw the receipt
        again = await widget.next("accepted")
        assert again["duplicate"] is True and again["message_id"] == missed[0]["id"]
        await widget.send(type="ping")
        await widget.next("pong")
        assert [frame["type"] for frame in widget.frames].count("message") == 4


async def test_a_message_is_answered_whose_sender_is_dropped_while_it_is_committed(start_gateway, worker, monkeypatch):
    gateway = start_gateway(sweep_every_s=3600)
    visitor = Visitor(gateway)
    accept = inbox.accept
    dropped = []

    def slow_accept(*arguments, **named):
        # In the thread that commits: the connection ends first, as a slow or dead client's does.
        anyio.from_thread.run_sync(gateway.parts.hub.close)
        wait_until(lambda: len(gateway.parts.hub) == 0)
        dropped.append(named["client_message_id"])
        return accept(*arguments, **named)

    with monkeypatch.context() as patched:
        patched.setattr(inbox, "accept", slow_accept)
        async with joined(visitor) as widget:
            await widget.send(type="message", client_message_id="c-1", text="你好")
            assert await widget.closed() == 1012
            assert "accepted" not in [frame["type"] for frame in widget.frames]
        await asyncio.to_thread(wait_until, lambda: visitor.said_by("bot"))
    assert dropped == ["c-1"]
    assert (await asyncio.to_thread(visitor.send, "你好", "c-1"))["duplicate"] is True
    await asyncio.to_thread(visitor.ask, "在吗")
    assert visitor.said_by("bot") == ["回声：你好", "回声：在吗"]
    assert [request["text"] for request in worker.requests] == ["你好", "在吗"]


async def test_a_long_history_comes_whole(visitor):
    def talk():
        for number in range(60):
            visitor.send(f"第{number}句")
        visitor.ask("完")

    await asyncio.to_thread(talk)
    async with joined(visitor) as widget:
        assert [message["seq"] for message in await widget.messages(122)] == list(range(1, 123))


async def test_a_cursor_from_the_future_hides_nothing(visitor):
    async with joined(visitor, after=999) as widget:
        await widget.send(type="message", client_message_id="c-1", text="你好")
        assert [message["seq"] for message in await widget.messages(2)] == [1, 2]


async def test_two_tabs_see_the_same(visitor):
    async with joined(visitor) as one, joined(visitor) as two:
        await one.send(type="message", client_message_id="c-1", text="你好")
        assert [m["id"] for m in await one.messages(2)] == [m["id"] for m in await two.messages(2)]


async def test_a_message_over_rest_is_pushed(visitor):
    async with joined(visitor) as widget:
        await asyncio.to_thread(visitor.send, "你好")
        assert [message["text"] for message in await widget.messages(2)] == ["你好", "回声：你好"]


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{", "malformed_json"),
        ("[]", "malformed_json"),
        pytest.param("[" * 8000, "malformed_json", id="deep"),
        (b"\x00\x01", "invalid_request"),
        ({}, "unknown_frame"),
        ({"type": "shout"}, "unknown_frame"),
        ({"type": ["message"]}, "unknown_frame"),
        ({"type": "ack", "seq": "1"}, "invalid_request"),
        ({"type": "message", "text": "你好"}, "invalid_request"),
        ({"type": "message", "client_message_id": "c-1", "text": 5}, "invalid_request"),
        ({"type": "message", "client_message_id": "c-1", "text": "a", "payload": "/x"}, "invalid_request"),
        ({"type": "message", "client_message_id": "c-1", "text": " \u0000 "}, "text_empty"),
        ({"type": "message", "client_message_id": "c-1", "text": "a" * 501}, "text_too_long"),
        ({"type": "message", "client_message_id": "c-1", "text": "好" * 10_000}, "body_too_large"),
        ({"type": "message", "client_message_id": "c-1", "button_token": "x"}, "button_invalid"),
    ],
)
async def test_a_bad_frame_is_refused_and_the_connection_stays(visitor, frame, code):
    async with joined(visitor) as widget:
        await widget.socket.send(json.dumps(frame, ensure_ascii=False) if isinstance(frame, dict) else frame)
        refusal = await widget.next("error")
        check_error(refusal["error"], code)
        if code in ("text_empty", "text_too_long", "button_invalid"):
            assert refusal["client_message_id"] == "c-1"
        await widget.send(type="message", client_message_id="c-1", text="你好")
        assert [message["text"] for message in await widget.messages(2)] == ["你好", "回声：你好"]


async def test_nothing_but_bad_frames_ends_it(visitor):
    async with joined(visitor) as widget:
        for _ in range(21):
            await widget.socket.send("{")
        assert await widget.closed() == 4400


@pytest.mark.parametrize(
    ("hello", "code", "close_code"),
    [
        ({"type": "hello", "after": 0}, "invalid_request", 4400),
        ({"type": "hello", "token": 5, "after": 0}, "invalid_request", 4400),
        ({"type": "hello", "token": "x", "after": -1}, "invalid_request", 4400),
        ({"type": "hello", "token": "x", "after": "0"}, "invalid_request", 4400),
        ({"type": "message", "client_message_id": "c-1", "text": "你好"}, "invalid_request", 4400),
        ({"type": "hello", "token": "forged", "after": 0}, "token_invalid", 4401),
    ],
)
async def test_a_bad_hello(visitor, hello, code, close_code):
    async with opened(visitor) as widget:
        await widget.send(**hello)
        check_error((await widget.next("error"))["error"], code)
        assert await widget.closed() == close_code
    assert visitor.messages() == []


async def test_an_expired_session(visitor, clock):
    async with joined(visitor) as widget:
        clock.ahead += 31 * 86_400
        await widget.send(type="message", client_message_id="c-1", text="你好")
        check_error((await widget.next("error"))["error"], "token_expired")
        assert await widget.closed() == 4401
    async with opened(visitor) as widget:
        await widget.send(type="hello", token=visitor.token, after=0)
        check_error((await widget.next("error"))["error"], "token_expired")


async def test_a_strangers_and_an_unknown_conversation(gateway, visitor):
    stranger = await asyncio.to_thread(Visitor, gateway)
    for conversation_id in (visitor.conversation_id, "k_nothing"):
        async with opened(stranger, conversation_id=conversation_id) as widget:
            await widget.send(type="hello", token=stranger.token, after=0)
            check_error((await widget.next("error"))["error"], "unknown_conversation")
            assert await widget.closed() == 4404


async def test_too_many_messages(start_gateway):
    visitor = Visitor(start_gateway(messages_per_minute=1))
    async with joined(visitor) as widget:
        await widget.send(type="message", client_message_id="c-1", text="一")
        await widget.send(type="message", client_message_id="c-2", text="二")
        refusal = await widget.next("error")
        check_error(refusal["error"], "rate_limited")
        assert refusal["client_message_id"] == "c-2"
        await widget.messages(2)


async def test_too_many_connections(start_gateway):
    visitor = Visitor(start_gateway(max_connections_per_conversation=1))
    async with joined(visitor), opened(visitor) as second:
        await second.send(type="hello", token=visitor.token, after=0)
        check_error((await second.next("error"))["error"], "too_many_connections")
        assert await second.closed() == 4429
    async with joined(visitor):
        pass


@pytest.mark.parametrize(("origin", "welcome"), [
    ("https://shop.example", True), ("https://evil.example", False), ("null", False), (None, True),
])  # fmt: skip
async def test_pages_of_other_origins(start_gateway, origin, welcome):
    visitor = Visitor(start_gateway(allowed_origins=("https://shop.example",)))
    headers = {} if origin is None else {"Origin": origin}
    if welcome:
        async with opened(visitor, extra_headers=headers):
            pass
    else:
        with pytest.raises(websockets.InvalidStatusCode):
            async with opened(visitor, extra_headers=headers):
                pass


async def test_after_a_login_the_visitors_connection_ends(visitor):
    async with joined(visitor) as widget:
        login = await asyncio.to_thread(
            lambda: visitor.gateway.client.post("/demo/login", json={"customer_id": "1001"}).json()
        )
        identified = await asyncio.to_thread(
            lambda: visitor.post("/sessions/identify", {"identity_token": login["identity_token"]}).json()
        )
        assert await widget.closed() in (1012, 4404)
    visitor.token = identified["token"]
    async with joined(visitor):
        pass
