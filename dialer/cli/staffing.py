"""`winback staffing`: who rings in on a coming day, and how many agents they take."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from dialer.cli.console_output import console
from dialer.cli.day_option import day_option

if TYPE_CHECKING:
    from dialer.services.promises.staffing import StaffingPlan


def staffing(
    *,
    day: Annotated[date | None, day_option("--day", words="On the centre's clock; else tomorrow.")] = None,
    within_min: Annotated[
        float, typer.Option(min=0.0, max=120.0, help="Callers and promises are to be served within so long.")
    ] = 5.0,
    share: Annotated[float, typer.Option(min=0.5, max=0.99, help="So many of them.")] = 0.8,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, the last line.")] = False,
) -> None:
    """Forecast callers and promised calls by quarters of an hour, and the agents they take."""
    from dialer.bootstrap import open_app
    from dialer.core.staffing.agents_needed import ServiceGoal
    from dialer.services.promises.staffing import plan_staffing
    from dialer.settings import Settings

    settings = Settings()
    with open_app(settings) as app:
        now = app.clock()
        today = now.astimezone(ZoneInfo(settings.queues.zone)).date()
        plan = plan_staffing(
            app.database,
            settings.queues.inbound,
            settings.calling.default_region,
            day if day is not None else today + timedelta(days=1),
            now,
            goal=ServiceGoal(within_s=60.0 * within_min, share=share),
        )
    if as_json:
        typer.echo(_as_json(plan))
    else:
        _print(plan)


def _print(plan: "StaffingPlan") -> None:
    if plan.callers.method is None:
        console.print("No whole day is known yet: the forecast begins with the callers of yesterday.")
        return
    zone = ZoneInfo(plan.zone)
    table = Table("from", "callers", "chosen times", "booked", "needed", "usually there")
    for each in plan.quarters:
        table.add_row(
            f"{each.start.astimezone(zone):%H:%M}",
            f"{each.callers:.1f}",
            f"{each.promised:.1f}",
            str(each.booked),
            str(each.needed),
            "-" if each.usual is None else str(each.usual),
        )
    console.print(table)
    for score in plan.callers.scores:
        console.print(
            f"{score.method.value}: error {score.error:.0%}, bias {score.bias:+.0%} over {score.days} days.",
            markup=False,
        )
    console.print(
        f"{plan.day} in {plan.zone}: callers told by {plan.callers.method.value} from {plan.callers.days} "
        f"days; {plan.goal.share:.0%} served within {plan.goal.within_s / 60:g} min; patience "
        f"{plan.patience_s:.0f} s{'' if plan.patience_known else ' (believed)'}. Quarters short: "
        f"{len(plan.short)} of {len(plan.quarters)}.",
        markup=False,
    )


def _as_json(plan: "StaffingPlan") -> str:
    import json
    from dataclasses import asdict

    return json.dumps(asdict(plan), default=str)
