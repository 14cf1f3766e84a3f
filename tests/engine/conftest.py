"""A small real Rasa model, trained once a session: the product's own dialogue with stock components for the words."""

import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from actions import shop
from bot.engine.agent import load_agent
from bot.engine.turn import TurnRequest, TurnRunner
from nlu_data.sample_shop import seed_shop
from storage.database import open_database
from storage.migration import migrate

DIALOGUE = Path(__file__).parents[2] / "nlu_data" / "dialogue"

CONFIG = """
recipe: default.v1
assistant_id: yingda-test
language: zh
pipeline:
- name: KeywordIntentClassifier
- name: rasa.nlu.extractors.regex_entity_extractor.RegexEntityExtractor
  use_word_boundaries: false
policies:
- name: RulePolicy
  core_fallback_threshold: 0.3
  core_fallback_action_name: utter_knowledge
"""

#: The keyword classifier wants a whole word; between Chinese characters there is no word boundary.
NLU = r"""
version: "3.1"
nlu:
- intent: greet
  examples: |
    - 你好
- intent: affirm
  examples: |
    - 是的
- intent: deny
  examples: |
    - 不对
- intent: cancel
  examples: |
    - 算了
- intent: request_human
  examples: |
    - 转人工
- intent: request_refund
  examples: |
    - 我要退款
- intent: track_order
  examples: |
    - 查物流
- intent: ask_shipping_time
  examples: |
    - 多久发货
- intent: inform
  examples: |
    - 订单号[YS2611050001](order_number)
    - 因为[质量问题](refund_reason)
- regex: order_number
  examples: |
    - YS\d{10}
- regex: refund_reason
  examples: |
    - 质量问题
    - 不想要了
"""


@pytest.fixture(scope="session")
def model(tmp_path_factory) -> Path:
    """The path of the trained model."""
    from rasa.model_training import train

    folder = tmp_path_factory.mktemp("model")
    (folder / "config.yml").write_text(CONFIG, encoding="utf-8")
    (folder / "nlu.yml").write_text(NLU, encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one example an intent is all that a keyword needs
        result = train(
            domain=str(DIALOGUE / "domain.yml"),
            config=str(folder / "config.yml"),
            training_files=[str(folder / "nlu.yml"), str(DIALOGUE / "rules.yml")],
            output=str(folder),
            fixed_model_name="test",
        )
    return Path(result.model)


@pytest.fixture
def database(tmp_path):
    """The product's database, migrated."""
    url = f"sqlite:///{tmp_path}/yingda.db"
    migrate(url)
    engine = open_database(url)
    yield engine
    engine.dispose()


@pytest.fixture
def backend(tmp_path, monkeypatch):
    """The sample shop as of now, in use by the actions."""
    engine = open_database(f"sqlite:///{tmp_path}/shop.db")
    seed_shop(engine)
    monkeypatch.setattr(shop, "_current", [])
    backend = shop.EmbeddedShop(engine)
    shop.use_shop(backend)
    yield backend
    engine.dispose()


@pytest.fixture
def start(model, database, backend) -> Callable[[], TurnRunner]:
    """Start a worker's engine; each call is like a new process on the same database."""

    def start() -> TurnRunner:
        agent, store = load_agent(model, database=database)
        return TurnRunner(agent, store, database)

    return start


@pytest.fixture
def runner(start) -> TurnRunner:
    return start()


def request(text: str, *, message_id: str, conversation_id: str = "c-1", **more: Any) -> TurnRequest:
    """A message of the signed-in customer 林晓雨, unless `customer_id` says otherwise."""
    return TurnRequest(
        **{
            "message_id": message_id,
            "conversation_id": conversation_id,
            "text": text,
            "customer_id": "c1001",
            "sent_at": time.time(),
            **more,
        }
    )


class Customer:
    """Writes to the bot and clicks its buttons, in one conversation."""

    def __init__(self, runner: TurnRunner, conversation_id: str = "c-1", customer_id: str | None = "c1001") -> None:
        self.runner, self.conversation_id, self.customer_id = runner, conversation_id, customer_id
        self.turns: list[dict[str, Any]] = []

    async def says(self, text: str, payload: str | None = None) -> list[str]:
        """Send a message; returns the texts of the replies."""
        turn = await self.runner.run(
            request(
                text,
                payload=payload,
                message_id=f"{self.conversation_id}-{len(self.turns) + 1}",
                conversation_id=self.conversation_id,
                customer_id=self.customer_id,
            )
        )
        self.turns.append(turn)
        return [reply["text"] for reply in turn["replies"]]

    async def clicks(self, title: str) -> list[str]:
        """Click a button of the latest replies."""
        buttons = [button for reply in self.turns[-1]["replies"] for button in reply["buttons"]]
        (payload,) = [button["payload"] for button in buttons if title in button["title"]]
        return await self.says(title, payload)


@pytest.fixture
def customer(runner) -> Customer:
    return Customer(runner)
