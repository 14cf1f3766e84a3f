"""Examples of intents out of the knowledge: a question that names its intent is one more way to ask for it."""

from pathlib import Path

import yaml


def faq_examples(directory: Path) -> list[tuple[str, str]]:
    """Return (text, intent) of the questions and variants in `directory`/faq/*.yml that state an intent.

    Reads only those three keys; the whole form of the files is checked where they are published
    (retrieval.knowledge_files).
    """
    examples = []
    for path in sorted((directory / "faq").glob("*.yml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")) or []:
            if entry.get("intent"):
                examples += [(text, entry["intent"]) for text in (entry["question"], *entry.get("variants", []))]
    return examples
