"""What a start does: the sample company comes, stays steady from day to day, and goes without a trace."""

import datetime as dt
import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from bot import preparation
from bot.preparation import SEED_DATE_DAYS, prepare, publish_knowledge, remove_sample_log, sample_seed_date
from bot.settings import load_settings
from nlu_data.logs import import_log, log_names
from retrieval.knowledge_files import read_knowledge
from storage.database import open_database, reading
from storage.knowledge import clock, entry

ROOT = Path(__file__).parent.parent.parent
TODAY = dt.date(2026, 11, 23)
ENTRIES = """
- {id: points, question: 积分怎么用？, answer: 100 积分抵 1 元。}
- {id: sale, question: 现在有活动吗？, answer: 满 300 减 40。, valid_from_days: -10, valid_until_days: 80}
"""
LOG = "conversation_id,time,sender,text\na,2026-10-01 10:00:00,customer,多久发货\n"


@pytest.fixture
def company(tmp_path, monkeypatch):
    """A project folder with two entries of knowledge; training is left out."""
    (tmp_path / "nlu_data" / "knowledge" / "faq").mkdir(parents=True)
    (tmp_path / "nlu_data" / "knowledge" / "faq" / "offers.yml").write_text(ENTRIES, encoding="utf-8")
    monkeypatch.setattr(preparation, "SAMPLE_CONVERSATIONS", 20)
    monkeypatch.setattr(preparation, "train", lambda settings, root: (tmp_path / "model.tar.gz", False))
    return tmp_path


def start(company: Path, *, demo: bool = True, today: dt.date = TODAY):
    """Prepare as `make run` does; return the settings and what was said."""
    settings = load_settings({"YINGDA_DATA_DIR": str(company / "var"), "YINGDA_DEMO": str(demo).lower()}, None)
    said = io.StringIO()
    prepare(settings, root=company, console=Console(file=said, width=200), today=today)
    return settings, said.getvalue()


def revisions(settings) -> dict[str, int]:
    database = open_database(settings.database)
    try:
        with reading(database) as connection:
            return {id: entry(connection, id).revision for id in ("points", "sale")}
    finally:
        database.dispose()


def files(directory: Path) -> set[str]:
    return {path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file()}


def test_a_start_on_another_day_changes_no_entry(company):
    settings, _ = start(company)
    assert revisions(settings) == {"points": 1, "sale": 1}
    for days in (0, 1, SEED_DATE_DAYS):
        _, said = start(company, today=TODAY + dt.timedelta(days=days))
        assert "0 added, 0 changed, 2 unchanged" in said
    assert revisions(settings) == {"points": 1, "sale": 1}


def test_after_the_seed_date_has_aged_only_dated_entries_move(company):
    start(company)
    later = TODAY + dt.timedelta(days=SEED_DATE_DAYS + 1)
    settings, said = start(company, today=later)
    assert "1 changed, 1 unchanged" in said
    assert revisions(settings) == {"points": 1, "sale": 2}
    start(company, today=later + dt.timedelta(days=1))
    assert revisions(settings) == {"points": 1, "sale": 2}


@pytest.mark.parametrize(
    "stored", ["", "{", "[]", "{}", '{"seed_date": 5}', '{"seed_date": "tomorrow"}', '{"seed_date": "2026-11-24"}']
)
def test_a_seed_date_that_cannot_be_is_set_to_today(tmp_path, stored):
    (tmp_path / "seed-date.json").write_text(stored, encoding="utf-8")
    assert sample_seed_date(tmp_path, today=TODAY) == TODAY
    assert json.loads((tmp_path / "seed-date.json").read_text()) == {"seed_date": "2026-11-23"}
    assert files(tmp_path) == {"seed-date.json"}


def test_what_is_valid_today_in_the_sample_outlasts_its_seed_date():
    midnight = dt.datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=dt.timezone.utc).timestamp()
    drafts = [draft.as_entry() for draft in read_knowledge(ROOT / "nlu_data" / "knowledge", seed_date=TODAY)]
    dated = [draft for draft in drafts if draft.valid_until is not None and draft.valid_at(midnight)]
    assert dated
    moved_on = midnight + (SEED_DATE_DAYS + 1) * 86_400
    assert [draft.id for draft in dated if draft.valid_until < moved_on] == []


def test_the_sample_log_is_imported_once(company):
    settings, said = start(company)
    assert "sample log: 20 conversations" in said
    assert log_names(settings.logs_dir) == ["sample"]
    _, said = start(company)
    assert "sample log" not in said


def test_with_the_demo_off_the_sample_log_goes_and_nothing_else(company):
    settings, _ = start(company)
    (company / "own.csv").write_text(LOG, encoding="utf-8")
    import_log(company / "own.csv", name="own", directory=settings.logs_dir)
    before = files(company)
    _, said = start(company, demo=False)
    assert "sample log: removed" in said
    gone = {f"var/logs/sample{suffix}" for suffix in (".jsonl", ".pairs.jsonl", ".report.json", ".rejected.csv")}
    assert before - files(company) == gone
    _, said = start(company, demo=False)
    assert "removed" not in said


def test_a_companys_own_log_called_sample_is_not_the_sample(company):
    settings, _ = start(company)
    (company / "sample.csv").write_text(LOG, encoding="utf-8")
    import_log(company / "sample.csv", name="sample", directory=settings.logs_dir)
    assert not remove_sample_log(settings)
    start(company, demo=False)
    assert log_names(settings.logs_dir) == ["sample"]


def test_the_sample_does_not_come_beside_a_companys_own_log(company):
    settings = load_settings({"YINGDA_DATA_DIR": str(company / "var")}, None)
    (company / "own.csv").write_text(LOG, encoding="utf-8")
    import_log(company / "own.csv", name="own", directory=settings.logs_dir)
    start(company)
    assert log_names(settings.logs_dir) == ["own"]


def test_entries_that_are_gone_from_the_folder_retire(company):
    settings, _ = start(company)
    knowledge = company / "nlu_data" / "knowledge"
    (knowledge / "faq" / "offers.yml").write_text("- {id: sale, question: 有活动吗？, answer: 没有。}\n", "utf-8")
    assert "0 added, 1 changed, 0 unchanged, 1 retired" in publish_knowledge(settings, knowledge, seed_date=TODAY)


def test_knowledge_that_cannot_be_read_publishes_nothing(company):
    settings, _ = start(company)
    knowledge = company / "nlu_data" / "knowledge"
    (knowledge / "faq" / "more.yml").write_text("- {id: more, question: 还有吗？}\n", "utf-8")
    with pytest.raises(ValueError, match="more.yml.*answer"):
        publish_knowledge(settings, knowledge, seed_date=TODAY)
    database = open_database(settings.database)
    with reading(database) as connection:
        assert clock(connection) == 1
    database.dispose()
