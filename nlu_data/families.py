"""Which category of the company's logs an intent belongs to."""

from pathlib import Path

import yaml

FAMILIES_PATH = Path(__file__).with_name("families.yml")


def read_families(path: Path = FAMILIES_PATH) -> dict[str, str]:
    """Return intent → category from a YAML file of category → list of intents.

    :raises ValueError: when the file is not such a mapping, or an intent stands in two categories.
    """
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise ValueError(  # noqa: TRY004 - the file's content is wrong, not the caller's type
            f"{path.name}: expected `category: [intent, …]` lines, found {type(content).__name__}"
        )
    families: dict[str, str] = {}
    for category, intents in content.items():
        if not isinstance(intents, list) or not all(isinstance(intent, str) for intent in intents):
            raise ValueError(f"{path.name}: {category} has {intents!r}; expected a list of intent names")
        for intent in intents:
            if intent in families:
                raise ValueError(
                    f"{path.name}: {intent} is in {families[intent]} and in {category}; leave it in one category"
                )
            families[intent] = category
    return families
