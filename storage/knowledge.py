"""What the bot knows, as rows: published drafts, retired entries, and the stream of changes that indexes follow.

Every published change takes the next value of one clock, inside the transaction that makes it. A worker keeps the
value it has seen; one cheap SELECT tells it whether anything is newer, and `changed_since` what.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.tables import knowledge_clock, knowledge_entries

KINDS = ("question", "article")
#: A tag that begins so names an intent whose questions the entry answers.
INTENT_TAG = "intent:"

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
# SQLite allows 32,766 variables in one statement, older builds 999.
_IDS_PER_QUERY = 500


@dataclass(frozen=True)
class KnowledgeDraft:
    """An entry as its author wrote it.

    `title` is the question (kind "question") or the headline (kind "article"), `body` the answer or the Markdown,
    `variants` other ways to ask. The entry holds from `valid_from` up to but not including `valid_until` (epoch
    seconds; None: no bound).
    """

    id: str
    kind: str
    title: str
    body: str
    language: str = "zh"
    variants: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    valid_from: float | None = None
    valid_until: float | None = None

    @property
    def content_hash(self) -> str:
        """SHA-256 over everything the author wrote: equal hashes mean that publishing changes nothing."""
        fields = [self.kind, self.title, self.body, self.language, list(self.variants), list(self.tags)]
        fields += [None if bound is None else float(bound) for bound in (self.valid_from, self.valid_until)]
        return hashlib.sha256(json.dumps(fields, ensure_ascii=False).encode()).hexdigest()

    def as_entry(self, *, source: str = "draft", now: float = 0.0) -> "KnowledgeEntry":
        """Return the entry that publishing this for the first time would make; for indexes without a database."""
        written = {name: getattr(self, name) for name in KnowledgeDraft.__dataclass_fields__}
        return KnowledgeEntry(**written, content_hash=self.content_hash, revision=1, source=source, updated_at=now)


@dataclass(frozen=True)
class KnowledgeEntry:
    """A published entry; `revision` counts its changes from 1, `updated_at` is epoch seconds."""

    id: str
    kind: str
    language: str
    title: str
    variants: tuple[str, ...]
    body: str
    tags: tuple[str, ...]
    valid_from: float | None
    valid_until: float | None
    content_hash: str
    revision: int
    source: str
    updated_at: float

    @property
    def intents(self) -> tuple[str, ...]:
        """The intents that the entry's tags name."""
        return tuple(tag[len(INTENT_TAG) :] for tag in self.tags if tag.startswith(INTENT_TAG))

    def valid_at(self, now: float) -> bool:
        """Whether the entry may be quoted at `now` (epoch seconds)."""
        return (self.valid_from is None or self.valid_from <= now) and (
            self.valid_until is None or now < self.valid_until
        )


@dataclass(frozen=True)
class PublishReport:
    """The ids that one `publish` added, changed and found unchanged, in the order of the drafts."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]


class KnowledgeClockError(ValueError):
    """A reader is ahead of the database (a backup was restored): it must read everything again from clock 0."""


def clock(conn: Connection) -> int:
    """Return the value of the latest published change; 0 before the first."""
    return conn.execute(sa.select(knowledge_clock.c.value).where(knowledge_clock.c.id == 1)).scalar() or 0


def changed_since(conn: Connection, seen: int) -> tuple[int, list[KnowledgeEntry], list[str]]:
    """Return (the clock's value, entries changed after `seen` in order of change, ids retired after `seen`).

    Entries that are not valid yet or no more are included: validity is a matter of the moment of asking.

    :raises KnowledgeClockError: when `seen` is greater than the clock.
    """
    value = clock(conn)
    if seen > value:
        raise KnowledgeClockError(
            f"knowledge clock: the reader has seen {seen}, the database is at {value}; expected at most {value}. "
            "The database was replaced: rebuild the index from clock 0"
        )
    if seen == value:
        return value, [], []
    table = knowledge_entries
    rows = conn.execute(
        sa.select(table).where(table.c.change > seen, table.c.change <= value).order_by(table.c.change, table.c.id)
    ).mappings()
    changed, deleted = [], []
    for row in rows:
        if row["deleted"]:
            deleted.append(row["id"])
        else:
            changed.append(_entry(row))
    return value, changed, deleted


def publish(conn: Connection, drafts: Iterable[KnowledgeDraft], *, source: str, now: float) -> PublishReport:
    """Write `drafts` within the caller's write transaction; an entry with the same content hash is left alone.

    A retired entry that is published again comes back with the next revision and counts as added. Entries that
    `drafts` does not name stay as they are: see `entries_from` and `retire`.

    :raises ValueError: when a draft is not well formed or two share an id; nothing is written then.
    """
    drafts = list(drafts)
    _check(drafts, source)
    known = {row["id"]: row for row in _rows(conn, [draft.id for draft in drafts], with_deleted=True)}
    added, changed, unchanged = [], [], []
    for draft in drafts:
        row = known.get(draft.id)
        if row is None or row["deleted"]:
            added.append(draft)
        elif row["content_hash"] != draft.content_hash:
            changed.append(draft)
        else:
            unchanged.append(draft)
    if added or changed:
        # The clock's row is locked by this update until the commit, so that changes become visible in clock order.
        change = _advance(conn)
        for draft in added + changed:
            _write(conn, draft, known.get(draft.id), source=source, now=now, change=change)
    return PublishReport(*(tuple(draft.id for draft in part) for part in (added, changed, unchanged)))


def retire(conn: Connection, ids: Iterable[str], *, now: float) -> list[str]:
    """Take entries out of the knowledge within the caller's write transaction; return the ids that were in it."""
    live = [row["id"] for row in _rows(conn, list(ids))]
    if live:
        change = _advance(conn)
        for part in _parts(live):
            conn.execute(
                sa.update(knowledge_entries)
                .where(knowledge_entries.c.id.in_(part))
                .values(deleted=True, change=change, updated_at=now)
            )
    return live


def entry(conn: Connection, id: str) -> KnowledgeEntry | None:
    """Return one published entry, valid or not; None when it does not exist or is retired."""
    rows = _rows(conn, [id])
    return _entry(rows[0]) if rows else None


def entries_from(conn: Connection, source: str) -> set[str]:
    """Return the ids of the published entries that last came from `source`."""
    table = knowledge_entries
    query = sa.select(table.c.id).where(table.c.source == source, table.c.deleted.is_(False))
    return set(conn.execute(query).scalars())


def valid_entries(conn: Connection, ids: Collection[str], now: float) -> set[str]:
    """Return those of `ids` that are published and valid at `now`: the ones a reply may cite."""
    return {row["id"] for row in _rows(conn, list(ids)) if _entry(row).valid_at(now)}


def _rows(conn: Connection, ids: Sequence[str], *, with_deleted: bool = False) -> list[sa.engine.RowMapping]:
    rows = []
    for part in _parts(ids):
        query = sa.select(knowledge_entries).where(knowledge_entries.c.id.in_(part))
        if not with_deleted:
            query = query.where(knowledge_entries.c.deleted.is_(False))
        rows += conn.execute(query).mappings().all()
    return rows


def _parts(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + _IDS_PER_QUERY] for start in range(0, len(ids), _IDS_PER_QUERY))


def _advance(conn: Connection) -> int:
    conn.execute(sa.text("INSERT INTO knowledge_clock (id, value) VALUES (1, 0) ON CONFLICT (id) DO NOTHING"))
    conn.execute(sa.update(knowledge_clock).where(knowledge_clock.c.id == 1).values(value=knowledge_clock.c.value + 1))
    return clock(conn)


def _write(conn: Connection, draft: KnowledgeDraft, row, *, source: str, now: float, change: int) -> None:
    values = {
        "kind": draft.kind,
        "language": draft.language,
        "title": draft.title,
        "variants": list(draft.variants),
        "body": draft.body,
        "tags": list(draft.tags),
        "valid_from": draft.valid_from,
        "valid_until": draft.valid_until,
        "content_hash": draft.content_hash,
        "source": source,
        "deleted": False,
        "updated_at": now,
        "change": change,
    }
    if row is None:
        conn.execute(sa.insert(knowledge_entries).values(id=draft.id, revision=1, **values))
    else:
        conn.execute(
            sa.update(knowledge_entries)
            .where(knowledge_entries.c.id == draft.id)
            .values(revision=knowledge_entries.c.revision + 1, **values)
        )


def _entry(row) -> KnowledgeEntry:
    fields = {name: row[name] for name in KnowledgeEntry.__dataclass_fields__}
    return KnowledgeEntry(**{**fields, "variants": tuple(row["variants"]), "tags": tuple(row["tags"])})


def _check(drafts: Sequence[KnowledgeDraft], source: str) -> None:
    if not source.strip() or len(source) > 255:
        raise ValueError(f"source: got {source!r}; expected 1 to 255 characters that name the import or the author")
    seen: set[str] = set()
    for draft in drafts:
        where = f"knowledge entry {draft.id!r}"
        if not _ID.fullmatch(draft.id):
            raise ValueError(
                f"{where}: id: expected 1 to 64 of a–z, 0–9, '-' and '_', beginning with a letter or digit"
            )
        if draft.id in seen:
            raise ValueError(f"{where}: id: appears twice among the drafts; expected one draft per id")
        if draft.kind not in KINDS:
            raise ValueError(f"{where}: kind: got {draft.kind!r}; expected one of {', '.join(KINDS)}")
        for key in ("title", "body"):
            if not getattr(draft, key).strip():
                raise ValueError(f"{where}: {key}: is empty; expected text")
        if not 2 <= len(draft.language) <= 8:
            raise ValueError(f"{where}: language: got {draft.language!r}; expected a code such as 'zh' or 'en'")
        if None not in (draft.valid_from, draft.valid_until) and draft.valid_from >= draft.valid_until:
            raise ValueError(
                f"{where}: valid_until: got {draft.valid_until}; expected a moment after valid_from {draft.valid_from}"
            )
        seen.add(draft.id)
