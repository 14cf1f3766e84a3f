"""The `yingda` command: run, train, logs, knowledge, shop, evaluate, teach, settings."""

import datetime as dt
import json
import sys
import time
from pathlib import Path
from typing import Optional

import typer
from rich.console import Console
from rich.table import Table

from bot.settings import Settings, SettingsError, load_settings

app = typer.Typer(
    help="Yingda 应答: a customer-service bot that learns from your own support logs.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
logs_app = typer.Typer(help="Historical conversations: import them, look at what was imported.", no_args_is_help=True)
knowledge_app = typer.Typer(help="Questions with answers and articles.", no_args_is_help=True)
shop_app = typer.Typer(help="The embedded sample shop.", no_args_is_help=True)
teach_app = typer.Typer(help="Questions that the bot could not answer.", no_args_is_help=True)
app.add_typer(logs_app, name="logs")
app.add_typer(knowledge_app, name="knowledge")
app.add_typer(shop_app, name="shop")
app.add_typer(teach_app, name="teach")

console = Console(stderr=True)
ROOT = Path(__file__).parent.parent


def settings() -> Settings:
    """Return the settings, or end the program with what is wrong with them."""
    try:
        return load_settings()
    except SettingsError as error:
        console.print(f"[bold red]settings:[/] {error}", highlight=False)
        raise typer.Exit(2) from None


@app.command()
def run() -> None:
    """Start gateway and workers under a supervisor, and stop them all with Ctrl-C."""
    from bot.launch import launch

    raise typer.Exit(launch(settings(), root=ROOT, console=console))


@app.command()
def prepare() -> None:
    """Do what a start needs and has not been done yet: database, sample logs, knowledge, shop, training."""
    from bot.preparation import prepare as do

    do(settings(), root=ROOT, console=console)


@app.command()
def train(force: bool = typer.Option(False, help="Train everything, also what has not changed.")) -> None:
    """Train the model with `rasa train`, unless nothing that it depends on has changed."""
    from bot.training.train import TrainingFailed
    from bot.training.train import train as do

    try:
        model, fresh = do(settings(), root=ROOT, force=force)
    except TrainingFailed as error:
        console.print(f"[bold red]training:[/] {error}")
        raise typer.Exit(1) from None
    console.print(f"{'trained' if fresh else 'unchanged, not trained again'}: {model}")


@app.command()
def evaluate(
    json_file: Optional[Path] = typer.Option(None, "--json", help="Write the figures to this file, too."),
) -> None:
    """Measure the current model on the held-out test set (nlu_data/testset); prints what the README quotes."""
    from bot.training.evaluation import evaluate as do

    figures = do(settings(), root=ROOT)
    table = Table("what", "figure", "of")
    for row in figures:
        table.add_row(row.what, f"{row.figure:.4f}", str(row.of))
    Console().print(table)
    if json_file:
        json_file.write_text(json.dumps([row._asdict() for row in figures], ensure_ascii=False, indent=2) + "\n")


@logs_app.command("import")
def import_logs(
    source: Path = typer.Argument(..., help="CSV, TSV or JSONL file."),
    name: str = typer.Option("", help="Name of the log; the file's own by default. Importing it again replaces it."),
    columns: list[str] = typer.Option(
        [],
        "--map",
        help="FIELD=COLUMN, e.g. --map text=content; COLUMN is a name, or a number in a file without header.",
    ),
) -> None:
    """Import conversations: masked, checked row by row, mined for question/answer pairs."""
    from nlu_data.logs import import_log

    mapping = {}
    for pair in columns:
        field, separator, column = pair.partition("=")
        if not separator:
            console.print(f"[bold red]--map {pair!r}:[/] expected FIELD=COLUMN, e.g. text=content")
            raise typer.Exit(2)
        mapping[field] = column
    try:
        report = import_log(source, name=name or source.stem, directory=settings().logs_dir, columns=mapping or None)
    except ValueError as error:
        console.print(f"[bold red]import:[/] {error}", highlight=False)
        raise typer.Exit(1) from None
    console.print_json(report.json())


@knowledge_app.command("import")
def import_knowledge(
    directory: Path = typer.Argument(..., help="Folder with faq/*.yml and articles/*.md."),
    seed_date: Optional[dt.datetime] = typer.Option(
        None, formats=["%Y-%m-%d"], help="Day that validity days count from; today by default."
    ),
) -> None:
    """Publish knowledge files: live at once; unchanged entries stay, entries gone from the folder retire."""
    from bot.preparation import publish_knowledge

    try:
        day = (seed_date or dt.datetime.now(dt.timezone.utc)).date()
        console.print(publish_knowledge(settings(), directory, seed_date=day))
    except ValueError as error:
        console.print(f"[bold red]knowledge:[/] {error}", highlight=False)
        raise typer.Exit(1) from None


@shop_app.command("seed")
def seed() -> None:
    """Fill the sample shop, or bring its dates up to today."""
    from nlu_data.sample_shop import seed_shop
    from storage.database import open_database

    database = open_database(settings().shop_database)
    try:
        console.print(f"sample shop: {seed_shop(database)}")
    finally:
        database.dispose()


@teach_app.command("list")
def list_unanswered(limit: int = typer.Option(50, min=1, help="How many, newest first.")) -> None:
    """Show the questions that wait for an answer: not known, or rated badly."""
    from storage.database import open_database, reading
    from storage.teaching import open_questions

    database = open_database(settings().database)
    try:
        with reading(database) as connection:
            rows = open_questions(connection, limit=limit)
    finally:
        database.dispose()
    table = Table("asked at", "question", "cause", "nearest")
    for row in rows:
        at = time.strftime("%Y-%m-%d %H:%M", time.localtime(row["at"]))
        table.add_row(at, row["text"], row["cause"], ", ".join(row["nearest"]))
    Console().print(table)


@app.command("settings")
def show_settings() -> None:
    """List every setting with its value and meaning; secrets stay hidden."""
    values = settings()
    table = Table("name", "value", "meaning")
    for name, field in Settings.__fields__.items():
        table.add_row(f"YINGDA_{name.upper()}", str(getattr(values, name)), field.field_info.description)
    Console().print(table)


if __name__ == "__main__":
    sys.exit(app())
