"""Hybrid search: lexical and dense candidates over questions, answers and passages, fused and filtered when asked.

Each entry is indexed as several texts: a question's title and variants in the role "question", all of it together
with its answer, and an article's passages, in the role "content". A search returns each entry once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from threading import Lock

import numpy as np

from retrieval.encoder import SentenceEncoder
from retrieval.fusion import Evidence, Fusion, intent_evidence
from retrieval.lexical import LexicalIndex, lexical_grams
from retrieval.passages import Passage, split_article
from retrieval.vectors import FaissStore, VectorStore
from storage.knowledge import INTENT_TAG, KnowledgeEntry

#: Candidates taken from each side before they are fused.
CANDIDATES = 64

#: Lexical share from which the query is, letter for letter, a known way to ask; its score is then at least KNOWN.
SAME_WORDING, KNOWN = 0.9999, 0.99

QUESTION, CONTENT = "question", "content"


@dataclass(frozen=True)
class Hit:
    """An entry that may answer.

    `kind`: question | article. `text`: a question's answer, or an article's passage, made of `units` (what may be
    quoted). `title`: the question or headline. `matched`: the indexed text that was found. `score`: the fused
    probability, made of `evidence`; `lexical` 0 to 1, `dense` the cosine.
    """

    entry_id: str
    passage_id: int | None
    kind: str
    score: float
    text: str
    title: str
    url: str | None
    lexical: float
    dense: float
    section: str
    revision: int
    matched: str
    units: tuple[str, ...] = ()
    evidence: Evidence = Evidence()


@dataclass(frozen=True)
class SyncReport:
    """What one `sync` did: texts sent through the encoder, and texts in the index now."""

    encoded: int
    texts: int


@dataclass(frozen=True)
class _Text:
    """One indexed text of an entry."""

    id: int
    entry: KnowledgeEntry
    role: str
    text: str
    passage: Passage | None = None


class _Snapshot:
    """Everything a search reads except the vectors; replaced as a whole by `sync`."""

    def __init__(self, by_entry: dict[str, list[_Text]]) -> None:
        self.by_entry = by_entry
        self.texts = [text for texts in by_entry.values() for text in texts]
        self.place = {text.id: position for position, text in enumerate(self.texts)}
        entries = [text.entry for text in self.texts]
        self._languages = np.array([entry.language for entry in entries], dtype=object)
        self._from = np.array([-np.inf if e.valid_from is None else e.valid_from for e in entries], dtype=np.float64)
        self._until = np.array([np.inf if e.valid_until is None else e.valid_until for e in entries], dtype=np.float64)
        self._roles = {
            role: np.array([n for n, text in enumerate(self.texts) if text.role == role], dtype=np.int64)
            for role in (QUESTION, CONTENT)
        }
        self._lexical = {
            role: LexicalIndex([self.texts[n].text for n in places], containing=role == CONTENT)
            for role, places in self._roles.items()
        }

    def allowed(self, now: float, language: str) -> np.ndarray:
        return (self._languages == language) & (self._from <= now) & (now < self._until)

    def lexical(self, query: str) -> np.ndarray:
        scores = np.zeros(len(self.texts), dtype=np.float32)
        for role, places in self._roles.items():
            scores[places] = self._lexical[role].scores(query)
        return scores


class HybridRetriever:
    """Searches what `sync` has been given. One `sync` at a time; searches may run in other threads meanwhile."""

    def __init__(
        self, encoder: SentenceEncoder, *, fusion: Fusion | None = None, store: VectorStore | None = None
    ) -> None:
        """`store`: an empty vector store of the encoder's dimension; FAISS by default."""
        self.encoder = encoder
        self.fusion = fusion or Fusion()
        self._store = FaissStore(encoder.manifest.dimension) if store is None else store
        self._snapshot = _Snapshot({})
        self._next_id = 0
        self._lock = Lock()

    def __len__(self) -> int:
        """The number of entries, valid or not."""
        return len(self._snapshot.by_entry)

    @property
    def entries(self) -> list[KnowledgeEntry]:
        """The entries that have a text to find, valid or not."""
        return [texts[0].entry for texts in self._snapshot.by_entry.values() if texts]

    def sync(self, changed: Iterable[KnowledgeEntry], deleted: Iterable[str]) -> SyncReport:
        """Take over changed entries and drop deleted ids; only texts that are new to their entry are encoded."""
        by_entry = dict(self._snapshot.by_entry)
        dropped = [text.id for id in deleted for text in by_entry.pop(id, ())]
        fresh: list[_Text] = []
        for entry in changed:
            old = {(text.role, text.text): text.id for text in by_entry.get(entry.id, ())}
            texts = []
            for role, content, passage in _texts_of(entry):
                id = old.pop((role, content), None)
                if id is None:
                    id, self._next_id = self._next_id, self._next_id + 1
                    fresh.append(_Text(id, entry, role, content, passage))
                texts.append(_Text(id, entry, role, content, passage))
            dropped += old.values()
            by_entry[entry.id] = texts
        # The slow parts happen before the lock is taken: answering never waits for them.
        vectors = self.encoder.encode([text.text for text in fresh])
        snapshot = _Snapshot(by_entry)
        with self._lock:
            self._store.remove(dropped)
            self._store.add([text.id for text in fresh], vectors)
            self._snapshot = snapshot
        return SyncReport(len(fresh), len(snapshot.texts))

    def search(
        self,
        text: str,
        *,
        vector: np.ndarray | None = None,
        k: int = 5,
        now: float,
        language: str = "zh",
        intents: Mapping[str, float] | None = None,
    ) -> list[Hit]:
        """Return the best `k` entries that are valid at `now` in `language`, best first, each once.

        `vector`: the encoder's vector of `text` (dimension,), where the caller has it already. `intents`: the
        classifier's probability of each intent it knows, where it has been asked.

        :raises ValueError: when `vector` has another dimension than the encoder's.
        """
        if vector is None:
            vector = self.encoder.encode([text])[0]
        elif vector.shape != (self.encoder.manifest.dimension,):
            raise ValueError(f"vector: got shape {vector.shape}; expected ({self.encoder.manifest.dimension},)")
        with self._lock:
            snapshot = self._snapshot
            allowed = snapshot.allowed(now, language)
            lexical = np.where(allowed, snapshot.lexical(text), 0.0)
            candidates = self._candidates(snapshot, vector, lexical, allowed)
            texts = [text for id in candidates for text in snapshot.by_entry[id]]
            # einsum stays in this thread; for so few rows a threaded BLAS costs more than it gains.
            dense = np.einsum("ij,j->i", self._store.vectors([text.id for text in texts]), vector).tolist()
        lexical_of = {text.id: float(lexical[snapshot.place[text.id]]) for text in texts}
        dense_of = {text.id: cosine for text, cosine in zip(texts, dense)}
        hits = [self._best(snapshot.by_entry[id], lexical_of, dense_of, intents) for id in candidates]
        return sorted(hits, key=lambda hit: (-hit.score, hit.entry_id))[:k]

    def _candidates(self, snapshot: _Snapshot, vector, lexical, allowed) -> list[str]:
        """Return the ids of the entries that either side finds, each once."""
        places = [int(place) for place in np.argsort(-lexical, kind="stable")[:CANDIDATES] if lexical[place] > 0]
        if vector.any():
            wanted = min(CANDIDATES, int(allowed.sum()))
            reach = CANDIDATES
            while True:
                _, ids = self._store.search(vector[None, :], reach)
                near = [place for place in map(snapshot.place.__getitem__, ids[0].tolist()) if allowed[place]]
                # What is filtered out must not crowd out what may be shown: look further.
                if len(near) >= wanted or reach >= len(self._store):
                    break
                reach *= 4
            places += near
        return list(dict.fromkeys(snapshot.texts[place].entry.id for place in places))

    def _best(self, texts: list[_Text], lexical: dict[int, float], dense: dict[int, float], intents) -> Hit:
        """Return the hit of one entry: a question with all that speaks for it, or an article's best passage."""
        entry = texts[0].entry
        intent = intent_evidence(entry.intents, intents)
        if entry.kind == "article":
            evidences = [(text, Evidence(lexical[text.id], dense[text.id], intent=intent)) for text in texts]
            text, evidence = max(evidences, key=lambda pair: self.fusion.article.score(pair[1]))
            return _hit(text, evidence, self.fusion.article.score(evidence))
        asked = [text for text in texts if text.role == QUESTION]
        content = texts[-1]
        cosines = [dense[text.id] for text in asked]
        evidence = Evidence(
            lexical=max(lexical[text.id] for text in asked),
            dense=max(cosines),
            support=sum(cosines) / len(cosines),
            content_lexical=lexical[content.id],
            content_dense=dense[content.id],
            intent=intent,
        )
        matched = max(asked, key=lambda text: lexical[text.id] + dense[text.id])
        score = self.fusion.question.score(evidence)
        if evidence.lexical >= SAME_WORDING:
            score = max(score, KNOWN)
        return _hit(matched, evidence, score)


def _hit(found: _Text, evidence: Evidence, score: float) -> Hit:
    entry, passage = found.entry, found.passage
    return Hit(
        entry_id=entry.id,
        passage_id=None if passage is None else passage.position,
        kind=entry.kind,
        score=score,
        text=entry.body if passage is None else passage.text,
        title=entry.title,
        url=f"/articles/{entry.id}" if entry.kind == "article" else None,
        lexical=evidence.lexical,
        dense=evidence.dense,
        section="" if passage is None else passage.section,
        revision=entry.revision,
        matched=found.text,
        units=() if passage is None else passage.units,
        evidence=evidence,
    )


def _texts_of(entry: KnowledgeEntry) -> list[tuple[str, str, Passage | None]]:
    """Return (role, text, passage) of each text to index; no text twice, so that one text has one vector."""
    if entry.kind == "article":
        # What stands before the first heading speaks of the subject by itself; with the title it would win every time.
        found = [
            (CONTENT, f"{entry.title} {passage.section} {passage.text}" if passage.section else passage.text, passage)
            for passage in split_article(entry.body)
        ]
    else:
        found = [(QUESTION, question, None) for question in (entry.title, *entry.variants)]
        tags = " ".join(tag for tag in entry.tags if not tag.startswith(INTENT_TAG))
        found.append((CONTENT, " ".join([entry.title, *entry.variants, tags, entry.body]), None))
    unique = {}
    for role, text, passage in found:
        unique.setdefault((role, tuple(lexical_grams(text))), (role, text, passage))
    return list(unique.values())
