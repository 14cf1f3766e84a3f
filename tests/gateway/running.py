"""A gateway as a real server in a thread, and somebody who talks to it."""

import itertools
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import uvicorn

from analytics import profiles
from bot.gateway.app import create_app
from bot.gateway.config import GatewayConfig
from storage.database import open_database, transaction

SECRET, IDENTITY_SECRET = "gateway-secret-" + "g" * 32, "identity-secret-" + "i" * 32
CUSTOMERS = [{"id": "1001", "name": "林晓"}, {"id": "1002", "name": "周明"}]
#: Nothing here should take so long; it only ends a test that would wait for ever.
PATIENCE = 20.0


class Clock:
    """The time of day, which a test may move."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


class RunningGateway:
    """Serves until `stop()`; `client` speaks HTTP to it, `api` is the app's shared context."""

    def __init__(self, database_url: str, worker_socket: Path, clock: Clock, **changes) -> None:
        settings = {
            "database_url": database_url,
            "secret_key": SECRET,
            "identity_secret": IDENTITY_SECRET,
            "worker_sockets": (worker_socket,),
            "demo": True,
            "messages_per_minute": 1000,
            "sessions_per_minute_per_address": 1000,
            "retry_pause_s": 0.01,
            "retry_pause_max_s": 0.05,
            **changes,
        }
        self.config = GatewayConfig(**settings)
        self.clock = clock
        self.app = create_app(
            self.config,
            profiles=profiles,
            mask=lambda text: text.replace("13800138000", "〔手机号〕"),
            demo_customers=lambda: CUSTOMERS,
            clock=clock,
        )
        self._server = uvicorn.Server(
            uvicorn.Config(self.app, host="127.0.0.1", port=0, ws="wsproto", log_level="critical")
        )
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        wait_until(lambda: self._server.started or not self._thread.is_alive())
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.address = f"127.0.0.1:{port}"
        self.client = httpx.Client(base_url=f"http://{self.address}", timeout=PATIENCE)

    @property
    def parts(self):
        """The gateway's parts (bot.gateway.context.Gateway)."""
        return self.app.state.gateway

    @contextmanager
    def database(self):
        """A transaction on the gateway's database from outside, as the desk will have it."""
        engine = open_database(self.config.database_url)
        try:
            with transaction(engine) as connection:
                yield connection
        finally:
            engine.dispose()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(PATIENCE)
        self.client.close()


class Visitor:
    """One participant with a conversation."""

    def __init__(self, gateway: RunningGateway) -> None:
        self.gateway = gateway
        self._numbers = itertools.count(1)
        session = gateway.client.post("/api/v1/sessions").json()
        self.token, self.participant_id = session["token"], session["participant_id"]
        self.conversation_id = self.post("/conversations").json()["conversation_id"]

    @property
    def path(self) -> str:
        return f"/conversations/{self.conversation_id}"

    def post(self, path: str, body: dict | None = None, **options) -> httpx.Response:
        return self.request("POST", path, json=body, **options)

    def get(self, path: str, **options) -> httpx.Response:
        return self.request("GET", path, **options)

    def request(self, method: str, path: str, **options) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return self.gateway.client.request(method, f"/api/v1{path}", headers=headers, **options)

    def send(self, text: str, client_message_id: str | None = None) -> dict:
        """Send a text and return the receipt."""
        client_id = client_message_id or f"auto-{next(self._numbers)}"
        answer = self.post(f"{self.path}/messages", {"client_message_id": client_id, "text": text})
        assert answer.status_code == 202, answer.text
        return answer.json()

    def messages(self, after: int = 0) -> list[dict]:
        return self.get(f"{self.path}/messages", params={"after": after, "limit": 200}).json()["messages"]

    def said_by(self, sender: str) -> list[str]:
        return [message["text"] for message in self.messages() if message["sender"] == sender]

    def ask(self, text: str) -> list[dict]:
        """Send a text, wait for its replies and return them."""
        receipt = self.send(text)
        return wait_until(lambda: [m for m in self.messages() if m["reply_to"] == receipt["message_id"]])


def wait_until(condition):
    """Return the first true value of `condition()`; fail when there is none for a long time."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.005)
    raise AssertionError("waited in vain")


def error_of(answer: httpx.Response, status: int, code: str) -> dict:
    """Check that an answer has the one error shape, and return what stands under "error"."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    return check_error(answer.json()["error"], code)


def check_error(error: dict, code: str) -> dict:
    """The shape itself: code, message, request_id; key, value, expected, remedy where they help; all strings."""
    assert {"code", "message", "request_id"} <= set(error) <= {
        "code", "message", "request_id", "key", "value", "expected", "remedy"
    }  # fmt: skip
    assert all(isinstance(part, str) and part for part in error.values())
    assert error["code"] == code
    return error
