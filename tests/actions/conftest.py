"""The sample shop in a folder of its own, and a customer's message as the actions see it."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from rasa_sdk.executor import ActionExecutor

from actions import shop
from nlu_data.sample_shop import seed_shop
from storage.database import open_database

#: 2026-11-23 12:00 in China.
NOW = 1_795_406_400.0


@pytest.fixture
def shop_database(tmp_path):
    """The sample shop's database, filled at NOW."""
    database = open_database(f"sqlite:///{tmp_path}/shop.db")
    seed_shop(database, now=NOW)
    yield database
    database.dispose()


@pytest.fixture
def backend(shop_database, monkeypatch):
    """The sample shop, in use by the actions."""
    monkeypatch.setattr(shop, "_current", [])
    backend = shop.EmbeddedShop(shop_database, clock=lambda: NOW)
    shop.use_shop(backend)
    return backend


@pytest.fixture
def broken_shop(monkeypatch):
    """A shop that fails at every call, in use by the actions."""

    class BrokenShop:
        def __getattr__(self, name: str) -> Any:
            raise shop.ShopError(f"no answer to {name}")

    monkeypatch.setattr(shop, "_current", [BrokenShop()])


@dataclass
class Said:
    """What an action returned."""

    texts: list[str]
    buttons: list[dict[str, str]]
    cards: list[dict[str, Any]]
    slots: dict[str, Any] = field(default_factory=dict)
    followup: str | None = None


@pytest.fixture(scope="session")
def executor():
    executor = ActionExecutor()
    executor.register_package("actions")
    return executor


@pytest.fixture
def run(executor):
    """Run an action through rasa_sdk's own executor, as Rasa calls it."""

    def run(
        action: str,
        *,
        customer: str | None = "c1001",
        intent: str = "inform",
        text: str = "…",
        entities: dict[str, Any] | None = None,
        slots: dict[str, Any] | None = None,
        events: list[dict[str, Any]] | None = None,
        loop: str | None = None,
        message_id: str | None = "m-1",
        behaviour: dict[str, Any] | None = None,
    ) -> Said:
        metadata = {"customer_id": customer, "message_id": message_id, "behaviour": behaviour or {}}
        found = [
            {"entity": name, "value": each}
            for name, value in (entities or {}).items()
            for each in (value if isinstance(value, list) else [value])
        ]
        tracker = {
            "sender_id": "conversation-1",
            "slots": slots or {},
            "latest_message": {
                "text": text,
                "intent": {"name": intent, "confidence": 1.0},
                "entities": found,
                "metadata": metadata,
            },
            "events": events or [],
            "paused": False,
            "active_loop": {"name": loop} if loop else {},
            "latest_action_name": "action_listen",
        }
        domain = {"forms": {"refund_form": {"required_slots": ["order_number", "refund_reason", "refund_confirmed"]}}}
        result = asyncio.run(executor.run({"next_action": action, "tracker": tracker, "domain": domain}))
        messages = result["responses"]
        return Said(
            texts=[message["text"] for message in messages if message.get("text")],
            buttons=[button for message in messages for button in message.get("buttons") or []],
            cards=[message["custom"] for message in messages if message.get("custom")],
            slots={event["name"]: event["value"] for event in result["events"] if event["event"] == "slot"},
            followup=next((event["name"] for event in result["events"] if event["event"] == "followup"), None),
        )

    return run


@pytest.fixture
def check(run):
    """Run the form's validation on what the message gave, after earlier answers, as FormAction calls it."""

    def check(
        given: dict[str, Any], *, before: dict[str, Any] | None = None, requested: str | None = None, **message: Any
    ) -> Said:
        slot = lambda name, value: {"event": "slot", "name": name, "value": value}  # noqa: E731
        before = before or {}
        return run(
            "validate_refund_form",
            slots={**before, "requested_slot": requested, **given},
            events=[
                *(slot(name, value) for name, value in before.items()),
                {"event": "user"},
                *(slot(name, value) for name, value in given.items()),
                slot("requested_slot", requested),
                {"event": "action", "name": "refund_form"},
                *(slot(name, value) for name, value in given.items()),
            ],
            loop="refund_form",
            **message,
        )

    return check
