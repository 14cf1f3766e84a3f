"""The importer finds the project's data whatever paths Rasa hands it, and adds what knowledge and logs teach."""

import json
from pathlib import Path

import pytest
from rasa.shared.importers.importer import TrainingDataImporter

from nlu_data.importer import SECOND_HAND, YingdaImporter

ROOT = Path(__file__).parents[2]

LABELLED = """
version: "3.1"
nlu:
- intent: ask_invoice
  examples: |
    - 怎么开发票
    - 发票在哪里申请
    - 能不能开电子发票
- intent: ask_shipping_fee
  examples: |
    - 运费怎么算
    - 满多少可以包邮
    - 邮费要多少钱
- intent: greet
  examples: |
    - 你好
    - 在吗
"""
FAQ = """
- {id: invoice, question: 怎么开发票, variants: [发票抬头写错了], answer: 在订单里申请。, intent: ask_invoice}
- {id: size, question: 尺码怎么选, answer: 看尺码表。, intent: ask_size}
- {id: story, question: 公司的故事, answer: 说来话长。}
"""


@pytest.fixture
def labelled(tmp_path) -> str:
    path = tmp_path / "labelled.yml"
    path.write_text(LABELLED, encoding="utf-8")
    return str(path)


@pytest.fixture
def knowledge(tmp_path) -> str:
    (tmp_path / "knowledge" / "faq").mkdir(parents=True)
    (tmp_path / "knowledge" / "faq" / "all.yml").write_text(FAQ, encoding="utf-8")
    return str(tmp_path / "knowledge")


@pytest.fixture
def logs(tmp_path) -> str:
    """Imported logs: the same question of two customers, and something that is like no labelled example."""
    (tmp_path / "logs").mkdir()
    lines = []
    for number, text in enumerate(["发票要在哪里申请", "发票要在哪里申请", "锅里的汤怎么熬才香"]):
        message = {"at": 1e9 + number, "sender": "customer", "text": text}
        conversation = {"id": str(number), "category": "发票", "satisfaction": None, "resolved": True}
        lines.append({**conversation, "transferred": False, "customer": None, "messages": [message]})
    content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (tmp_path / "logs" / "sample.jsonl").write_text(content, encoding="utf-8")
    return str(tmp_path / "logs")


def added(importer) -> set[tuple[str, str]]:
    examples = importer.get_nlu_data().intent_examples
    return {(example.get("text"), example.get("intent")) for example in examples if example.get(SECOND_HAND)}


def test_knowledge_adds_its_questions_second_hand(labelled, knowledge, tmp_path):
    importer = YingdaImporter(
        "config.yml", None, [labelled], logs=str(tmp_path / "none"), knowledge=knowledge, mining_threshold=0.55
    )
    # 怎么开发票 is labelled already; ask_size and the story have no intent among the labelled ones.
    assert added(importer) == {("发票抬头写错了", "ask_invoice")}
    own = [each for each in importer.get_nlu_data().intent_examples if not each.get(SECOND_HAND)]
    assert len(own) == 8


def test_logs_add_what_is_like_a_labelled_example(labelled, logs, tmp_path):
    paths = {"logs": logs, "knowledge": str(tmp_path / "none")}
    found = added(YingdaImporter("config.yml", None, [labelled], **paths))
    assert ("发票要在哪里申请", "ask_invoice") in found
    assert all("汤" not in text for text, _ in found)
    assert added(YingdaImporter("config.yml", None, [labelled], **paths, mining_threshold=0)) == set()


def test_no_example_of_ours_is_lost_or_changed_by_what_is_added(labelled, knowledge, logs):
    data = YingdaImporter("config.yml", None, labelled, logs=logs, knowledge=knowledge).get_nlu_data()
    own = {(each.get("text"), each.get("intent")) for each in data.intent_examples if not each.get(SECOND_HAND)}
    assert {intent for _, intent in own} == {"ask_invoice", "ask_shipping_fee", "greet"}
    assert ("怎么开发票", "ask_invoice") in own


@pytest.mark.parametrize(
    "domain, data", [(None, None), ("domain.yml", ["data"]), ("nowhere/domain.yml", "data"), (None, [])]
)
def test_rasas_default_paths_lead_to_the_projects_own_data(monkeypatch, tmp_path, domain, data):
    monkeypatch.chdir(tmp_path)  # nothing of these names exists there
    importer = YingdaImporter(str(ROOT / "config.yml"), domain, data, logs=str(tmp_path / "none"), knowledge="none")

    assert "action_hand_over" in importer.get_domain().action_names_or_texts
    assert len(importer.get_nlu_data().intent_examples) > 500
    rules = importer.get_stories().story_steps
    assert rules and all(step.block_name for step in rules)
    assert not any("test_stories" in (step.source_name or "") for step in rules), "test conversations never train"


def test_paths_that_exist_are_used(labelled, tmp_path):
    domain = tmp_path / "domain.yml"
    domain.write_text('version: "3.1"\nintents: [greet]\n', encoding="utf-8")
    importer = YingdaImporter("config.yml", str(domain), labelled, logs=str(tmp_path / "none"), knowledge="none")
    assert "greet" in importer.get_domain().intents
    assert "track_order" not in importer.get_domain().intents
    assert len(importer.get_nlu_data().intent_examples) == 8


def test_no_examples_at_all_add_nothing(tmp_path, knowledge, logs):
    empty = tmp_path / "empty.yml"
    empty.write_text('version: "3.1"\nnlu: []\n', encoding="utf-8")
    data = YingdaImporter("config.yml", None, str(empty), logs=logs, knowledge=knowledge).get_nlu_data()
    assert data.intent_examples == []


def test_rasa_loads_it_from_the_projects_config(monkeypatch):
    monkeypatch.chdir(ROOT)
    importer = TrainingDataImporter.load_from_config("config.yml")
    assert "utter_greet" in importer.get_domain().action_names_or_texts
