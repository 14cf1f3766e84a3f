"""The served model: what it returns, that batches equal single calls, and which folders it refuses."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from analytics.features import FEATURE_NAMES, Turn
from analytics.insight import InsightModel, InsightModelError
from analytics.insight_network import EMOTIONS, SENTIMENTS

START = 1_790_000_000.0


@pytest.fixture(scope="module")
def model(trained) -> InsightModel:
    return InsightModel.load(trained[0])


@pytest.fixture
def folder(trained, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained[0], tmp_path / "model"))


def test_it_reads_what_it_was_taught(model: InsightModel) -> None:
    insights = {
        text: model.score([Turn(text, START, "customer")]) for text in ("骗子，退钱", "几天能到", "谢谢，很满意")
    }

    assert [insight.label for insight in insights.values()] == ["negative", "neutral", "positive"]


def test_frustration_rises_with_what_the_customer_does(model: InsightModel) -> None:
    calm = [Turn("几天能到", START, "customer")]
    upset = [
        Turn("退款没到", START, "customer"),
        Turn("1–3个工作日到账", START + 1, "bot"),
        Turn("退钱！！！", START + 5, "customer"),
        Turn("1–3个工作日到账", START + 6, "bot"),
        Turn("骗子！！！", START + 9, "customer"),
    ]

    assert model.score(upset).frustration > model.score(calm).frustration


def test_the_result_is_complete_and_plain(model: InsightModel) -> None:
    insight = model.score([Turn("你好", START, "customer")])

    assert tuple(insight.sentiment) == SENTIMENTS
    assert tuple(insight.emotion) == EMOTIONS
    assert tuple(insight.behaviour) == FEATURE_NAMES
    assert sum(insight.sentiment.values()) == pytest.approx(1.0, abs=1e-5)
    assert 0.0 <= insight.frustration <= 1.0
    json.dumps([insight.sentiment, insight.frustration, insight.behaviour, insight.emotion])  # no numpy scalars


def test_a_batch_equals_single_calls(model: InsightModel) -> None:
    histories = [[Turn(text, START, "customer")] for text in ("骗子", "几天能到", "谢谢")]

    for alone, together in zip(map(model.score, histories), model.score_many(histories), strict=True):
        assert together.frustration == pytest.approx(alone.frustration, abs=1e-5)
        assert together.sentiment == pytest.approx(alone.sentiment, abs=1e-5)


def test_nothing_to_score_gives_nothing(model: InsightModel) -> None:
    assert model.score_many([]) == []


@pytest.mark.parametrize("text", ["", "\x00", "😀" * 300, "啊" * 20_000, "/ask_invoice{}", "<script>", "QWERTY " * 90])
def test_odd_texts_are_scored_without_error(model: InsightModel, text: str) -> None:
    assert 0.0 <= model.score([Turn(text, START, "customer")]).frustration <= 1.0


@pytest.mark.parametrize("history", [[], [Turn("您好", START, "bot")]])
def test_a_history_must_end_with_the_customer(model: InsightModel, history: list[Turn]) -> None:
    with pytest.raises(ValueError, match="expected 'customer'"):
        model.score(history)


def test_a_missing_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InsightModelError, match="rasa train"):
        InsightModel.load(tmp_path / "absent")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("features", ["pause"]),
        ("features_version", 0),
        ("normaliser", "0"),
        ("format", "yingda-insight/0"),
        ("sentiments", ["bad", "good"]),
    ],
)
def test_a_model_made_for_other_code_is_refused(folder: Path, key: str, value: object) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, key: value}))

    with pytest.raises(InsightModelError, match=f"{key}=.*this version expects.*rasa train"):
        InsightModel.load(folder)


@pytest.mark.parametrize("name", ["manifest.json", "vocabulary.json", "weights.npz"])
@pytest.mark.parametrize("damage", ["gone", "empty", "half"])
def test_a_broken_folder_is_refused(folder: Path, name: str, damage: str) -> None:
    path = folder / name
    content = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(content[: len(content) // 2] if damage == "half" else b"")

    with pytest.raises(InsightModelError, match="rasa train"):
        InsightModel.load(folder)


def test_light_modules_do_not_import_tensorflow() -> None:
    code = (
        "import sys, analytics.profiles, analytics.escalation, analytics.features, analytics.insight, "
        "analytics.insight_training; print(sorted({'tensorflow', 'keras', 'rasa', 'torch'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
