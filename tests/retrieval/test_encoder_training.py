import subprocess
import sys

import numpy as np
import pytest

from retrieval.encoder import StaticTableEncoder, load_encoder
from retrieval.encoder_training import (
    EncoderProgress,
    TextPair,
    make_module,
    mean_reciprocal_rank,
    train_encoder,
    untrained_encoder,
)

# Ways to ask that share no character with their partner: only training can bring them together.
GROUPS = [
    (["怎么开票", "想要发票", "给我开张票"], ["电子凭证在哪申请", "报销单据"]),
    (["多久送到", "几天送达", "什么时候送"], ["配货时长", "路上要久吗"]),
    (["我要退货", "东西想退", "申请退掉"], ["不喜欢怎么办", "能无理由寄回"]),
    (["忘记密码", "密码错了", "重设密码"], ["登录不上", "账户进不去"]),
]
PAIRS = [TextPair(left, right) for lefts, rights in GROUPS for left in lefts for right in rights] * 3
TRAINING = [pair for pair in PAIRS if pair != PAIRS[0]]


@pytest.fixture(scope="module")
def trained():
    seen: list[EncoderProgress] = []
    return train_encoder(TRAINING, dimension=32, epochs=6, seed=5, progress=seen.append), seen


def test_training_brings_partners_together(trained):
    encoder, _ = trained
    held_out = [
        TextPair("想要发票吗", "报销单据"),
        TextPair("几天能送到", "配货时长"),
        TextPair("密码忘记了", "登录不上"),
    ]
    before = mean_reciprocal_rank(untrained_encoder(TRAINING, dimension=32, seed=5), PAIRS)
    assert mean_reciprocal_rank(encoder, PAIRS) > before + 0.1
    assert mean_reciprocal_rank(encoder, held_out) > 0.9


def test_progress_tells_steps_and_ends(trained):
    _, seen = trained
    assert seen[-1].step == seen[-1].steps > 0
    assert [p.step for p in seen] == sorted(p.step for p in seen)


def test_the_same_seed_gives_the_same_encoder(trained):
    encoder, _ = trained
    again = train_encoder(TRAINING, dimension=32, epochs=6, seed=5)
    assert again.manifest == encoder.manifest
    assert train_encoder(TRAINING, dimension=32, epochs=1, seed=6).manifest != encoder.manifest


def test_a_trained_encoder_is_saved_and_loaded(trained, tmp_path):
    encoder, _ = trained
    encoder.save(tmp_path)
    loaded = load_encoder(tmp_path)
    assert np.array_equal(loaded.encode(["怎么开票"]), encoder.encode(["怎么开票"]))


def test_validation_never_ends_worse_than_untrained():
    # Partners crossed on purpose: every step of training makes these worse.
    crossed = [TextPair(left, GROUPS[(n + 1) % 4][1][0]) for n, (lefts, _) in enumerate(GROUPS) for left in lefts]
    encoder = train_encoder(TRAINING, validation=crossed, dimension=32, epochs=2, seed=5)
    before = mean_reciprocal_rank(untrained_encoder(TRAINING, dimension=32, seed=5), crossed)
    assert mean_reciprocal_rank(encoder, crossed) >= before


def test_table_vectors_equal_torch_vectors():
    from sentence_transformers import SentenceTransformer

    rng = np.random.default_rng(0)
    vocabulary = untrained_encoder(PAIRS, dimension=32).vocabulary
    rows = rng.normal(size=(len(vocabulary) + 64, 32)).astype(np.float32)
    weights = rng.uniform(0.2, 3.0, size=len(rows)).astype(np.float32)
    module = make_module({feature: row for row, feature in enumerate(vocabulary)}, rows, weights)
    texts = ["怎么开票", "never seen before", "密码" * 50, "我要退货，谢谢！", "a"]
    torch_vectors = SentenceTransformer(modules=[module], device="cpu").encode(texts)
    ours = StaticTableEncoder(vocabulary, module.table()).encode(texts)
    assert (torch_vectors * ours).sum(axis=1).min() >= 0.999
    assert not StaticTableEncoder(vocabulary, module.table()).encode([""]).any()


def test_rank_by_hand():
    class Letters:
        def encode(self, texts):
            return np.array([[1.0, 0.0] if "甲" in text else [0.6, 0.8] for text in texts], dtype=np.float32)

    assert mean_reciprocal_rank(Letters(), [TextPair("甲一", "甲"), TextPair("甲二", "乙")]) == 0.75
    with pytest.raises(ValueError, match="at least one"):
        mean_reciprocal_rank(Letters(), [])


@pytest.mark.parametrize(
    ("pairs", "more", "message"),
    [
        ([], {}, "0 of 0 have words.*yingda logs import"),
        ([TextPair("😀", "发票"), TextPair("退货", "？")], {}, "0 of 2"),
        ([TextPair("发票", "开票")] * 5, {}, "at least 2 different"),
        (PAIRS, {"epochs": 0}, "epochs=0"),
        (PAIRS, {"dimension": 0}, "dimension=0"),
    ],
)
def test_too_little_to_learn_from_is_told(pairs, more, message):
    with pytest.raises(ValueError, match=message):
        train_encoder(pairs, **more)


def test_serving_needs_no_torch():
    code = (
        "import sys, retrieval.hybrid, retrieval.answer, retrieval.calibration, retrieval.encoder_training;"
        "print([m for m in ('torch', 'sentence_transformers', 'tensorflow', 'rasa') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
