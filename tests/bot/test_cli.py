"""Every command of `yingda`, called from a folder that is not the project's; bad input ends with one line."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot import preparation
from bot.cli import app, terminal
from bot.preparation import SAMPLE_SOURCE
from bot.settings import Settings, load_settings
from bot.training.evaluation import Figure
from bot.training.train import TrainingFailed
from nlu_data.logs import import_log, log_names
from storage import conversations, teaching
from storage.database import open_database, reading
from storage.handoffs import request
from storage.migration import migrate
from storage.shop import all_customers
from tests.storage.conversation import Talk

ROOT = Path(__file__).parent.parent.parent
LOG = "conversation_id,time,sender,text\na,2026-10-01 10:00:00,customer,多久发货\n"
ENTRY = "- {id: points, question: 积分怎么用？, answer: 100 积分抵 1 元。}\n"


class Project:
    """A project folder, a data folder, and the folder that commands are called from: three different ones."""

    def __init__(self, place: Path) -> None:
        self.root, self.data, self.here = place / "project", place / "data", place / "here"
        for folder in (self.root, self.here):
            folder.mkdir()

    def call(self, *arguments: str, status: int = 0) -> str:
        """Run the command and return all that it printed; no command may end with a traceback."""
        done = CliRunner().invoke(app, arguments)
        os.chdir(self.here)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == status, done.output
        assert "Traceback" not in done.output
        return done.output

    @property
    def settings(self) -> Settings:
        return load_settings({"YINGDA_DATA_DIR": str(self.data)}, None)

    def write(self, name: str, text: str) -> Path:
        path = self.here / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path


@pytest.fixture
def project(tmp_path, monkeypatch):
    project = Project(tmp_path)
    monkeypatch.setattr(terminal, "ROOT", project.root)
    monkeypatch.setenv("YINGDA_DATA_DIR", str(project.data))
    monkeypatch.setenv("YINGDA_MODEL_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("COLUMNS", "240")
    monkeypatch.chdir(project.here)
    before = os.umask(0o022)
    yield project
    os.umask(before)


@pytest.fixture
def talk(project):
    """A conversation in the product database."""
    migrate(project.settings.database)
    database = open_database(project.settings.database)
    yield Talk(database)
    database.dispose()


def queued(talk: Talk, text: str, client_id: str = "c-1") -> str:
    message = talk.accept(text, client_id).message_id
    details = {"cause": teaching.UNKNOWN, "nearest": ["points", "[b]"], "now": 1_795_406_400.0}
    talk.write(teaching.queue, message_id=message, conversation_id=talk.id, masked_text=text, **details)
    return message


def handed_over(talk: Talk, **changes: str) -> str:
    message = talk.accept("转人工").message_id
    parts = {"reason": "asked", "because": "客户要求[人工]服务", "queue": "综合客服", "priority": "normal", **changes}
    return talk.write(request, conversation_id=talk.id, message_id=message, now=1_795_406_400.0, **parts).ticket


def owner(talk: Talk) -> str:
    return talk.write(conversations.find, conversation_id=talk.id).owner


# --- the whole program ---


def test_the_module_is_the_command_from_any_folder(tmp_path):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("YINGDA_")}
    environment = {**kept, "PYTHONPATH": str(ROOT), "YINGDA_PORT": "9123", "COLUMNS": "240"}
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "settings"], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "YINGDA_PORT" in done.stdout and "9123" in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("group", ["logs", "knowledge", "shop", "teach", "handoffs"])
def test_a_group_alone_shows_its_commands(project, group):
    assert "Commands" in project.call(group, status=2)


@pytest.mark.parametrize("words", [("nonsense",), ("logs", "nonsense"), ("run", "--nonsense"), ("teach", "dismiss")])
def test_what_is_no_command_is_refused(project, words):
    assert "Usage" in project.call(*words, status=2)


def test_the_projects_own_env_file_counts_wherever_the_command_is_called(project):
    (project.root / ".env").write_text("YINGDA_PORT=9124\n")
    (project.here / ".env").write_text("YINGDA_PORT=9125\n")
    said = project.call("settings")
    assert "9124" in said and "9125" not in said


def test_a_relative_data_folder_is_the_projects(project, monkeypatch):
    monkeypatch.setenv("YINGDA_DATA_DIR", "var")
    project.write("own.csv", LOG)
    project.call("logs", "import", "own.csv")
    assert (project.root / "var" / "logs" / "own.jsonl").is_file()
    assert [path.name for path in project.here.iterdir()] == ["own.csv"]


def test_what_a_command_writes_is_for_this_user_only(project):
    project.write("own.csv", LOG)
    project.call("logs", "import", "own.csv")
    project.call("teach", "list")
    written = [project.data, *project.data.rglob("*")]
    assert {"own.jsonl", "yingda.db"} <= {path.name for path in written}
    assert [path for path in written if stat.S_IMODE(path.stat().st_mode) & 0o077] == []


@pytest.mark.parametrize(
    "words",
    [
        ("run",),
        ("prepare",),
        ("train",),
        ("evaluate",),
        ("settings",),
        ("logs", "list"),
        ("logs", "remove", "own"),
        ("logs", "import", "own.csv"),
        ("knowledge", "import", "."),
        ("shop", "seed"),
        ("teach", "list"),
        ("teach", "dismiss", "m"),
        ("handoffs", "list"),
        ("handoffs", "accept", "H1"),
        ("handoffs", "close", "H1"),
    ],
)
def test_an_unknown_setting_stops_every_command(project, monkeypatch, words):
    monkeypatch.setenv("YINGDA_PROT", "1")
    assert "did you mean YINGDA_PORT?" in project.call(*words, status=2)
    assert not project.data.exists()


# --- settings, run ---


def test_settings_hide_what_is_secret(project, monkeypatch):
    monkeypatch.setenv("YINGDA_SECRET_KEY", "0123456789abcdef0123456789abcdef")
    monkeypatch.setenv("YINGDA_DATABASE_URL", "postgresql://me:hunter2@db/yingda")
    monkeypatch.setenv("YINGDA_ALLOWED_ORIGINS", "http://[::1]:8080")
    said = project.call("settings")
    assert "0123456789abcdef" not in said and "hunter2" not in said
    assert "http://[::1]:8080" in said
    assert all(f"YINGDA_{name.upper()}" in said for name in Settings.__fields__)


@pytest.mark.parametrize("status", [0, 1])
def test_run_ends_as_the_launch_ends(project, monkeypatch, status):
    seen = []
    monkeypatch.setattr("bot.launch.launch", lambda settings, root, console: seen.append(root) or status)
    project.call("run", status=status)
    assert seen == [project.root]


def test_run_without_a_model_says_what_to_do(project):
    assert "run: yingda prepare" in project.call("run", status=1).replace("\n", " ")


# --- prepare, train, evaluate ---


@pytest.fixture
def sample(project, monkeypatch):
    """A sample company of one entry and a few conversations, whose training is left out."""
    faq = project.root / "nlu_data" / "knowledge" / "faq"
    faq.mkdir(parents=True)
    (faq / "points.yml").write_text(ENTRY, encoding="utf-8")
    monkeypatch.setattr(preparation, "SAMPLE_CONVERSATIONS", 20)
    monkeypatch.setattr(preparation, "train", lambda settings, root: (project.root / "model.tar.gz", True))
    return faq


def test_prepare_says_what_it_did(project, sample):
    said = project.call("prepare")
    for part in ("sample shop: filled", "sample log: 20 conversations", "1 added", "model.tar.gz (trained)"):
        assert part in said
    assert log_names(project.data / "logs") == ["sample"]


def test_prepare_without_the_demo_removes_the_sample_log(project, sample, monkeypatch):
    project.call("prepare")
    monkeypatch.setenv("YINGDA_DEMO", "false")
    assert "sample log: removed" in project.call("prepare")
    assert log_names(project.data / "logs") == []


def test_prepare_ends_with_one_line_when_the_training_fails(project, sample, monkeypatch):
    def fail(settings, root):
        raise TrainingFailed("rasa train ended with status 1 [see above]")

    monkeypatch.setattr(preparation, "train", fail)
    last = project.call("prepare", status=1).splitlines()[-1]
    assert last == "prepare: rasa train ended with status 1 [see above]"


def test_prepare_ends_with_one_line_when_knowledge_cannot_be_read(project, sample):
    (sample / "points.yml").write_text("- {id: points, question: 积分怎么用？}\n", encoding="utf-8")
    last = project.call("prepare", status=1).splitlines()[-1]
    assert last.startswith("prepare: ") and "points.yml: entry 1: answer" in last


def test_prepare_ends_with_one_line_when_a_stored_log_is_damaged(project, sample, monkeypatch):
    def read(settings, root):
        from nlu_data.logs import read_conversations

        list(read_conversations(settings.logs_dir))

    project.call("prepare")
    (project.data / "logs" / "sample.jsonl").write_text("{}\n")
    monkeypatch.setattr(preparation, "train", read)
    assert "sample.jsonl line 1" in project.call("prepare", status=1).splitlines()[-1]


def test_prepare_ends_with_one_line_when_the_data_folder_is_a_file(project, sample):
    project.data.write_text("")
    assert project.call("prepare", status=1).startswith("prepare: ")


@pytest.mark.parametrize(("options", "fresh"), [([], False), (["--force"], True)])
def test_train_says_whether_it_had_to(project, monkeypatch, options, fresh):
    seen = []

    def train(settings, root, force):
        seen.append((root, force))
        return Path("models/[x].tar.gz"), fresh

    monkeypatch.setattr("bot.training.train.train", train)
    said = project.call("train", *options)
    assert said == f"{'trained' if fresh else 'unchanged, not trained again'}: models/[x].tar.gz\n"
    assert seen == [(project.root, bool(options))]


def test_a_failed_training_is_told_in_one_line(project, monkeypatch):
    def train(settings, root, force):
        raise TrainingFailed("no model")

    monkeypatch.setattr("bot.training.train.train", train)
    assert project.call("train", status=1) == "training: no model\n"


def test_evaluate_prints_and_writes_where_it_was_called(project, monkeypatch):
    figures = [Figure("right intent", 0.98765, 250)]
    monkeypatch.setattr("bot.training.evaluation.evaluate", lambda settings, root: figures)
    said = project.call("evaluate", "--json", "figures.json")
    assert "0.9877" in said and "250" in said
    assert '"right intent"' in (project.here / "figures.json").read_text(encoding="utf-8")


def test_evaluate_refuses_a_file_in_no_folder_before_it_measures(project, monkeypatch):
    monkeypatch.setattr("bot.training.evaluation.evaluate", lambda settings, root: pytest.fail("measured"))
    assert "no such folder" in project.call("evaluate", "--json", "none/figures.json", status=2)


def test_evaluate_without_a_model_says_what_to_do(project):
    assert "run: make train" in project.call("evaluate", status=1)


# --- logs ---


def test_the_sample_makes_way_for_a_companys_own_log(project, sample):
    project.call("prepare")
    project.write("own.csv", LOG)
    said = project.call("logs", "import", "own.csv")
    assert '"conversations": 1' in said and "sample company's log was removed" in said
    assert log_names(project.data / "logs") == ["own"]
    assert "sample" not in project.call("logs", "import", "own.csv", "--name", "again")
    assert log_names(project.data / "logs") == ["again", "own"]


def test_the_sample_stays_when_nothing_came_in_its_place(project, sample):
    project.call("prepare")
    project.write("own.csv", LOG.replace("customer", "nobody"))
    said = project.call("logs", "import", "own.csv")
    assert '"conversations": 0' in said and "removed" not in said
    project.call("logs", "import", "none.csv", status=1)
    assert "sample" in log_names(project.data / "logs")


def test_the_sample_imported_by_hand_does_not_remove_itself(project, sample):
    project.call("prepare")
    path = project.data / "sample" / SAMPLE_SOURCE
    assert "removed" not in project.call("logs", "import", str(path), "--name", "sample")
    assert log_names(project.data / "logs") == ["sample"]


def test_columns_are_mapped(project):
    project.write("own.csv", LOG.replace("sender,text", "role,content"))
    assert '"messages": 1' in project.call("logs", "import", "own.csv", "--map", "sender=role", "--map", "text=content")


@pytest.mark.parametrize(
    ("words", "status", "reason"),
    [
        (("none.csv",), 1, "no such file"),
        (("own.csv", "--name", "../own"), 1, "log name '../own'"),
        (("own.csv", "--map", "text"), 2, "expected FIELD=COLUMN"),
        (("own.csv", "--map", "text=[content]"), 1, "column '[content]'"),
        (("own.xlsx",), 1, ".xlsx"),
        ((".",), 1, "import: "),
        ((), 2, "Missing argument"),
    ],
)
def test_a_log_that_cannot_be_imported_is_explained(project, words, status, reason):
    project.write("own.csv", LOG)
    project.write("own.xlsx", "")
    assert reason in project.call("logs", "import", *words, status=status)
    assert not list(project.data.rglob("*.jsonl"))


def test_logs_are_listed_and_removed(project):
    assert "conversations" in project.call("logs", "list")
    for name in ("one", "two"):
        import_log(project.write(f"{name}.csv", LOG), name=name, directory=project.data / "logs")
    (project.data / "logs" / "two.report.json").unlink()
    said = project.call("logs", "list")
    assert "one.csv" in said and "two" in said and "?" in said
    assert "log one removed" in project.call("logs", "remove", "one")
    assert "one.csv" not in project.call("logs", "list")
    assert (project.here / "one.csv").is_file()


@pytest.mark.parametrize("name", ["one", "../logs/two", ""])
def test_a_log_that_is_not_there_cannot_be_removed(project, name):
    import_log(project.write("two.csv", LOG), name="two", directory=project.data / "logs")
    assert "log name" in project.call("logs", "remove", name, status=1)
    assert log_names(project.data / "logs") == ["two"]


# --- knowledge, shop ---


def test_knowledge_is_published_from_where_it_was_called(project):
    project.write("mine/faq/points.yml", ENTRY)
    assert "1 added" in project.call("knowledge", "import", "mine")
    assert "0 added, 0 changed, 1 unchanged" in project.call("knowledge", "import", "mine", "--seed-date", "2026-11-01")


@pytest.mark.parametrize(
    ("words", "status", "reason"),
    [
        (("none",), 1, "no entries"),
        (("broken",), 1, "points.yml: entry 1: answer"),
        (("broken", "--seed-date", "yesterday"), 2, "yesterday"),
        ((), 2, "Missing argument"),
    ],
)
def test_knowledge_that_cannot_be_published_is_explained(project, words, status, reason):
    project.write("broken/faq/points.yml", "- {id: points, question: '[b]积分'}\n")
    assert reason in project.call("knowledge", "import", *words, status=status)


def test_the_shop_is_seeded_once(project):
    assert "sample shop: filled" in project.call("shop", "seed")
    assert "sample shop: fresh" in project.call("shop", "seed")
    database = open_database(project.settings.shop_database)
    with reading(database) as connection:
        assert all_customers(connection)
    database.dispose()


# --- teach ---


def test_a_queued_question_is_shown_as_the_customer_wrote_it(project, talk):
    first = queued(talk, "[red]红色[/red]有货吗 [/] [link=http://evil.example]这里[/link]")
    second = queued(talk, "能开[bold]专票吗", "c-2")
    said = project.call("teach", "list")
    assert "[red]红色[/red]有货吗 [/] [link=http://evil.example]这里[/link]" in said
    assert "能开[bold]专票吗" in said and "points, [b]" in said and "2026-11-2" in said
    assert first in said and second in said


def test_a_long_question_does_not_cut_the_id_to_dismiss_it_by(project, talk, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    message = queued(talk, "很长的问题" * 60)
    cells = [line.split("│")[1].strip() for line in project.call("teach", "list").splitlines() if line.startswith("│")]
    assert "".join(cells) == message


def test_at_most_so_many_questions_are_shown(project, talk):
    queued(talk, "第一个")
    queued(talk, "第二个", "c-2")
    said = project.call("teach", "list", "--limit", "1")
    assert ("第一个" in said) + ("第二个" in said) == 1
    project.call("teach", "list", "--limit", "0", status=2)


def test_before_the_first_start_the_queues_are_empty(project):
    assert "question" in project.call("teach", "list")
    assert "ticket" in project.call("handoffs", "list")


def test_a_dismissed_question_is_off_the_queue(project, talk):
    message = queued(talk, "能开专票吗")
    assert f"question {message} dismissed" in project.call("teach", "dismiss", message)
    assert "专票" not in project.call("teach", "list")
    assert "no open row of the teach queue" in project.call("teach", "dismiss", message, status=1)


@pytest.mark.parametrize("message", ["[/]", "' OR 1=1 --", "m_0"])
def test_a_question_that_is_not_queued_cannot_be_dismissed(project, talk, message):
    queued(talk, "能开专票吗")
    said = project.call("teach", "dismiss", message, status=1)
    assert said.startswith("teach: question ") and message in said.replace("\\'", "'")
    assert "专票" in project.call("teach", "list")


# --- handoffs ---


def test_a_handoff_goes_from_the_list_to_an_agent_and_back_to_the_bot(project, talk):
    ticket = handed_over(talk)
    said = project.call("handoffs", "list")
    assert ticket in said and "客户要求[人工]服务" in said and talk.id in said
    assert f"yingda handoffs close {ticket}" in project.call("handoffs", "accept", ticket)
    assert owner(talk) == conversations.HUMAN
    assert ticket not in project.call("handoffs", "list")
    assert "the bot answers again" in project.call("handoffs", "close", ticket)
    assert owner(talk) == conversations.BOT


def test_handoffs_are_listed_by_queue(project, talk):
    ticket = handed_over(talk, queue="投诉专线", priority="urgent")
    assert ticket in project.call("handoffs", "list", "--queue", "投诉专线")
    assert ticket not in project.call("handoffs", "list", "--queue", "综合客服")


@pytest.mark.parametrize("step", ["accept", "close"])
def test_a_step_that_does_not_fit_changes_nothing(project, talk, step):
    ticket = handed_over(talk)
    assert "none in state" in project.call("handoffs", step, "H[/]", status=1)
    if step == "close":
        assert "none in state 'accepted'" in project.call("handoffs", "close", ticket, status=1)
    else:
        project.call("handoffs", "accept", ticket)
        assert "none in state 'waiting'" in project.call("handoffs", "accept", ticket, status=1)
    assert owner(talk) == (conversations.BOT if step == "close" else conversations.HUMAN)
