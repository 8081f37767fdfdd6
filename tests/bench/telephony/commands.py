"""Places many calls through a real Asterisk and holds every outcome against Asterisk's own records."""

import asyncio
from typing import Annotated

import typer
from bench.telephony.calls import measure
from bench.testbed.install import CannotInstall, find

from dialer.cli.bench import AsJson, finish
from dialer.cli.console_output import fail, say

group = typer.Typer(name="telephony", help="Calls through a real Asterisk.", no_args_is_help=True)


@group.callback()
def telephony() -> None:
    """Calls through a real Asterisk."""


@group.command("calls")
def calls(
    asterisk: Annotated[
        str, typer.Argument(metavar="SUITE|FOLDER", help="sid (22), bullseye (16), or a Debian root.")
    ],
    *,
    rate: Annotated[float, typer.Option(min=1, help="Calls a second.")] = 50.0,
    seconds: Annotated[float, typer.Option(min=1, help="For so long.")] = 60.0,
    as_json: AsJson = False,
) -> None:
    """Place calls at this rate; ends with 1 where a figure misses its bar."""
    try:
        installation = find(asterisk)
    except CannotInstall as missing:
        fail(missing)
    say(f"{rate:g} calls a second through {installation.root} for {seconds:g} s")
    figures, bars = asyncio.run(measure(installation, rate=rate, seconds=seconds))
    finish({"asterisk": figures}, bars, as_json=as_json)
