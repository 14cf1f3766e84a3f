from dataclasses import replace

import pytest

from storage.database import open_database, reading, transaction
from storage.knowledge import (
    KnowledgeClockError,
    KnowledgeDraft,
    changed_since,
    clock,
    entries_from,
    entry,
    publish,
    retire,
    valid_entries,
)
from storage.tables import metadata

INVOICE = KnowledgeDraft(
    id="invoice-title",
    kind="question",
    title="发票抬头可以改吗？",
    body="电子发票开具后 30 天内可以修改一次抬头。",
    variants=("抬头写错了怎么办", "能改发票抬头吗"),
    tags=("发票",),
)
RETURNS = KnowledgeDraft(id="returns", kind="article", title="退货说明", body="## 时限\n\n签收次日起七天内可以退货。")


@pytest.fixture
def engine(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path}/knowledge.db")
    metadata.create_all(engine)
    yield engine
    engine.dispose()


def put(engine, *drafts, now=100.0, source="files"):
    with transaction(engine) as conn:
        return publish(conn, drafts, source=source, now=now)


def changes(engine, seen):
    with reading(engine) as conn:
        return changed_since(conn, seen)


def test_published_entry_is_read_back_whole(engine):
    report = put(engine, INVOICE)
    assert (report.added, report.changed, report.unchanged) == (("invoice-title",), (), ())
    with reading(engine) as conn:
        found = entry(conn, "invoice-title")
    assert found.title == INVOICE.title and found.body == INVOICE.body
    assert found.variants == INVOICE.variants and found.tags == INVOICE.tags
    assert (found.revision, found.source, found.updated_at) == (1, "files", 100.0)
    assert found.content_hash == INVOICE.content_hash


def test_publishing_the_same_again_changes_nothing(engine):
    put(engine, INVOICE, RETURNS)
    with reading(engine) as conn:
        before = clock(conn)
    report = put(engine, INVOICE, RETURNS, now=200.0)
    assert report.unchanged == ("invoice-title", "returns") and not report.added and not report.changed
    with reading(engine) as conn:
        assert clock(conn) == before
        assert entry(conn, "returns").updated_at == 100.0


def test_a_reader_gets_exactly_what_changed_since(engine):
    put(engine, INVOICE, RETURNS)
    seen, first, gone = changes(engine, 0)
    assert [e.id for e in first] == ["invoice-title", "returns"] and gone == []
    assert changes(engine, seen) == (seen, [], [])
    put(engine, replace(INVOICE, body="开票后可以改一次。"), RETURNS, now=200.0)
    later, second, gone = changes(engine, seen)
    assert later > seen and [(e.id, e.revision) for e in second] == [("invoice-title", 2)] and gone == []


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "抬头怎么改？"},
        {"variants": ("抬头写错了怎么办",)},
        {"tags": ()},
        {"valid_from": 5.0},
        {"valid_until": 9.0},
        {"language": "en"},
        {"kind": "article"},
    ],
)
def test_every_field_the_author_writes_counts_as_a_change(engine, changed):
    put(engine, INVOICE)
    assert put(engine, replace(INVOICE, **changed)).changed == ("invoice-title",)


def test_retired_entries_are_gone_and_told_to_readers(engine):
    put(engine, INVOICE, RETURNS)
    seen, _, _ = changes(engine, 0)
    with transaction(engine) as conn:
        assert retire(conn, ["returns", "never-there"], now=300.0) == ["returns"]
    later, changed, gone = changes(engine, seen)
    assert later > seen and changed == [] and gone == ["returns"]
    with reading(engine) as conn:
        assert entry(conn, "returns") is None
        assert valid_entries(conn, ["returns", "invoice-title"], 300.0) == {"invoice-title"}
        assert entries_from(conn, "files") == {"invoice-title"}
    with transaction(engine) as conn:
        assert retire(conn, ["returns"], now=301.0) == []
    with reading(engine) as conn:
        assert clock(conn) == later


def test_a_retired_entry_comes_back_with_the_next_revision(engine):
    put(engine, RETURNS)
    with transaction(engine) as conn:
        retire(conn, ["returns"], now=300.0)
    assert put(engine, RETURNS, now=400.0).added == ("returns",)
    with reading(engine) as conn:
        assert entry(conn, "returns").revision == 2
        assert changed_since(conn, 2)[2] == []


def test_validity_has_an_open_end(engine):
    put(engine, replace(INVOICE, valid_from=10.0, valid_until=20.0), RETURNS)
    with reading(engine) as conn:
        for now, valid in [(9.9, False), (10.0, True), (19.9, True), (20.0, False)]:
            assert (valid_entries(conn, ["invoice-title"], now) == {"invoice-title"}) is valid
        assert valid_entries(conn, ["returns"], 0.0) == {"returns"}


def test_an_empty_database_is_at_clock_zero(engine):
    assert changes(engine, 0) == (0, [], [])
    with reading(engine) as conn:
        assert entry(conn, "returns") is None and valid_entries(conn, [], 0.0) == set()


def test_a_reader_ahead_of_the_database_is_told_to_rebuild(engine):
    put(engine, RETURNS)
    with pytest.raises(KnowledgeClockError, match="rebuild"):
        changes(engine, 7)


def test_more_ids_than_fit_in_one_query(engine):
    drafts = [replace(RETURNS, id=f"entry-{n}") for n in range(1_200)]
    assert len(put(engine, *drafts).added) == 1_200
    assert len(put(engine, *drafts).unchanged) == 1_200
    with reading(engine) as conn:
        assert len(valid_entries(conn, [draft.id for draft in drafts], 0.0)) == 1_200


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"id": "发票"}, "'发票'.*id"),
        ({"id": "a" * 65}, "id: expected 1 to 64"),
        ({"kind": "faq"}, "kind: got 'faq'; expected one of question, article"),
        ({"title": " \n"}, "title: is empty"),
        ({"body": ""}, "body: is empty"),
        ({"language": "chinese-simplified"}, "language: got 'chinese-simplified'"),
        ({"valid_from": 9.0, "valid_until": 9.0}, "valid_until: got 9.0; expected a moment after"),
    ],
)
def test_a_malformed_draft_is_refused_and_nothing_is_written(engine, changed, message):
    with pytest.raises(ValueError, match=message):
        put(engine, RETURNS, replace(INVOICE, **changed))
    assert changes(engine, 0) == (0, [], [])


def test_one_id_twice_and_a_nameless_source_are_refused(engine):
    with pytest.raises(ValueError, match="'returns': id: appears twice"):
        put(engine, RETURNS, RETURNS)
    with pytest.raises(ValueError, match="source: got ' '"):
        put(engine, RETURNS, source=" ")


def test_a_rolled_back_publish_leaves_no_trace(engine):
    with pytest.raises(RuntimeError), transaction(engine) as conn:
        publish(conn, [RETURNS], source="files", now=1.0)
        raise RuntimeError("the process stops here")
    assert changes(engine, 0) == (0, [], [])
