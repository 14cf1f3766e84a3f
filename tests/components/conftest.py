"""A real encoder small enough to make for each session, and a database of knowledge in the test's own folder."""

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage

from retrieval.answer import Thresholds
from retrieval.calibration import Calibration
from retrieval.encoder import StaticTableEncoder
from retrieval.encoder_training import TextPair, untrained_encoder
from retrieval.fusion import Fusion
from storage.database import open_database, transaction
from storage.knowledge import KnowledgeDraft, publish, retire
from storage.migration import migrate

FREIGHT = KnowledgeDraft(
    id="ship-fee", kind="question", title="运费怎么算？", body="满 59 元包邮，不满收 6 元。", variants=("满多少包邮",)
)
POINTS = KnowledgeDraft(
    id="points", kind="question", title="积分怎么用？", body="100 积分抵 1 元。", variants=("积分能当钱花吗",)
)
WARRANTY = KnowledgeDraft(
    id="warranty", kind="question", title="保修多久？", body="数码家电整机保修一年。", variants=("坏了能修吗",)
)


CONTEXT = ExecutionContext(GraphSchema({}), node_name="tested")


@pytest.fixture
def storage(tmp_path) -> LocalModelStorage:
    """Where a component under test keeps what it has learned."""
    (tmp_path / "model").mkdir()
    return LocalModelStorage.create(tmp_path / "model")


@pytest.fixture(scope="session")
def encoder() -> StaticTableEncoder:
    drafts = (FREIGHT, POINTS, WARRANTY)
    return untrained_encoder([TextPair(draft.title, draft.body) for draft in drafts], dimension=32, seed=1)


@pytest.fixture(scope="session")
def calibration() -> Calibration:
    return Calibration(Fusion(), Thresholds(), None)


@pytest.fixture
def files(tmp_path):
    """A folder of knowledge files with one question, which no database of these tests holds."""
    path = tmp_path / "files" / "faq" / "hours.yml"
    path.parent.mkdir(parents=True)
    path.write_text("- {id: hours, question: 客服几点上班, answer: 每天 9:00–21:00。}\n", encoding="utf-8")
    return tmp_path / "files"


class Knowledge:
    """Writes to a knowledge database as an editor does."""

    def __init__(self, url: str) -> None:
        migrate(url)
        self.url, self.engine = url, open_database(url)

    def publish(self, *drafts: KnowledgeDraft) -> None:
        with transaction(self.engine) as connection:
            publish(connection, drafts, source="test", now=100.0)

    def retire(self, *ids: str) -> None:
        with transaction(self.engine) as connection:
            retire(connection, ids, now=200.0)


@pytest.fixture
def knowledge(tmp_path):
    knowledge = Knowledge(f"sqlite:///{tmp_path}/yingda.db")
    yield knowledge
    knowledge.engine.dispose()
