"""`yingda teach`: the questions that the bot could not answer."""

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.cli import terminal
from bot.cli.database import product_database
from bot.cli.moment import local_minute

app = typer.Typer(help="Questions that the bot could not answer.", no_args_is_help=True)


@app.command("list")
def list_unanswered(limit: int = typer.Option(50, min=1, help="How many, newest first.")) -> None:
    """Show the questions that wait for an answer: not known, or rated badly."""
    from storage.database import reading
    from storage.teaching import open_questions

    with product_database("teach") as database, reading(database) as connection:
        questions = open_questions(connection, limit=limit)
    table = Table("message", "asked at", "question", "cause", "nearest")
    table.columns[0].overflow = "fold"  # to be copied into `dismiss`: never cut
    for each in questions:
        nearest = ", ".join(each.nearest)
        table.add_row(*map(escape, (each.message_id, local_minute(each.at), each.text, each.cause, nearest)))
    Console().print(table)


@app.command("dismiss")
def dismiss(message_id: str = typer.Argument(..., help="As `yingda teach list` shows it.")) -> None:
    """Take a question off the queue without teaching an answer."""
    from storage.database import transaction
    from storage.teaching import DISMISSED, resolve

    with product_database("teach") as database, transaction(database) as connection:
        resolve(connection, message_id=message_id, state=DISMISSED)
    terminal.say(f"question {message_id} dismissed")
