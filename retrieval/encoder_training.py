"""Learns the token table from pairs of texts that mean the same, with sentence-transformers on the CPU.

torch and sentence-transformers are imported when training starts, never when this module is.
"""

import math
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.encoder import BUCKETS, SentenceEncoder, StaticTableEncoder, feature_rows
from retrieval.features import features

#: Features kept at most, the most frequent ones: 80,000 × 256 float16 are 41 MB on disk.
MAX_FEATURES = 80_000
#: A feature in fewer texts than this shares a bucket: one text cannot teach what it means.
MIN_TEXTS = 2
DEFAULT_EPOCHS = 5
#: Pairs in a batch at most; a small set is cut into at least 32 batches, so that an epoch is more than one step.
BATCH_SIZE = 128
SMALLEST_BATCH = 8
LEARNING_RATE = 0.01
#: Share of a text's features that training sees each time, and how many at most: a table learns less by heart so.
KEPT_SHARE, KEPT_FEATURES = 0.7, 128
#: The loss multiplies cosines by this before its softmax.
SCALE = 10.0


@dataclass(frozen=True)
class TextPair:
    """Two texts that should lie close: a question and its answer, or two ways to ask the same."""

    anchor: str
    positive: str


@dataclass(frozen=True)
class EncoderProgress:
    """How far training is: `validation` is the mean reciprocal rank after an epoch, None between epochs."""

    step: int
    steps: int
    loss: float | None
    validation: float | None


def train_encoder(
    pairs: Sequence[TextPair],
    *,
    validation: Sequence[TextPair] = (),
    dimension: int = 256,
    epochs: int = DEFAULT_EPOCHS,
    seed: int = 0,
    progress: Callable[[EncoderProgress], None] | None = None,
) -> StaticTableEncoder:
    """Return an encoder trained on `pairs`; the other positives of a batch serve as negatives.

    With `validation` pairs the table of the best epoch is kept, the untrained one included, so that the result is
    never worse on them than `untrained_encoder`. The same arguments give the same encoder.

    :raises ValueError: when fewer than two pairs have features on both sides, or a number is out of range.
    """
    if dimension < 1 or epochs < 1:
        raise ValueError(f"dimension={dimension}, epochs={epochs}; expected whole numbers of at least 1")
    usable = [pair for pair in pairs if features(pair.anchor) and features(pair.positive)]
    if len({(pair.anchor, pair.positive) for pair in usable}) < 2:
        raise ValueError(
            f"pairs: {len(usable)} of {len(pairs)} have words on both sides; expected at least 2 different ones. "
            "Import logs first (`yingda logs import`)"
        )
    start = untrained_encoder(usable, dimension=dimension, seed=seed)
    # torch's folder appears only while the trainer runs: it insists on a place for checkpoints that we never write.
    with tempfile.TemporaryDirectory(prefix="yingda-encoder-") as scratch:
        table = _train(
            usable, validation, start, epochs=epochs, seed=seed, progress=progress or (lambda _: None), scratch=scratch
        )
    return StaticTableEncoder(start.vocabulary, table)


def untrained_encoder(pairs: Sequence[TextPair], *, dimension: int = 256, seed: int = 0) -> StaticTableEncoder:
    """Return the table that training starts from: a random vector for each feature, weighted by its rarity."""
    vocabulary, weights = _vocabulary(pairs)
    return StaticTableEncoder(vocabulary, _random_rows(len(weights), dimension, seed) * weights[:, None])


def mean_reciprocal_rank(encoder: SentenceEncoder, pairs: Sequence[TextPair]) -> float:
    """Return how high each anchor ranks its own positive among the distinct positives of `pairs` (1: always first).

    Ties count against the encoder. The figure depends on the number of pairs: compare encoders on the same ones.

    :raises ValueError: when `pairs` is empty.
    """
    if not pairs:
        raise ValueError("pairs: none given; expected at least one to measure on")
    positives = sorted({pair.positive for pair in pairs})
    place = {text: index for index, text in enumerate(positives)}
    targets = np.array([place[pair.positive] for pair in pairs])
    similarity = encoder.encode([pair.anchor for pair in pairs]) @ encoder.encode(positives).T
    own = similarity[np.arange(len(pairs)), targets]
    ranks = (similarity >= own[:, None]).sum(axis=1)
    return float((1.0 / ranks).mean())


def _vocabulary(pairs: Sequence[TextPair]) -> tuple[list[str], np.ndarray]:
    """Return the features worth a row and the starting weight of every row, buckets included."""
    texts = {text for pair in pairs for text in (pair.anchor, pair.positive)}
    counts = Counter(feature for text in sorted(texts) for feature in sorted(set(features(text))))
    frequent = [(feature, count) for feature, count in counts.items() if count >= MIN_TEXTS]
    frequent.sort(key=lambda item: (-item[1], item[0]))
    frequent = frequent[:MAX_FEATURES]
    weights = [math.log(1 + len(texts) / count) for _, count in frequent]
    weights += [math.log(1 + len(texts))] * BUCKETS
    return [feature for feature, _ in frequent], np.array(weights, dtype=np.float32)


def _random_rows(count: int, dimension: int, seed: int) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return rows / math.sqrt(dimension)


def _train(pairs, validation, start, *, epochs, seed, progress, scratch) -> np.ndarray:
    import torch
    from datasets import Dataset
    from sentence_transformers import (
        SentenceTransformer,
        SentenceTransformerTrainer,
        SentenceTransformerTrainingArguments,
    )
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
    from sentence_transformers.training_args import BatchSamplers
    from transformers import TrainerCallback, set_seed
    from transformers.trainer_callback import PrinterCallback

    set_seed(seed)
    vocabulary, weights = _vocabulary(pairs)
    rows = _random_rows(len(weights), start.manifest.dimension, seed)
    module = make_module({feature: row for row, feature in enumerate(vocabulary)}, rows, weights, seed=seed)
    model = SentenceTransformer(modules=[module], device="cpu")
    # No card is ever written; without an entry here the trainer makes examples for one, and prints while it does.
    model.model_card_data.widget = [{"text": pairs[0].anchor}]
    best = {"score": mean_reciprocal_rank(start, validation) if validation else 0.0, "table": module.table()}

    class Watch(TrainerCallback):
        def on_log(self, args, state, control, logs=None, **kwargs):
            if logs and "loss" in logs:
                progress(EncoderProgress(state.global_step, state.max_steps, float(logs["loss"]), None))

        def on_epoch_end(self, args, state, control, **kwargs):
            table = module.table()
            score = None
            if validation:
                score = mean_reciprocal_rank(StaticTableEncoder(vocabulary, table), validation)
            if score is None or score > best["score"]:
                best.update(score=score, table=table)
            progress(EncoderProgress(state.global_step, state.max_steps, None, score))

    trainer = SentenceTransformerTrainer(
        model=model,
        args=SentenceTransformerTrainingArguments(
            output_dir=scratch,
            num_train_epochs=epochs,
            per_device_train_batch_size=max(SMALLEST_BATCH, min(BATCH_SIZE, len(pairs) // 32)),
            learning_rate=LEARNING_RATE,
            lr_scheduler_type="linear",
            warmup_steps=0.1,
            weight_decay=0.0,
            # Two equal texts in a batch would be each other's negatives.
            batch_sampler=BatchSamplers.NO_DUPLICATES,
            seed=seed,
            use_cpu=True,
            save_strategy="no",
            logging_steps=20,
            logging_first_step=True,
            report_to="none",
            disable_tqdm=True,
        ),
        train_dataset=Dataset.from_dict(
            {"anchor": [pair.anchor for pair in pairs], "positive": [pair.positive for pair in pairs]}
        ),
        loss=MultipleNegativesRankingLoss(model, scale=SCALE, directions=("query_to_doc", "doc_to_query")),
        callbacks=[Watch()],
    )
    trainer.remove_callback(PrinterCallback)
    with torch.random.fork_rng(devices=[]):
        trainer.train()
    return best["table"]


def make_module(feature_row: dict[str, int], rows: np.ndarray, weights: np.ndarray, *, seed: int = 0):
    """Return the torch twin of `StaticTableEncoder`: a sentence-transformers input module over an EmbeddingBag.

    `rows`: float32 (features + buckets, dimension); `weights`: one learned factor per row. `.table()` gives the
    product of both, which is what serves. In training mode it sees a random part of each text's features.
    """
    import torch
    from sentence_transformers.base.modules.input_module import InputModule

    class FeatureBag(InputModule):
        """Sums the rows of a text's features, each times its learned weight."""

        def __init__(self) -> None:
            super().__init__()
            self.rows = torch.nn.EmbeddingBag.from_pretrained(torch.from_numpy(rows.copy()), freeze=False, mode="sum")
            self.weights = torch.nn.Embedding.from_pretrained(torch.from_numpy(weights[:, None].copy()), freeze=False)
            self._known: dict[str, list[int]] = {}
            self._chance = np.random.default_rng(seed)

        def preprocess(self, inputs, prompt=None, **kwargs):
            bags = [self._rows_of((prompt or "") + text) for text in inputs]
            if self.training:
                bags = [self._thinned(bag) for bag in bags]
            lengths = [len(bag) for bag in bags]
            return {
                "input_ids": torch.tensor([row for bag in bags for row in bag], dtype=torch.long),
                "offsets": torch.tensor([0, *np.cumsum(lengths[:-1])], dtype=torch.long),
            }

        def forward(self, features, **kwargs):
            ids = features["input_ids"]
            summed = self.rows(ids, features["offsets"], per_sample_weights=self.weights(ids).squeeze(1))
            features["sentence_embedding"] = torch.nn.functional.normalize(summed, dim=1)
            return features

        def get_embedding_dimension(self) -> int:
            return rows.shape[1]

        def table(self) -> np.ndarray:
            return (self.rows.weight * self.weights.weight).detach().numpy().copy()

        def save(self, output_path, *args, **kwargs) -> None:
            raise NotImplementedError(
                "the token table is saved by StaticTableEncoder.save, not by sentence-transformers"
            )

        def _thinned(self, bag: list[int]) -> list[int]:
            if not bag:
                return bag
            count = min(KEPT_FEATURES, max(1, round(KEPT_SHARE * len(bag))))
            return [bag[place] for place in self._chance.permutation(len(bag))[:count]]

        def _rows_of(self, text: str) -> list[int]:
            # Every epoch reads every text again; cutting it up once is enough.
            if text not in self._known:
                self._known[text] = feature_rows(text, feature_row, rows.shape[0] - len(feature_row))
            return self._known[text]

    return FeatureBag()
