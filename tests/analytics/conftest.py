"""A really trained, very small insight model, and the few lines that it is trained on."""

import os
from pathlib import Path

import pytest

# Before TensorFlow is imported by the first test that needs it: two threads, no chatter, no GPU.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("OMP_NUM_THREADS", "2")

from analytics.features import Turn
from analytics.insight_examples import LabelledDialogue, LabelledLine
from analytics.insight_network import NetworkSizes

LINES = [
    LabelledLine(text, sentiment, emotion)
    for sentiment, emotion, texts in (
        (
            "negative",
            "angry",
            ("骗子店铺，退钱", "垃圾，骗子", "再也不来了，骗子", "太差了，退钱", "垃圾东西退钱", "差评，骗子"),
        ),
        ("neutral", "neutral", ("几天能到", "多久能到", "怎么开发票", "发票几天能开", "几天能发货", "多久发货")),
        ("positive", "thankful", ("谢谢，很满意", "谢谢你", "很满意，好评", "质量好，谢谢", "好评，谢谢", "非常满意")),
    )
    for text in texts
]


def marked_dialogue(name: str, *texts: str, frustrated: bool) -> LabelledDialogue:
    """Customer and bot in turn; the customer loses patience from the second message on, or not at all."""
    turns = tuple(
        Turn(text, 1e9 + 10.0 * index, "bot" if index % 2 else "customer") for index, text in enumerate(texts)
    )
    marks = tuple(None if index % 2 else frustrated and index > 0 for index in range(len(texts)))
    return LabelledDialogue(name, turns, marks)


DIALOGUES = [
    marked_dialogue(
        "angry", "退款没到", "1–3个工作日到账", "骗子！退钱！！！", "1–3个工作日到账", "骗子！！！", frustrated=True
    ),
    marked_dialogue("calm", "几天能到", "1–3天", "谢谢你", "不客气", "好", frustrated=False),
] * 3


@pytest.fixture(scope="session")
def small_sizes() -> NetworkSizes:
    return NetworkSizes(character=8, filters=8, gram=8, behaviour=4, fused=8, dropout=0.1)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, small_sizes: NetworkSizes):
    """(model folder, training report) of a few real epochs."""
    from analytics.insight_training import train_insight

    directory: Path = tmp_path_factory.mktemp("insight")
    report = train_insight([], LINES, dialogues=DIALOGUES, directory=directory, seed=3, epochs=25, sizes=small_sizes)
    return directory, report
