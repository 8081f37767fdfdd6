"""`winback schedule`: what Winback does by itself, what came of it, and when it comes next."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from dialer.cli.console_output import console, fail, meter
from dialer.core.schedule import ScheduledJob

group = typer.Typer(
    name="schedule",
    help="What Winback does by itself at its hours: list it, or do one now.",
    invoke_without_command=True,
)

STAGES = {
    "judge": "Judging on rows it has not seen",
    "fit": "Learning from all rows",
    "score": "Scoring",
    "effect": "Looking at campaigns",
}


@group.callback()
def list_schedule(context: typer.Context) -> None:
    """List every scheduled job with what came of it last and its next time. Workers do them."""
    if context.invoked_subcommand is not None:
        return
    from zoneinfo import ZoneInfo

    from dialer.bootstrap import open_app, settings_in_force
    from dialer.services.schedule.schedule import list_scheduled_jobs

    settings = settings_in_force()
    with open_app(settings) as app:
        cards = list_scheduled_jobs(app.database, settings, app.clock())
    zone = ZoneInfo(settings.queues.zone)
    table = Table("job", "hour", "last", "next", "what came of it")
    for card in cards:
        ended, due = (at and f"{at.astimezone(zone):%Y-%m-%d %H:%M}" for at in (card.ended_at, card.due_at))
        said = f"{card.end.value}: {card.said}" if card.end else card.meaning
        said = "at work" if card.at_work else said
        table.add_row(card.scheduled_job.value, card.hour, ended or "not yet", due or "never", escape(said))
    console.print(table)
    console.print(f"Hours are those of {settings.queues.zone}. `winback schedule run NAME` does one now.")


@group.command()
def run(scheduled_job: Annotated[ScheduledJob, typer.Argument(metavar="NAME", help="Which one.")]) -> None:
    """Do one scheduled job now, here, whatever its hour; its next time stays. Ends with 1 if it fails."""
    from dialer.bootstrap import open_app
    from dialer.jobs.scheduler import perform
    from dialer.services.schedule.schedule import write_down
    from dialer.settings import Settings

    settings = Settings()
    with open_app(settings) as app, meter(STAGES) as show:
        write_down(app.database, settings, app.clock())
        came = perform(app, scheduled_job, show, due_only=False)
    if came is None:
        fail(f"A worker is at {scheduled_job.value} now. `winback schedule` shows what comes of it.", code=1)
    console.print(came["said"], markup=False)
