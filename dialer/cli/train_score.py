"""`winback train` and `winback score`: who is likely to leave, and why."""

from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from dialer.cli.console_output import console, fail, meter
from dialer.core.amounts import amount_of

STAGES = {
    "judge": "Judging on rows it has not seen",
    "fit": "Learning from all rows",
    "uplift": "Judging whom a call helps",
    "score": "Scoring",
}

Queue = Annotated[bool, typer.Option("--queue", help="Let a worker do it.")]

FIGURES = {
    "roc_auc": ("ROC-AUC", "the chance that one who leaves is ranked above one who stays; 0.5 is guessing"),
    "pr_auc": ("PR-AUC", "mean share of leavers among those ranked highest; guessing gives their share"),
    "log_loss": ("log-loss", "how far the stated chances are off; lower is better"),
    "brier": ("Brier", "mean squared error of the stated chances; lower is better"),
    "ece": ("ECE", "how far stated chances and what happened are apart; 0 is perfect"),
}


def train(
    *,
    label: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Whether the customer left; else as imported.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="One kind of model, in seconds.")] = False,
    seed: Annotated[int, typer.Option(help="Same data and seed, same model.")] = 1,
    queue: Queue = False,
) -> None:
    """Train the models that say who is likely to leave and whom a call helps, judged on unseen customers.

    Several kinds are compared by cross-validation. The first model becomes the champion that
    `winback score` uses; a later one only if it is better, out of time and beyond chance. Columns that
    would give the outcome away are refused, each with a reason.
    """
    from dialer.bootstrap import open_app
    from dialer.cli.run_as_job import run_as_job
    from dialer.services.analytics.training import NothingToLearn, train_model
    from dialer.settings import Settings

    settings = Settings()
    try:
        if queue:
            arguments = {"label": label, "quick": quick, "seed": seed}
            report = run_as_job(settings, "train", "train", arguments, STAGES)
        else:
            with open_app(settings) as app, meter(STAGES) as show:
                report = train_model(
                    app.database,
                    settings.data_dir,
                    app.clock(),
                    label=label,
                    audit=settings.model.audit,
                    quick=quick,
                    seed=seed,
                    progress=show,
                ).as_dict()
    except NothingToLearn as refused:
        fail(refused)
    if report is not None:
        show_training(report)


def show_training(report: dict[str, Any]) -> None:
    """Say how good the model is, and what it was not allowed to see."""
    share = report["positives"] / report["rows"]
    console.print(
        f"Model {report['model']} ({report['kind']}) learned {report['label']} = {report['positive']} from "
        f"{amount_of(report['rows'], 'customer')}, of whom {share:.1%} left.",
        markup=False,
    )
    table = Table("figure", "value", "what it means", title=f"Cross-validated ({report['judged']})")
    for key, (name, meaning) in FIGURES.items():
        if key in report["figures"]:
            table.add_row(name, f"{report['figures'][key]:.4f}", meaning)
    console.print(table)
    if report["refused"]:
        refused = Table("column", "rule", "why", title="Columns it must not learn from")
        for column, rule, why in report["refused"]:
            refused.add_row(escape(column), rule, escape(why))
        console.print(refused)
    if report["rows_dropped"]:
        console.print(f"{amount_of(report['rows_dropped'], 'row')} left out: no outcome, or twice the same.")
    if report["called"]:
        console.print(report["called"], markup=False)
    if report["role"] == "champion":
        console.print(
            f"It is the champion: {report['why']}. Score everybody with `winback score`.", markup=False
        )
    else:
        console.print(
            f"It stays a challenger: {report['why']}. "
            f"`winback model promote {report['model']}` puts it to use.",
            markup=False,
        )
    show_uplift(report["uplift"])
    console.print(report["ranking"], markup=False)


def show_uplift(learned: dict[str, Any]) -> None:
    """Say what was learned of whom a call helps."""
    if learned["model"] is None:
        console.print(f"Whom a call helps was not learned: {learned['why']}.", markup=False)
        return
    role = "is the champion" if learned["role"] == "champion" else "stays a challenger"
    console.print(
        f"Model {learned['model']} ({learned['learner']}) learned whom a call helps from "
        f"{learned['outcomes']:,} outcomes of randomised customers; it {role}: {learned['why']}.",
        markup=False,
    )


def score(*, queue: Queue = False) -> None:
    """Score every customer with the champion: risk, value, expected gain of a call, and three reasons."""
    from dialer.bootstrap import open_app
    from dialer.cli.run_as_job import run_as_job
    from dialer.services.analytics.scoring import NoChampion, score_customers
    from dialer.settings import Settings

    settings = Settings()
    try:
        if queue:
            report = run_as_job(settings, "score", "score", {}, STAGES)
        else:
            with open_app(settings) as app, meter(STAGES) as show:
                report = score_customers(app.database, settings, app.clock(), progress=show).as_dict()
    except NoChampion as refused:
        fail(refused)
    if report is not None:
        console.print(
            f"{amount_of(report['scored'], 'customer')} scored by model {report['model']}: mean risk "
            f"{report['mean_risk']:.1%}; a call is worth more than it costs for {report['worth_a_call']:,}."
        )
        if report["left_out"]:
            console.print(f"{report['left_out']:,} left out of lists for what a call would do.")
        console.print(report["priced_by"], markup=False)
