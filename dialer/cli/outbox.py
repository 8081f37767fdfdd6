"""`winback outbox`: what leaves the house, what waits, what failed, and to have it tried again."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from dialer.cli.console_output import console, fail
from dialer.core.outbox.message import MessageState

group = typer.Typer(
    name="outbox",
    help="Texts to customers and events to programs: what waits, what failed, and to try again.",
    invoke_without_command=True,
)


@group.callback()
def list_outbox(
    context: typer.Context,
    *,
    state: Annotated[MessageState | None, typer.Option(help="Only those of one state.")] = None,
) -> None:
    """List the newest messages. Workers hand them over."""
    if context.invoked_subcommand is not None:
        return
    from zoneinfo import ZoneInfo

    from dialer.bootstrap import open_app, settings_in_force
    from dialer.services.outbox.outbox import latest_messages, message_counts

    settings = settings_in_force()
    with open_app(settings) as app:
        cards, counts = latest_messages(app.database, state=state), message_counts(app.database)
    zone = ZoneInfo(settings.queues.zone)
    table = Table("id", "written", "what", "to", "state", "tries", "what went wrong")
    for card in cards:
        table.add_row(
            str(card.id),
            f"{card.created_at.astimezone(zone):%Y-%m-%d %H:%M}",
            card.kind,
            escape(f"{card.channel} {card.receiver}"),
            card.state,
            str(card.tries),
            escape(card.fault),
        )
    console.print(table)
    console.print(", ".join(f"{count:,} {name}" for name, count in counts.items()) + ".")


@group.command()
def retry(message: Annotated[int, typer.Argument(metavar="ID", help="A message that failed.")]) -> None:
    """Have a message that was given up tried again, from the beginning."""
    from dialer.bootstrap import open_app
    from dialer.services.outbox.outbox import try_again
    from dialer.settings import Settings

    with open_app(Settings()) as app:
        if not try_again(app.database, message, "command", app.clock()):
            fail(f"There is no message {message} that failed.")
    console.print(f"Message {message} is tried again.")


@group.command()
def deliver() -> None:
    """Hand over what is due now, here, and not wait for a worker."""
    from dialer.bootstrap import open_app
    from dialer.jobs.couriers import deliver_once
    from dialer.settings import Settings

    with open_app(Settings()) as app:
        tried = deliver_once(app)
    console.print(f"{tried:,} tried. `winback outbox` says what came of them.")
