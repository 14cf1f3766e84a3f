"""config.yml, endpoints.yml and the dialogue files name only what exists."""

from pathlib import Path

import pytest
import yaml
from rasa.shared.utils.common import class_from_module_path

from nlu_data.families import read_families
from nlu_data.importer import HERE

ROOT = Path(__file__).parent.parent.parent
CONFIG = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))
DOMAIN = yaml.safe_load((HERE / "dialogue" / "domain.yml").read_text(encoding="utf-8"))
RULES = yaml.safe_load((HERE / "dialogue" / "rules.yml").read_text(encoding="utf-8"))["rules"]
INTENTS = {next(iter(each)) if isinstance(each, dict) else each for each in DOMAIN["intents"]}


def dotted_names():
    endpoints = yaml.safe_load((ROOT / "endpoints.yml").read_text(encoding="utf-8"))
    names = [part["name"] for section in ("importers", "pipeline", "policies") for part in CONFIG[section]]
    return [name for name in [*names, endpoints["nlg"]["type"]] if "." in name]


@pytest.mark.parametrize("name", dotted_names())
def test_every_dotted_name_imports(name):
    assert class_from_module_path(name)


def labelled_intents():
    found = set()
    for path in (HERE / "training").glob("*.yml"):
        found |= {block["intent"] for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]}
    return found


def test_domain_and_examples_name_the_same_intents():
    assert INTENTS == labelled_intents()


def test_every_intent_begins_a_rule_or_serves_the_form():
    begun = {step["intent"] for rule in RULES for step in rule["steps"] if "intent" in step}
    assert INTENTS - begun == set()


def test_every_action_of_the_domain_is_written():
    from rasa_sdk.executor import ActionExecutor

    executor = ActionExecutor()
    executor.register_package("actions")
    named = {name for name in DOMAIN["actions"] if not name.startswith("utter_")}
    ours = {name for name in executor.actions if name.startswith(("action_", "validate_"))}
    # A form or response may name an action that Rasa itself provides.
    assert named == ours


def test_every_action_in_the_rules_is_known():
    own = set(DOMAIN["actions"]) | set(DOMAIN["responses"]) | set(DOMAIN["forms"]) | {"action_deactivate_loop"}
    assert {step["action"] for rule in RULES for step in rule["steps"] if "action" in step} <= own


def test_families_cover_the_intents():
    assert set(read_families()) == labelled_intents() - {"out_of_scope", "inform"}


def test_responses_have_text_and_buttons_have_payloads():
    for name, variants in DOMAIN["responses"].items():
        for variant in variants:
            assert variant["text"].strip(), name
            for button in variant.get("buttons", []):
                intent = button["payload"].lstrip("/").partition("{")[0]
                assert button["payload"].startswith("/") and intent in INTENTS, (name, button)


@pytest.mark.parametrize("name", [part["name"] for part in CONFIG["pipeline"] if "." in part["name"]])
def test_fingerprints_do_not_depend_on_defaults_being_handed_in(name):
    component = class_from_module_path(name)
    assert component.fingerprint_addon({}) == component.fingerprint_addon(component.get_default_config())
