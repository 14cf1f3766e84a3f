"""A real engine in this process: the trained model, the sample shop, a database of its own for each test."""

import asyncio
import time
import uuid

import pytest

from actions.shop import EmbeddedShop, use_shop
from bot.engine.agent import load_agent
from bot.engine.tracker_store import TurnTrackerStore
from bot.engine.turn import TurnRequest, TurnRunner
from bot.process_log import silence_rasa_debug
from bot.training.models import current_model
from nlu_data.sample_shop import seed_shop
from storage.database import open_database
from storage.migration import migrate


class Chat:
    """One conversation: `say` a text, `press` a button by its title, `log_in` as a customer of the sample shop."""

    def __init__(self, runner: TurnRunner, loop: asyncio.AbstractEventLoop, shop: EmbeddedShop) -> None:
        self.shop = shop
        self.id = f"conversation-{uuid.uuid4().hex}"
        self.customer: str | None = None
        self.result: dict = {}
        self._runner = runner
        self._loop = loop
        self._at = time.time()

    def say(self, text: str, *, seconds: float = 20.0, message_id: str | None = None) -> str:
        """Send a text `seconds` after the last one and return the replies' texts, joined by line breaks."""
        return self._turn(text, None, seconds, message_id)

    def press(self, title: str) -> str:
        """Press the button with this title in the latest replies; a missing one is an error."""
        payload = {button["title"]: button["payload"] for button in self.buttons}[title]
        return self._turn(title, payload, 5.0, None)

    def log_in(self, customer: str) -> None:
        self.customer = customer

    @property
    def buttons(self) -> list[dict]:
        return [button for reply in self.result["replies"] for button in reply["buttons"]]

    @property
    def titles(self) -> list[str]:
        return [button["title"] for button in self.buttons]

    @property
    def sources(self) -> list[dict]:
        return [source for reply in self.result["replies"] for source in reply["sources"]]

    @property
    def cards(self) -> list[str]:
        return [reply["custom"]["type"] for reply in self.result["replies"] if reply["custom"]]

    @property
    def kinds(self) -> set[str]:
        return {reply["answer_kind"] for reply in self.result["replies"]}

    def _turn(self, text: str, payload: str | None, seconds: float, message_id: str | None) -> str:
        self._at += seconds
        request = TurnRequest(
            message_id=message_id or uuid.uuid4().hex,
            conversation_id=self.id,
            text=text,
            payload=payload,
            customer_id=self.customer,
            sent_at=self._at,
        )
        self.result = self._loop.run_until_complete(self._runner.run(request))
        return "\n".join(reply["text"] for reply in self.result["replies"])


@pytest.fixture(scope="session")
def loop():
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture(scope="session")
def loaded(trained_company, tmp_path_factory):
    """The agent, loaded once; answers come from the knowledge files because this database holds none."""
    silence_rasa_debug()
    folder = tmp_path_factory.mktemp("engine")
    url = f"sqlite:///{folder}/engine.db"
    migrate(url)
    database = open_database(url)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YINGDA_DATABASE_URL", url)
        agent, store = load_agent(current_model(trained_company.model_dir), database=database)
        asyncio.run(agent.parse_message("你好"))
    yield agent, store, database
    database.dispose()


@pytest.fixture
def shop(tmp_path):
    database = open_database(f"sqlite:///{tmp_path}/shop.db")
    seed_shop(database)
    yield EmbeddedShop(database)
    database.dispose()


@pytest.fixture
def chat(loaded, loop, shop) -> Chat:
    agent, store, database = loaded
    assert isinstance(store, TurnTrackerStore)
    use_shop(shop)
    return Chat(TurnRunner(agent, store, database), loop, shop)


@pytest.fixture
def new_chat(chat, loaded, loop, shop):
    """Make further conversations on the same engine and shop."""
    agent, store, database = loaded
    return lambda: Chat(TurnRunner(agent, store, database), loop, shop)
