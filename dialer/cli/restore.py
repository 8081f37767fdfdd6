"""`winback restore`: a database from an older copy learns what was dialled since."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dialer.cli.console_output import console, fail
from dialer.core.amounts import amount_of

if TYPE_CHECKING:
    from dialer.bootstrap import App


def restore(
    *,
    cdr: Annotated[
        Path | None, typer.Option(help="Asterisk's cdr-csv/Master.csv, for what this machine did not note.")
    ] = None,
    cdr_zone: Annotated[str, typer.Option(help="Time zone of the records; see cdr.conf.")] = "UTC",
    go_on: Annotated[
        bool, typer.Option("--go-on", help="You have seen what is not known: dial on all the same.")
    ] = False,
) -> None:
    """Bring a database that came from an older copy up to what was dialled since.

    Nobody is called while calls are known outside the database and not in it. This takes them in, from
    the notes in the data folder and from Asterisk's records: nobody is rung again too soon. Promises,
    dispositions and objections since the copy are known to nobody: ask the agents.
    """
    from dialer.bootstrap import open_app
    from dialer.core.compliance.windows import is_zone, zone_of
    from dialer.services.calls.attempt_journal import read_dialled
    from dialer.services.calls.call_records import read_cdr
    from dialer.services.calls.restore_gap import see_gap, take_in, unseen_gap
    from dialer.settings import Settings

    settings = Settings()
    if not is_zone(cdr_zone):
        fail(f"--cdr-zone {cdr_zone!r} is no time zone of the IANA list, such as Europe/London.")
    if cdr is not None and not cdr.is_file():
        fail(f"There is no file {cdr}.")
    actor = getpass.getuser()
    with open_app(settings) as app:
        noted = read_dialled(settings.data_dir)
        there = {call.attempt for call in noted}
        if cdr is not None:
            records = read_cdr(cdr, settings.pbx.name, zone_of(cdr_zone))
            noted += [call for call in records if call.attempt not in there]
        done = take_in(app.database, noted, app.clock(), actor)
        missing = unseen_gap(app.database, {call.attempt for call in noted})
        talked = sum(call.connected_at is not None for call in done.taken_in)
        console.print(
            f"{amount_of(len(done.taken_in), 'call was', 'calls were')} taken in (talks: {talked}); "
            f"{len(done.without_reason)} belong to lists or promises that the database does not know.",
            highlight=False,
        )
        for call in done.without_reason:
            console.print(f"  {call.at:%Y-%m-%d %H:%M} UTC  …{call.e164[-3:]}  {call.attempt}", markup=False)
        if go_on:
            see_gap(app.database, missing | _marked(app), app.clock(), actor)
            console.print("Written down that you have seen it. Dialling goes on.")
        elif missing:
            console.print("Nobody is called until `winback restore --go-on`.", markup=False)


def _marked(app: "App") -> frozenset[str]:
    """The newest call of any machine, where Redis has it and the database does not."""
    from dialer.engine.restore_hold import RestoreHold
    from dialer.services.calls.restore_gap import unseen_gap

    gap = RestoreHold(app)
    try:
        return unseen_gap(app.database, gap.newest_anywhere())
    finally:
        gap.close()
