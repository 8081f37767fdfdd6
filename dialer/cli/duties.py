"""`winback duties`: what the house does by itself, what came of it, and when it comes next."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from dialer.cli.telling import console, fail, meter
from dialer.core.timetable import Duty

group = typer.Typer(
    name="duties",
    help="What the house does by itself at its hours: list it, or do one now.",
    invoke_without_command=True,
)

STAGES = {
    "judge": "Judging on rows it has not seen",
    "fit": "Learning from all rows",
    "score": "Scoring",
    "effect": "Looking at campaigns",
}


@group.callback()
def duties(context: typer.Context) -> None:
    """List every duty with what came of it last and its next time. Workers do them; see `winback worker`."""
    if context.invoked_subcommand is not None:
        return
    from zoneinfo import ZoneInfo

    from dialer.bootstrap import open_house
    from dialer.services.timetable import list_duties
    from dialer.settings import Settings

    settings = Settings()
    with open_house(settings) as house:
        cards = list_duties(house.book, settings, house.clock())
    zone = ZoneInfo(settings.queues.zone)
    table = Table("duty", "hour", "last", "next", "what came of it")
    for card in cards:
        ended, due = (at and f"{at.astimezone(zone):%Y-%m-%d %H:%M}" for at in (card.ended_at, card.due_at))
        said = f"{card.end.value}: {card.said}" if card.end else card.meaning
        said = "at work" if card.at_work else said
        table.add_row(card.duty.value, card.hour, ended or "not yet", due or "never", escape(said))
    console.print(table)
    console.print(f"Hours are those of {settings.queues.zone}. `winback duties run NAME` does one now.")


@group.command()
def run(duty: Annotated[Duty, typer.Argument(metavar="NAME", help="Which one.")]) -> None:
    """Do one duty now, here, whatever its hour; its next time stays. Ends with 1 if it fails."""
    from dialer.bootstrap import open_house
    from dialer.jobs.timetable import perform
    from dialer.services.timetable import write_down
    from dialer.settings import Settings

    settings = Settings()
    with open_house(settings) as house, meter(STAGES) as show:
        write_down(house.book, settings, house.clock())
        came = perform(house, duty, show, due_only=False)
    if came is None:
        fail(f"A worker is at {duty.value} at this moment. `winback duties` shows what comes of it.", code=1)
    console.print(came["said"], markup=False)
