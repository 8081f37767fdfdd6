"""Puts every command on `app`; some modules register their own."""

from dialer.cli import (  # noqa: F401 - these register themselves
    asterisk,
    bench,
    campaign,
    data,
    demo,
    doctor,
    duties,
    effect,
    factory,
    lab,
    marks,
    model,
    processes,
)
from dialer.cli.app import app

__all__ = ["app"]

app.command("import")(data.import_file)
app.command()(model.train)
app.command()(model.score)
app.command()(effect.outcome)
app.command()(effect.effect)
app.add_typer(campaign.group)
app.add_typer(factory.group)
app.add_typer(duties.group)
app.add_typer(asterisk.group)
app.add_typer(lab.lab)
app.add_typer(bench.group)
