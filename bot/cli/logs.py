"""`yingda logs`: the company's historical conversations."""

from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.cli import terminal

app = typer.Typer(help="Historical conversations: import them, list them, remove them.", no_args_is_help=True)


@app.command("import")
def import_logs(
    context: typer.Context,
    source: Path = typer.Argument(..., help="CSV, TSV or JSONL file."),
    name: str = typer.Option("", help="Name of the log; the file's own by default. Importing it again replaces it."),
    columns: list[str] = typer.Option(
        [],
        "--map",
        help="FIELD=COLUMN, e.g. --map text=content; COLUMN is a name, or a number in a file without header.",
    ),
) -> None:
    """Import conversations: masked, checked row by row, mined for question/answer pairs.

    The sample company's log, if the demo had imported it, makes way for the first log of your own.
    """
    from bot.preparation import remove_sample_log
    from nlu_data.logs import import_log

    settings = terminal.settings()
    mapping = {}
    for pair in columns:
        field, separator, column = pair.partition("=")
        if not separator:
            raise terminal.fault(f"--map {pair!r}", "expected FIELD=COLUMN, e.g. text=content", status=2)
        mapping[field] = column
    with terminal.ends_clearly("import"):
        report = import_log(
            terminal.given(context, source),
            name=name or source.stem,
            directory=settings.logs_dir,
            columns=mapping or None,
        )
        terminal.console.print_json(report.json())
        # A log without a single good row has nothing to take the sample's place with.
        if report.conversations and remove_sample_log(settings, imported=report.name):
            terminal.say("the sample company's log was removed: the model now learns from your own")


@app.command("list")
def list_logs() -> None:
    """Show the imported logs, all of which the model is trained from."""
    from nlu_data.logs import log_names, log_report

    directory = terminal.settings().logs_dir
    table = Table("name", "file", "conversations", "messages", "pairs")
    with terminal.ends_clearly("logs"):
        for name in log_names(directory):
            report = log_report(name, directory)
            figures = (report.conversations, report.messages, report.pairs) if report else ("?", "?", "?")
            table.add_row(name, escape(report.source if report else "?"), *map(str, figures))
    Console().print(table)


@app.command("remove")
def remove(name: str = typer.Argument(..., help="Name of the log, as `yingda logs list` shows it.")) -> None:
    """Remove an imported log; the file that it came from stays. The next training goes without it."""
    from nlu_data.logs import remove_log

    with terminal.ends_clearly("logs"):
        remove_log(name, terminal.settings().logs_dir)
    terminal.say(f"log {name} removed; train again with: yingda train")
