"""Puts every command on `cli`; some modules register their own."""

from dialer.cli import (  # noqa: F401 - these register themselves
    asterisk,
    backup,
    bench,
    campaign,
    demo,
    doctor,
    effect,
    import_customers,
    lab,
    lab_floors,
    models,
    renamed,
    restore,
    schedule,
    serve,
    train_score,
)
from dialer.cli.root import cli

__all__ = ["cli"]

cli.command("import")(import_customers.import_file)
cli.command()(backup.backup)
cli.command()(restore.restore)
cli.command()(train_score.train)
cli.command()(train_score.score)
cli.command()(effect.label)
cli.command()(effect.effect)
cli.add_typer(campaign.group)
cli.add_typer(models.group)
cli.add_typer(schedule.group)
cli.add_typer(asterisk.group)
cli.add_typer(lab.lab)
cli.add_typer(bench.group)
renamed.register()
