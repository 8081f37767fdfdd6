"""`python -m bench` with `tests` on the path: measures what the docs claim. Not shipped."""

import typer
from bench.agent_days.commands import group as desk
from bench.churn.commands import group as churn
from bench.files.commands import group as files
from bench.lists.commands import group as lists
from bench.pacing.commands import group as pacing
from bench.pages.commands import group as pages
from bench.telephony.commands import group as telephony

bench = typer.Typer(name="bench", help="Measures what the docs claim.", no_args_is_help=True)
bench.add_typer(pacing)
bench.add_typer(churn)
bench.add_typer(pages)
bench.add_typer(telephony)
bench.add_typer(files)
bench.add_typer(lists)
bench.add_typer(desk)

if __name__ == "__main__":
    bench()
