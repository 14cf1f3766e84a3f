"""Knowledge is live: what is published, edited, retired or expired counts from the very next question on."""

import time
from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.components.knowledge_index import KnowledgeIndex
from storage.database import open_database, transaction
from tests.components.conftest import FREIGHT, POINTS, WARRANTY, Knowledge


@pytest.fixture
def index(encoder, calibration, knowledge, files) -> KnowledgeIndex:
    return KnowledgeIndex(encoder, calibration, database=knowledge.engine, files=files)


def answers(index: KnowledgeIndex, question: str, *, now: float | None = None) -> dict[str, str]:
    """Return id → text of all that a search finds."""
    hits = index.up_to_date().search(question, k=10, now=time.time() if now is None else now)
    return {hit.entry_id: hit.text for hit in hits}


def published(index: KnowledgeIndex, entry_id: str):
    """Return the entry as the index last took it over, or None."""
    return next((entry for entry in index.up_to_date().entries if entry.id == entry_id), None)


def best(index: KnowledgeIndex, question: str) -> str:
    return index.up_to_date().search(question, now=time.time())[0].entry_id


def test_a_published_entry_is_found_by_the_next_question(index, knowledge):
    knowledge.publish(FREIGHT)
    assert set(answers(index, "保修多久")) == {"ship-fee"}

    knowledge.publish(WARRANTY)

    assert best(index, "保修多久") == "warranty"
    assert best(index, "满多少包邮") == "ship-fee"
    assert published(index, "warranty").body == WARRANTY.body


def test_an_edited_entry_answers_with_its_new_text_and_wording(index, knowledge):
    knowledge.publish(FREIGHT, POINTS)
    assert answers(index, "运费怎么算")["ship-fee"] == FREIGHT.body

    knowledge.publish(replace(FREIGHT, body="全场包邮。", variants=("要不要邮费",)))

    assert answers(index, "运费怎么算")["ship-fee"] == "全场包邮。"
    assert best(index, "要不要邮费") == "ship-fee"
    assert published(index, "ship-fee").revision == 2


def test_a_retired_entry_is_gone_at_once_and_may_come_back(index, knowledge):
    knowledge.publish(FREIGHT, POINTS)
    assert "points" in answers(index, "积分怎么用")

    knowledge.retire("points")
    assert set(answers(index, "积分怎么用")) == {"ship-fee"}
    assert published(index, "points") is None

    knowledge.publish(POINTS)
    assert best(index, "积分怎么用") == "points"


def test_an_entry_counts_only_while_it_is_valid(index, knowledge):
    knowledge.publish(FREIGHT, replace(POINTS, valid_from=1_000.0, valid_until=2_000.0))

    assert "points" not in answers(index, "积分怎么用", now=999.9)
    assert "points" in answers(index, "积分怎么用", now=1_000.0)
    assert "points" not in answers(index, "积分怎么用", now=2_000.0), "nothing was published, it has only expired"


def test_two_workers_see_the_same_change(encoder, calibration, knowledge, files):
    engines = [knowledge.engine, open_database(knowledge.url)]
    workers = [KnowledgeIndex(encoder, calibration, database=engine, files=files) for engine in engines]
    for change in (lambda: knowledge.publish(POINTS, FREIGHT), lambda: knowledge.retire("points")):
        change()
        first, second = (answers(worker, "积分怎么用") for worker in workers)
        assert first == second
    assert set(first) == {"ship-fee"}
    engines[1].dispose()


def test_nothing_is_encoded_again_while_nothing_changes(index, knowledge, encoder, monkeypatch):
    knowledge.publish(FREIGHT)
    index.up_to_date()
    monkeypatch.setattr(encoder, "encode", lambda texts: pytest.fail(f"encoded again: {texts}"))
    index.up_to_date()
    with pytest.raises(pytest.fail.Exception):  # the proof that the line above would have noticed
        knowledge.publish(POINTS)
        index.up_to_date()


def test_a_replaced_older_database_is_read_again_from_the_start(index, knowledge, tmp_path):
    knowledge.publish(FREIGHT)
    knowledge.publish(POINTS)
    assert set(answers(index, "积分怎么用")) == {"ship-fee", "points"}

    knowledge.engine.dispose()
    for path in tmp_path.glob("yingda.db*"):
        path.unlink()
    backup = Knowledge(knowledge.url)
    backup.publish(WARRANTY)

    assert answers(index, "保修多久") == {"warranty": WARRANTY.body}
    assert published(index, "points") is None
    backup.engine.dispose()


def test_files_answer_until_the_database_holds_knowledge(index, knowledge):
    assert set(answers(index, "客服几点上班")) == {"hours"}

    knowledge.publish(FREIGHT)

    assert set(answers(index, "客服几点上班")) == {"ship-fee"}
    assert published(index, "hours") is None


def test_files_answer_without_a_database_and_before_its_tables_are_made(encoder, calibration, files, tmp_path):
    empty = open_database(f"sqlite:///{tmp_path}/empty.db")
    for database in (None, empty):
        index = KnowledgeIndex(encoder, calibration, database=database, files=files)
        assert set(answers(index, "客服几点上班")) == {"hours"}


def test_without_any_knowledge_nothing_is_found(encoder, calibration, knowledge, tmp_path):
    index = KnowledgeIndex(encoder, calibration, database=knowledge.engine, files=tmp_path / "nowhere")
    assert answers(index, "运费怎么算") == {}
    knowledge.publish(FREIGHT)
    assert best(index, "运费怎么算") == "ship-fee"


def test_a_failed_reading_loses_nothing(index, knowledge):
    knowledge.publish(FREIGHT)
    index.up_to_date()
    knowledge.publish(POINTS)
    with transaction(knowledge.engine) as connection:
        connection.execute(sa.text("ALTER TABLE knowledge_entries RENAME TO away"))
    with pytest.raises(sa.exc.OperationalError):
        index.up_to_date()
    with transaction(knowledge.engine) as connection:
        connection.execute(sa.text("ALTER TABLE away RENAME TO knowledge_entries"))

    assert set(answers(index, "积分怎么用")) == {"ship-fee", "points"}
