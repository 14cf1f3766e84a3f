"""`yingda handoffs`: the customers who wait for a human, until there is a desk for agents."""

import time
from typing import Optional

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.cli import terminal
from bot.cli.database import product_database
from bot.cli.moment import local_minute

app = typer.Typer(help="Customers who wait for a human.", no_args_is_help=True)


@app.command("list")
def list_waiting(queue: Optional[str] = typer.Option(None, help="Only this queue, e.g. 投诉专线.")) -> None:
    """Show the waiting hand-offs, most urgent first, then the longest waiting."""
    from storage.database import reading
    from storage.handoffs import waiting

    with product_database("handoffs") as database, reading(database) as connection:
        tickets = waiting(connection, queue=queue)
    table = Table("ticket", "since", "priority", "queue", "because", "conversation")
    for column in (table.columns[0], table.columns[-1]):
        column.overflow = "fold"  # to be copied: never cut
    for each in tickets:
        since = local_minute(each.at)
        row = (each.ticket, since, each.priority, each.queue, each.because, each.conversation_id)
        table.add_row(*map(escape, row))
    Console().print(table)


@app.command("accept")
def accept(ticket: str = typer.Argument(..., help="As `yingda handoffs list` shows it, e.g. H102938.")) -> None:
    """Take a waiting hand-off: from now on the bot is silent in that conversation, until you close it."""
    from storage import handoffs
    from storage.database import transaction

    with product_database("handoffs") as database, transaction(database) as connection:
        taken = handoffs.accept(connection, ticket=ticket, now=time.time())
    terminal.say(
        f"{ticket} accepted; the bot is silent in conversation {taken.conversation_id} until: "
        f"yingda handoffs close {ticket}"
    )


@app.command("close")
def close(ticket: str = typer.Argument(..., help="A ticket that was accepted.")) -> None:
    """End an accepted hand-off: the bot answers again."""
    from storage import handoffs
    from storage.database import transaction

    with product_database("handoffs") as database, transaction(database) as connection:
        closed = handoffs.close(connection, ticket=ticket, now=time.time())
    terminal.say(f"{ticket} closed; the bot answers again in conversation {closed.conversation_id}")
