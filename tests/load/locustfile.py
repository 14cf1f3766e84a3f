"""Customers chatting at once: make load (with `make run` going in another terminal; only against this machine).

Each user opens a session and a conversation, asks questions one after the other, and waits for each reply. Beside the
HTTP calls Locust then shows "reply": the time from sending a message until its answer can be read.
"""

import ipaddress
import random
import time
import uuid
from urllib.parse import urlsplit

from locust import HttpUser, between, task
from locust.exception import StopUser

QUESTIONS = (
    "多久发货？",
    "满多少包邮？",
    "怎么开发票？",
    "退款多久到账",
    "可以用微信付款吗",
    "会员有什么好处",
    "你好",
    "羽绒服怎么洗",
)
#: Between two looks for the reply, and the longest wait for it, in seconds.
LOOK_EVERY = 0.1
LONGEST = 30.0


class Customer(HttpUser):
    """A visitor who thinks for a second or three between two questions."""

    wait_time = between(1, 3)

    def on_start(self) -> None:
        host = urlsplit(self.host or "").hostname or ""
        if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
            raise StopUser(f"{host} is not this machine: load tests run against 127.0.0.1 alone")
        self.client.headers["Authorization"] = f"Bearer {self.client.post('/api/v1/sessions').json()['token']}"
        self.conversation = self.client.post("/api/v1/conversations").json()["conversation_id"]

    @task
    def ask(self) -> None:
        path = f"/api/v1/conversations/{self.conversation}/messages"
        started = time.perf_counter()
        body = {"client_message_id": uuid.uuid4().hex, "text": random.choice(QUESTIONS)}
        with self.client.post(path, json=body, name="message", catch_response=True) as accepted:
            if accepted.status_code != 202:
                accepted.failure(f"status {accepted.status_code}")
                return
            message = accepted.json()
        problem = None if self._answered(path, message, started) else TimeoutError(f"no reply in {LONGEST} s")
        self.environment.events.request.fire(
            request_type="chat",
            name="reply",
            response_time=1000 * (time.perf_counter() - started),
            response_length=0,
            exception=problem,
            context={},
        )

    def _answered(self, path: str, message: dict, started: float) -> bool:
        while time.perf_counter() - started < LONGEST:
            read = self.client.get(path, params={"after": message["seq"]}, name="read")
            if any(each.get("reply_to") == message["message_id"] for each in read.json()["messages"]):
                return True
            time.sleep(LOOK_EVERY)
        return False
