"""`rasa test`: the project's conversations lead to the right actions, and labelled messages to their intents."""

import json

import pytest
import yaml

STORIES = "nlu_data/dialogue/test_stories.yml"
NLU = """
version: "3.1"
nlu:
- intent: greet
  examples: |
    - 你好
- intent: request_human
  examples: |
    - 我要转人工
- intent: ask_invoice
  examples: |
    - 怎么开发票
"""


@pytest.fixture(scope="module")
def report(stock_rasa):
    """The folder that `rasa test` has written."""
    nlu = stock_rasa.directory / "nlu.yml"
    nlu.write_text(NLU, encoding="utf-8")
    out = stock_rasa.directory / "report"
    done = stock_rasa.run(
        *("test", "--stories", STORIES, "--nlu", str(nlu)),
        *("--model", str(stock_rasa.model), "--out", str(out), "--no-plot"),
    )
    assert done.returncode == 0, done.stdout[-4000:]
    return out


@pytest.mark.timeout(500)
def test_no_story_fails(report):
    failed = yaml.safe_load((report / "failed_test_stories.yml").read_text(encoding="utf-8"))
    assert failed is None or not failed.get("stories"), failed
    stories = json.loads((report / "story_report.json").read_text(encoding="utf-8"))
    assert stories["conversation_accuracy"]["correct"] == stories["conversation_accuracy"]["total"] > 0


@pytest.mark.timeout(500)
def test_every_message_leads_to_the_right_action(report):
    stories = json.loads((report / "story_report.json").read_text(encoding="utf-8"))
    actions = {name: row for name, row in stories.items() if name.startswith(("action_", "utter_"))}
    assert {"utter_knowledge", "action_track_order", "action_hand_over"} <= set(actions)
    assert {name: row["f1-score"] for name, row in actions.items()} == dict.fromkeys(actions, 1.0)


@pytest.mark.timeout(500)
def test_messages_are_understood(report):
    intents = json.loads((report / "intent_report.json").read_text(encoding="utf-8"))
    assert intents["accuracy"] == 1.0
    assert intents["weighted avg"]["support"] == 3
