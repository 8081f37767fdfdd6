"""`winback lab burst` and `winback lab sharing`: what a floor does when something is not as usual."""

import json
from typing import Annotated, Final

import typer
from rich.table import Table

from dialer.cli.lab import Agents, AnswerRate, AsJson, Jobs, Seeds, Target, console, lab
from dialer.cli.renamed import keep_former_names

SHARING_HOURS: Final = 4.0  # measured of each run, where nothing else is said


@lab.command("burst")
def burst(
    *,
    agents: Agents = 10,
    answer_rate: AnswerRate = 0.3,
    target: Target = 0.03,
    seeds: Seeds = 10,
    bursts: Annotated[int, typer.Option(min=1, help="Bursts of each run, one an hour.")] = 4,
    length: Annotated[list[float] | None, typer.Option(help="Only so many seconds; again for more.")] = None,
    jobs: Jobs = 1,
    as_json: AsJson = False,
) -> None:
    """Let nobody pick up for a while: calls in the air when people do again, and what becomes of them."""
    from dialer.lab.burst import LENGTHS_S, run_bursts

    result = run_bursts(
        agents=agents,
        answer_rate=answer_rate,
        target=target,
        seeds=seeds,
        bursts=bursts,
        lengths_s=tuple(length or LENGTHS_S),
        jobs=jobs,
    )
    if as_json:
        typer.echo(json.dumps(result))
        return
    table = Table(title=f"{agents} agents, target {target:.1%}, {seeds * bursts} bursts of no answers each")
    for heading in (
        "nobody picks up for",
        "most calls in the air",
        "usually",
        "lost in 2 min",
        "in 10 min",
        "",
    ):
        table.add_column(heading, justify="right")
    for seconds, row in result["bursts"].items():
        table.add_row(
            f"{seconds} s",
            str(row["peak"]),
            str(row["usual_peak"]),
            f"{row['abandonment_soon']:.1%}",
            f"{row['abandonment_after']:.1%} ± {row['abandonment_after_ci']:.1%}",
            "" if row["within"] else "outside its bar",
        )
    console.print(table)


@lab.command("sharing")
def sharing(
    *,
    agents: Agents = 10,
    answer_rate: Annotated[
        list[float] | None,
        typer.Option(min=0.02, max=0.98, help="Of one campaign; again for each (not equal)."),
    ] = None,
    share: Annotated[
        list[float] | None, typer.Option(min=0.01, help="Of each campaign; 1 if left out.")
    ] = None,
    target: Annotated[
        list[float] | None, typer.Option(min=0.0, max=0.2, help="Of each campaign; 3 % if left out.")
    ] = None,
    seeds: Seeds = 10,
    hours: Annotated[
        float, typer.Option(min=0.1, help="Measured hours of each run, after half an hour.")
    ] = 4.0,
    as_json: AsJson = False,
) -> None:
    """Run campaigns on the same agents, beside one campaign that calls the same people from one list."""
    from dialer.lab.shared_agents import lists_of, run_sharing

    try:
        lists = lists_of(answer_rate or (0.2, 0.4), shares=share or (), targets=target or ())
    except ValueError as wrong:
        raise typer.BadParameter(str(wrong), param_hint="--answer-rate") from wrong
    result = run_sharing(agents=agents, lists=lists, seeds=seeds, hours=hours or SHARING_HOURS)
    if as_json:
        typer.echo(json.dumps(result))
        return
    for each in result["campaigns"]:
        console.print(
            f"Answer rate {each['answer_rate']:.2f}: {each['share_of_answers']:.1%} of the customers "
            f"reached, {each['share_wanted']:.1%} wanted; {each['abandonment']:.2%} abandoned, "
            f"target {each['target']:.2%}."
        )
    console.print(
        f"Agents talk or wrap up {result['shared']['utilisation']:.1%} of their time, and "
        f"{result['one_campaign']['utilisation']:.1%} with one campaign of the mixture: "
        f"{100 * result['difference']:+.2f} ± {100 * result['difference_ci']:.2f} points."
    )


keep_former_names(
    lab,
    {"table": "pacing table", "days": "pacing days", "changes": "pacing changes", "floor": "pacing floor"},
)
