"""Fits how scores are fused and when they suffice, on labelled questions that are not in the index.

The questions must come from validation data: ways to ask that were kept out of the index and of the encoder's
training (`reserve_questions` and `near_questions` make them from the knowledge itself), and questions without an
answer.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from retrieval.answer import NEAREST, Thresholds, are_close
from retrieval.fusion import EVIDENCE, Fusion, Weights, logit
from retrieval.hybrid import Hit, HybridRetriever
from storage.knowledge import KnowledgeEntry

#: Fewer labelled questions on either side than this say too little; the defaults stay.
MIN_QUESTIONS = 10
_FITTED_DEPTH = 20
_DEPTH = 5
_REGULARISATION = 10.0
_FRAMES = {
    "zh": (("", ""), ("你好，", ""), ("请问", "呢"), ("麻烦问一下，", ""), ("在吗，", "啊"), ("", "，谢谢")),
    "en": (("", ""), ("Hi, ", ""), ("Hello, ", "?"), ("Please tell me: ", ""), ("", ", thanks")),
}


@dataclass(frozen=True)
class LabelledQuestion:
    """A question with the entries that answer it; none: it has no answer.

    `intents`: the classifier's probabilities, where the live search will be given them, too.
    """

    text: str
    relevant: frozenset[str] = frozenset()
    intents: Mapping[str, float] | None = None


@dataclass(frozen=True)
class SearchReport:
    """How search does on labelled questions.

    Over the `answerable`: `recall_at_1`, `recall_at_5`, `answered` (share answered at once) and `asked` (share asked
    back, with the right entry among the choices or not). `precision`: share right among those answered, the
    `unanswerable` ones included; `wrongly_answered`: share of the unanswerable ones that got an answer or were asked
    back.
    """

    answerable: int
    unanswerable: int
    recall_at_1: float
    recall_at_5: float
    answered: float
    asked: float
    precision: float
    wrongly_answered: float


@dataclass(frozen=True)
class Calibration:
    """What was fitted, and how it does on the questions it was fitted on (None when they were too few)."""

    fusion: Fusion
    thresholds: Thresholds
    report: SearchReport | None

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON."""
        return {
            "fusion": self.fusion.as_dict(),
            "thresholds": self.thresholds.as_dict(),
            "report": None if self.report is None else asdict(self.report),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Calibration":
        """Return what `as_dict` was made from."""
        report = values["report"]
        return cls(
            Fusion.from_dict(values["fusion"]),
            Thresholds.from_dict(values["thresholds"]),
            None if report is None else SearchReport(**report),
        )


def reserve_questions(
    entries: Sequence[KnowledgeEntry], *, seed: int
) -> tuple[list[KnowledgeEntry], list[LabelledQuestion]]:
    """Take one variant out of each entry that has at least two: (entries without it, the variants as questions)."""
    chance = random.Random(seed)
    rest, questions = [], []
    for entry in entries:
        if entry.kind == "question" and len(entry.variants) > 1:
            chosen = chance.choice(entry.variants)
            entry = replace(entry, variants=tuple(variant for variant in entry.variants if variant != chosen))
            questions.append(LabelledQuestion(chosen, frozenset({entry.id})))
        rest.append(entry)
    return rest, questions


def near_questions(entries: Sequence[KnowledgeEntry], *, seed: int) -> list[LabelledQuestion]:
    """Return one known way to ask of each question as a customer would type it: a polite opening, a character lost.

    Calibration needs them beside the reserved ones, which were written to differ from all others: customers also ask
    nearly what is known, and wording must count then.
    """
    chance = random.Random(seed)
    questions = []
    for entry in entries:
        if entry.kind != "question":
            continue
        text = chance.choice((entry.title, *entry.variants)).rstrip("？?。！!")
        opening, ending = chance.choice(_FRAMES["en" if entry.language == "en" else "zh"])
        if len(text) > 6:
            lost = chance.randrange(len(text))
            text = text[:lost] + text[lost + 1 :]
        questions.append(LabelledQuestion(opening + text + ending, frozenset({entry.id})))
    return questions


def calibrate(
    retriever: HybridRetriever,
    questions: Sequence[LabelledQuestion],
    *,
    now: float,
    near: Sequence[LabelledQuestion] | None = None,
    language: str = "zh",
    precision: float = 0.95,
    wrongly_answered: float = 0.05,
    asked_in_vain: float = 0.5,
    wrongly_asked: float = 0.15,
) -> Calibration:
    """Fit fusion weights and thresholds on `questions` and `near`, and set the fusion of `retriever`.

    `near`: questions close to known wordings, made by `near_questions` from the retriever's entries when left out;
    hand them in where `questions` carry intents. Passages of articles are taken for wrong answers to all of them:
    `thresholds.passage` lets at most `wrongly_answered` of `questions` through to one.

    The answer threshold is the lowest at which at least `precision` of the answers are right and at most
    `wrongly_answered` of the unanswerable questions get one. Below it the customer is asked which question is meant
    while at most `asked_in_vain` of those asked do not find theirs among the choices, and at most `wrongly_asked` of
    the unanswerable ones are asked. With fewer than ten questions of either kind nothing is
    fitted: the defaults are returned with no report.

    :raises ValueError: when a rate is not between 0 and 1.
    """
    rates = {
        "precision": precision,
        "wrongly_answered": wrongly_answered,
        "asked_in_vain": asked_in_vain,
        "wrongly_asked": wrongly_asked,
    }
    for key, rate in rates.items():
        if not 0 <= rate <= 1:
            raise ValueError(f"{key}: got {rate}; expected a share between 0 and 1")
    # A close wording says nothing about an index that never meets a far one: those alone do not count as enough.
    answerable = sum(bool(question.relevant) for question in questions)
    if min(answerable, len(questions) - answerable) < MIN_QUESTIONS:
        return Calibration(retriever.fusion, Thresholds(), None)

    if near is None:
        spoken = [entry for entry in retriever.entries if entry.language == language and entry.valid_at(now)]
        near = near_questions(spoken, seed=0)
    questions = [*questions, *near]
    vectors = retriever.encoder.encode([question.text for question in questions])
    # The candidates to learn from are found with the defaults, so that calibrating twice gives the same.
    retriever.fusion = Fusion()

    def search(depth: int, kind: str = "question") -> list[list[Hit]]:
        found = (
            retriever.search(q.text, vector=vector, k=depth, now=now, language=language, intents=q.intents)
            for q, vector in zip(questions, vectors)
        )
        return [[hit for hit in hits if hit.kind == kind] for hits in found]

    far = len(questions) - len(near)
    found = search(_FITTED_DEPTH)
    # Nobody labels articles' passages, so their weights stay: weights fitted on answers read as if they were passages
    # ranked the right article first for 0.21 of the hand-written article questions of retrieval.benchmark, these 0.83.
    fusion = replace(retriever.fusion, question=_fit(questions, found, retriever.fusion.question))
    retriever.fusion = fusion
    ranked = search(_DEPTH)
    answer = _threshold(questions, ranked, precision, wrongly_answered)
    articles = search(_FITTED_DEPTH, "article")
    thresholds = Thresholds(
        answer=answer,
        passage=_passage_threshold(ranked[:far], articles[:far], answer, wrongly_answered),
        margin=_margin(questions, ranked),
        ask=_ask_threshold(questions, ranked, answer, asked_in_vain, wrongly_asked),
    )
    return Calibration(fusion, thresholds, measure(questions, ranked, thresholds))


def measure(
    questions: Sequence[LabelledQuestion], ranked: Sequence[Sequence[Hit]], thresholds: Thresholds
) -> SearchReport:
    """Return how the searches `ranked` (hits of each question, best first) do at `thresholds`."""
    first = within = answered = asked = right = wrong_unknown = given = 0
    for question, hits in zip(questions, ranked):
        ids = [hit.entry_id for hit in hits]
        best = next((hit for hit in hits if hit.score >= thresholds.of(hit)), None)
        says = best is not None
        asks = says and sum(are_close(best, hit, thresholds) for hit in hits[:NEAREST]) > 1
        doubts = not says and bool(hits) and hits[0].score >= thresholds.ask
        if question.relevant:
            first += bool(question.relevant.intersection(ids[:1]))
            within += bool(question.relevant.intersection(ids[:5]))
            asked += asks or doubts
            answered += says and not asks
        else:
            wrong_unknown += says
        if says and not asks:
            given += 1
            right += best.entry_id in question.relevant
    answerable = sum(bool(question.relevant) for question in questions)
    unanswerable = len(questions) - answerable
    return SearchReport(
        answerable=answerable,
        unanswerable=unanswerable,
        recall_at_1=_share(first, answerable),
        recall_at_5=_share(within, answerable),
        answered=_share(answered, answerable),
        asked=_share(asked, answerable),
        precision=_share(right, given),
        wrongly_answered=_share(wrong_unknown, unanswerable),
    )


def _fit(questions: Sequence[LabelledQuestion], found: Sequence[Sequence[Hit]], default: Weights) -> Weights:
    from sklearn.linear_model import LogisticRegression

    rows, labels = [], []
    for question, hits in zip(questions, found):
        for hit in hits:
            rows.append([getattr(hit.evidence, name) for name in EVIDENCE])
            labels.append(hit.entry_id in question.relevant)
    if len(set(labels)) < 2:
        return default
    columns = np.array(rows)
    used = [column for column in range(len(EVIDENCE)) if columns[:, column].any()]
    while used:
        model = LogisticRegression(C=_REGULARISATION, max_iter=2000).fit(columns[:, used], labels)
        factors = model.coef_[0]
        if factors.min() > 0:
            return Weights(float(model.intercept_[0]), **{EVIDENCE[c]: float(w) for c, w in zip(used, factors)})
        # What would count against a candidate has taught us nothing here: leave out the worst and fit again.
        del used[int(factors.argmin())]
    return default


def _threshold(questions, ranked, precision: float, wrongly_answered: float) -> float:
    """Return the lowest score of a best hit at which both rates hold; just above all scores when none does."""
    best = sorted(
        (
            (hits[0].score, bool(question.relevant.intersection({hits[0].entry_id})), not question.relevant)
            for question, hits in zip(questions, ranked)
            if hits
        ),
        reverse=True,
    )
    unanswerable = sum(not question.relevant for question in questions)
    right = unknown = 0
    lowest = 1.0
    for count, (score, is_right, is_unknown) in enumerate(best, start=1):
        right += is_right
        unknown += is_unknown
        if right >= precision * count and unknown <= wrongly_answered * unanswerable:
            lowest = score
    return float(lowest)


def _ask_threshold(questions, ranked, answer: float, asked_in_vain: float, wrongly_asked: float) -> float:
    """Return the lowest score below `answer` at which asking which question is meant keeps both rates."""
    doubtful = sorted(
        (
            (
                hits[0].score,
                bool(question.relevant.intersection(hit.entry_id for hit in hits[:NEAREST])),
                not question.relevant,
            )
            for question, hits in zip(questions, ranked)
            if hits and hits[0].score < answer
        ),
        reverse=True,
    )
    unanswerable = sum(not question.relevant for question in questions)
    vain = unknown = 0
    lowest = answer
    for count, (score, is_there, is_unknown) in enumerate(doubtful, start=1):
        vain += not is_there
        unknown += is_unknown
        if vain <= asked_in_vain * count and unknown <= wrongly_asked * unanswerable:
            lowest = score
    return float(lowest)


def _passage_threshold(ranked, articles, answer: float, wrongly_answered: float) -> float:
    """Return the score that the best passage reaches for at most `wrongly_answered` of questions whose answer stands
    in no article; those that a question answers anyway count as not reached."""
    scores = [
        0.0 if not passages or (hits and hits[0].score >= answer) else passages[0].score
        for hits, passages in zip(ranked, articles)
    ]
    if not any(scores):
        return answer
    return float(np.nextafter(np.quantile(scores, 1 - wrongly_answered, method="higher"), np.inf))


def _margin(questions, ranked) -> float:
    """Return the widest gap in log-odds at which asking back costs at most as many right answers as it saves wrong
    ones, and at most one right answer in twenty."""
    gaps = []
    for question, hits in zip(questions, ranked):
        if len(hits) < 2 or not question.relevant:
            continue
        gap = logit(hits[0].score) - logit(hits[1].score)
        is_right = hits[0].entry_id in question.relevant
        gaps.append((gap, is_right, bool(question.relevant.intersection(hit.entry_id for hit in hits[1:3]))))
    gaps.sort()
    total_right = sum(is_right for _, is_right, _ in gaps)
    cost = saved = 0
    margin = 0.0
    for gap, is_right, is_near in gaps:
        cost += is_right
        saved += not is_right and is_near
        if cost <= saved and cost <= 0.05 * total_right:
            margin = gap
    # The gap itself is asked about, too.
    return float(np.nextafter(margin, np.inf)) if margin else 0.0


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
