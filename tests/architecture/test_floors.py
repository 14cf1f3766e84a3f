"""The floors hold: a room imports only from floors below, heavy libraries stay in their room, names say something."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
FLOORS = {"bot": 3, "actions": 2, "retrieval": 1, "analytics": 1, "nlu_data": 0, "storage": -1}
#: Library → where it may be imported.
HOMES = {
    "rasa": ("bot/components/", "bot/engine/", "bot/training/", "bot/process_log.py", "nlu_data/importer.py"),
    "rasa_sdk": ("actions/", "bot/engine/"),
    "faiss": ("retrieval/",),
    "sentence_transformers": ("retrieval/",),
    "torch": ("retrieval/",),
    "tensorflow": ("analytics/",),
    "sqlalchemy": ("storage/",),
    "alembic": ("storage/",),
}
BANNED_NAMES = re.compile(r"(^|_)(utils?|helpers?|common|misc|managers?)(_|$)")


def sources() -> list[Path]:
    return sorted(
        path
        for room in FLOORS
        for path in (ROOT / room).rglob("*.py")
        if not {"__pycache__", "node_modules"} & set(path.parts)
    )


def imported(path: Path) -> set[str]:
    """Return the dotted names that a file imports, relative ones resolved."""
    names: set[str] = set()
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level + 1]) if node.level else []
            names.add(".".join(base + ([node.module] if node.module else [])))
    return names


def floor_faults(path: Path, names: set[str]) -> list[str]:
    room = path.relative_to(ROOT).parts[0]
    return [
        f"{path.relative_to(ROOT)} imports {name}: {other} is not below {room}"
        for name in sorted(names)
        for other in [name.split(".")[0]]
        if other in FLOORS and other != room and FLOORS[other] >= FLOORS[room]
    ]


def home_faults(path: Path, names: set[str]) -> list[str]:
    place = path.relative_to(ROOT).as_posix()
    return [
        f"{place} imports {name}: only {', '.join(HOMES[library])} may"
        for name in sorted(names)
        for library in [name.split(".")[0]]
        if library in HOMES and not place.startswith(HOMES[library])
    ]


def test_there_is_something_to_check():
    rooms = {path.relative_to(ROOT).parts[0] for path in sources()}
    assert rooms == set(FLOORS)


def test_rooms_import_only_from_below():
    assert [fault for path in sources() for fault in floor_faults(path, imported(path))] == []


def test_libraries_stay_in_their_rooms():
    assert [fault for path in sources() for fault in home_faults(path, imported(path))] == []


@pytest.mark.parametrize(
    "place, name, faults",
    [
        ("retrieval/x.py", "analytics.profiles", 1),
        ("retrieval/x.py", "storage.knowledge", 0),
        ("nlu_data/x.py", "retrieval.hybrid", 1),
        ("actions/x.py", "bot.settings", 1),
    ],
)
def test_the_floor_check_finds_faults(place, name, faults):
    assert len(floor_faults(ROOT / place, {name})) == faults


def test_the_library_check_finds_faults():
    assert home_faults(ROOT / "bot/gateway/x.py", {"sqlalchemy.engine"})
    assert not home_faults(ROOT / "storage/x.py", {"sqlalchemy"})


def test_actions_stay_flat():
    # rasa_sdk 3.6.2 looks sub-packages up by their last name only (rasa_sdk/executor.py:224).
    assert [path for path in (ROOT / "actions").iterdir() if path.is_dir() and path.name != "__pycache__"] == []


def test_names_say_something():
    bad = [str(path.relative_to(ROOT)) for path in sources() if BANNED_NAMES.search(path.stem)]
    bad += [
        str(path.relative_to(ROOT)) for path in sources() for part in path.parent.parts if BANNED_NAMES.search(part)
    ]
    assert bad == []


def test_the_gateway_starts_light():
    """The gateway loads no model library: it must be up in seconds and small beside the workers."""
    program = (
        "import sys, bot.gateway.__main__, actions.shop, analytics.profiles; "
        "print([n for n in ('tensorflow', 'torch', 'rasa', 'rasa_sdk', 'faiss') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_serving_needs_no_torch():
    """A worker imports every component and never torch or sentence-transformers, which only training needs."""
    program = (
        "import sys; import bot.components.encoder, bot.components.retriever, bot.components.intent_classifier, "
        "bot.components.insight, bot.components.escalation_policy, bot.components.entities, bot.components.tokenizer, "
        "bot.components.trim; print([n for n in ('torch', 'sentence_transformers') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().splitlines()[-1] == "[]"
