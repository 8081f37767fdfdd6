"""`winback doctor`: is everything there, and if not, what to do."""

import typer
from rich.table import Table

from dialer.cli.console_output import console
from dialer.settings import Settings


def doctor() -> None:
    """Check database, Redis, AMI, dialplan, queues and FastAGI; exit code 1 if anything is wrong."""
    from dialer.cli.doctor_checks import look_at_everything

    findings = look_at_everything(Settings())
    table = Table("", "what", "seen", "what to do")
    for finding in findings:
        mark = "[green]ok[/green]" if finding.ok else "[red]fault[/red]"
        table.add_row(mark, finding.what, finding.seen, finding.remedy)
    console.print(table)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)
