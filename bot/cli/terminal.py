"""What every command shares: where the project is, where it was called from, settings, output, ends with one line."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.console import Console
from rich.markup import escape

from bot.settings import Settings, SettingsError, load_settings
from storage.errors import StorageError

#: The project's folder: `.env`, and relative data and model folders, count from here, for child processes as well.
ROOT = Path(__file__).parent.parent.parent

#: What is said beside the work. Tables and other results go to standard output.
console = Console(stderr=True)


def enter_project(context: typer.Context) -> None:
    """Make the project's folder the working one, and keep what is written from now on to this user.

    Databases, logs and keys are about customers: no other user of the machine shall read them.
    """
    os.umask(0o077)
    context.obj = Path.cwd()
    os.chdir(ROOT)


def given(context: typer.Context, path: Path) -> Path:
    """Return a path from the command line as its user meant it: relative to where the command was called."""
    return context.find_root().obj / path


def settings() -> Settings:
    """Return the settings, or end the program with what is wrong with them."""
    try:
        return load_settings()
    except SettingsError as error:
        raise fault("settings", error, status=2) from None


def say(text: str) -> None:
    """Write one line beside the results, as it is: nothing in it is markup, and it is not broken."""
    console.print(escape(text), highlight=False, soft_wrap=True)


def fault(what: str, reason: object, *, status: int = 1) -> typer.Exit:
    """Say what went wrong and return the exit to raise."""
    console.print(f"[bold red]{escape(what)}:[/] {escape(str(reason))}", highlight=False, soft_wrap=True)
    return typer.Exit(status)


@contextmanager
def ends_clearly(what: str, *more: type[Exception]) -> Iterator[None]:
    """End the command with the error's own text where the input or the machine is at fault, without a traceback.

    :param more: exceptions that are expected beside bad values, unknown ids and unreadable files.
    """
    try:
        yield
    except (ValueError, OSError, StorageError, *more) as error:
        raise fault(what, error) from None
