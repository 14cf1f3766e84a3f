"""The `yingda` command: run, prepare, train, evaluate, settings, and groups for logs, knowledge, shop and queues."""

import datetime as dt
import json
from pathlib import Path
from typing import Optional

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.cli import handoffs, logs, teach, terminal
from bot.settings import Settings

app = typer.Typer(
    help="Yingda 应答: a customer-service bot that learns from your own support logs.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
knowledge_app = typer.Typer(help="Questions with answers and articles.", no_args_is_help=True)
shop_app = typer.Typer(help="The embedded sample shop.", no_args_is_help=True)
app.add_typer(logs.app, name="logs")
app.add_typer(knowledge_app, name="knowledge")
app.add_typer(shop_app, name="shop")
app.add_typer(teach.app, name="teach")
app.add_typer(handoffs.app, name="handoffs")
app.callback()(terminal.enter_project)


@app.command()
def run() -> None:
    """Start gateway and workers under a supervisor, and stop them all with Ctrl-C."""
    from bot.launch import launch

    raise typer.Exit(launch(terminal.settings(), root=terminal.ROOT, console=terminal.console))


@app.command()
def prepare() -> None:
    """Do what a start needs and has not been done yet: database, sample logs, knowledge, shop, training."""
    from bot.preparation import prepare as do
    from bot.training.train import TrainingFailed

    with terminal.ends_clearly("prepare", TrainingFailed):
        do(terminal.settings(), root=terminal.ROOT, console=terminal.console)


@app.command()
def train(force: bool = typer.Option(False, help="Train everything, also what has not changed.")) -> None:
    """Train the model with `rasa train`, unless nothing that it depends on has changed."""
    from bot.training.train import TrainingFailed
    from bot.training.train import train as do

    with terminal.ends_clearly("training", TrainingFailed):
        model, fresh = do(terminal.settings(), root=terminal.ROOT, force=force)
    terminal.say(f"{'trained' if fresh else 'unchanged, not trained again'}: {model}")


@app.command()
def evaluate(
    context: typer.Context,
    json_file: Optional[Path] = typer.Option(None, "--json", help="Write the figures to this file, too."),
) -> None:
    """Measure the current model on the held-out test set (nlu_data/testset); prints what the README quotes."""
    from bot.training.evaluation import evaluate as do

    if json_file is not None:
        json_file = terminal.given(context, json_file)
        # Said now, not after minutes of measuring.
        if not json_file.parent.is_dir():
            raise terminal.fault("--json", f"{json_file}: no such folder; make it first", status=2)
    figures = do(terminal.settings(), root=terminal.ROOT)
    table = Table("what", "figure", "of")
    for row in figures:
        table.add_row(row.what, f"{row.figure:.4f}", str(row.of))
    Console().print(table)
    if json_file is not None:
        with terminal.ends_clearly("--json"):
            json_file.write_text(json.dumps([row._asdict() for row in figures], ensure_ascii=False, indent=2) + "\n")


@app.command("settings")
def show_settings() -> None:
    """List every setting with its value and meaning; secrets stay hidden."""
    values = terminal.settings()
    # What repr shows: without the passwords of database URLs.
    shown = dict(values.__repr_args__())
    table = Table("name", "value", "meaning")
    for name, field in Settings.__fields__.items():
        table.add_row(f"YINGDA_{name.upper()}", escape(str(shown[name])), escape(field.field_info.description))
    Console().print(table)


@knowledge_app.command("import")
def import_knowledge(
    context: typer.Context,
    directory: Path = typer.Argument(..., help="Folder with faq/*.yml and articles/*.md."),
    seed_date: Optional[dt.datetime] = typer.Option(
        None, formats=["%Y-%m-%d"], help="Day that validity days count from; today by default."
    ),
) -> None:
    """Publish knowledge files: live at once; unchanged entries stay, entries gone from the folder retire."""
    from bot.preparation import publish_knowledge

    day = (seed_date or dt.datetime.now(dt.timezone.utc)).date()
    with terminal.ends_clearly("knowledge"):
        terminal.say(publish_knowledge(terminal.settings(), terminal.given(context, directory), seed_date=day))


@shop_app.command("seed")
def seed() -> None:
    """Fill the sample shop, or bring its dates up to today."""
    from nlu_data.sample_shop import seed_shop
    from storage.database import open_database

    with terminal.ends_clearly("shop"):
        database = open_database(terminal.settings().shop_database)
        try:
            terminal.say(f"sample shop: {seed_shop(database)}")
        finally:
            database.dispose()
