"""Types the examples of docs/explain.md and writes it: `PYTHONPATH=tests python -m docs.explain_page`."""

import os
import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from databases.centre import number
from docs.explained_house import build
from typer.testing import CliRunner

from dialer.cli.commands import cli
from dialer.cli.console_output import console

PAGE: Final = Path(__file__).parents[2] / "docs" / "explain.md"
WIDTH: Final = 300  # columns: nothing is cut or wrapped
HEAD: Final = """# Why is this person not called?

`winback explain NUMBER|CUSTOMER` says what every rule says of each call that could be made to somebody, in
the order in which the dial permit asks them, and from when on the call may be made. `--campaign C` takes the
calls of one campaign, `--at TIME` another moment than now (on the centre's clock, `queues.zone`), `--json`
prints it for programs. `winback explain --campaign C` without a person says how many of its list may be
called, how many each rule holds, and until when. Nothing is decided and nothing changed: the facts are
gathered and the rules asked by the code that gives the dial permit. The exit code is 1 where the person may
not be called at that moment.

The same is on each customer's page (*Customers* in the bar), and `POST /api/v1/explain` takes
`{"person": "…", "campaign": "…", "at": "…"}`; the list is `GET /api/v1/campaigns/ID/explain`. Each rule is in
[rules.md](rules.md).

The examples are typed into a small centre by `PYTHONPATH=tests python -m docs.explain_page`, which writes
this page; a test does the same and compares. Numbers are masked. `allows` means that the rule was asked and
lets the call through; the first that `refuses` decides.
"""
TUESDAY, EVENING = "2026-11-24T10:00", "2026-11-23T17:30"
#: what somebody wonders, and the words they type
EXAMPLES: Final[tuple[tuple[str, str], ...]] = (
    ("May Ada be called on Tuesday morning?", f"ada --at {TUESDAY}"),
    ("And late at night?", "ada --at 2026-11-24T22:30"),
    ("On a Saturday?", "ada --at 2026-11-28T11:00"),
    ("At Christmas?", "ada --at 2026-12-25T11:00"),
    ("In a year of which no calendar is known?", "ada --at 2045-03-01T11:00"),
    ("Her number is on the do-not-call list.", f"ben --at {TUESDAY}"),
    ("The customer file said that she objected.", f"carol --at {TUESDAY}"),
    ("He was rung three times on Monday.", f"dan --at {EVENING}"),
    ("She was rung an hour and a half ago.", f"eve --at {EVENING}"),
    ("She said no four days ago, in France, and another campaign has her too.", f"fay --at {TUESDAY}"),
    ("A customer in Germany, of whom no consent is known.", f"gus --at {TUESDAY}"),
    ("A number in New York while London works.", f"hal --at {TUESDAY}"),
    ("The same area code, but she said that she lives in Los Angeles.", f"ida --at {TUESDAY}"),
    ("The same area code, and an address in Florida: its clocks and its hours.", f"pia --at {TUESDAY}"),
    ("He waits for a callback: that comes first.", f"joe --at {EVENING}"),
    ("The callback of last evening, by night.", "joe --at 2026-11-24T05:00"),
    ("She picked up and nobody was there, less than three days ago.", "kim --at 2026-11-23T11:00"),
    ("He agreed on another call.", f"lou --at {EVENING}"),
    ("The campaign is paused.", f"ned --at {TUESDAY}"),
    ("He is not on that list at all.", f"ned --campaign winter --at {TUESDAY}"),
    ("A number of nobody's that earns its owner money.", f"+449098790123 --at {TUESDAY}"),
    ("Something that is no number.", f"'030 123 Frau' --at {TUESDAY}"),
    ("By number instead of by customer.", f"{number(0)} --at {TUESDAY}"),
    ("The whole list of a campaign.", f"--campaign winter --at {EVENING}"),
    ("For a program.", f"ada --campaign winter --at {EVENING} --json"),
)


@contextmanager
def house() -> Iterator[CliRunner]:
    """A terminal in the centre of the examples."""
    with TemporaryDirectory() as folder:
        build(f"sqlite:///{Path(folder) / 'winback.db'}").close()
        before, width = Path.cwd(), console.width
        os.chdir(folder)  # no settings file of whoever draws the page
        console.width = WIDTH
        try:
            yield CliRunner(env={"WINBACK_DATA_DIR": folder, "WINBACK_LOG_LEVEL": "error"})
        finally:
            console.width = width
            os.chdir(before)


def typed(terminal: CliRunner, words: str) -> str:
    """What `winback explain WORDS` prints."""
    result = terminal.invoke(cli, ["explain", *shlex.split(words)], catch_exceptions=False)
    assert result.exit_code in {0, 1}, result.output
    return re.sub(r"promised as \d+", "promised as 12345678", result.output.rstrip())  # drawn by chance


def draw() -> str:
    """The page."""
    with house() as terminal:
        examples = [
            f"## {wonder}\n\n```\n$ winback explain {words}\n{typed(terminal, words)}\n```\n"
            for wonder, words in EXAMPLES
        ]
    return "\n".join([HEAD, *examples])


if __name__ == "__main__":
    PAGE.write_text(draw(), encoding="utf-8")
