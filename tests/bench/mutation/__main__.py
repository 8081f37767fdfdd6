"""`python -m bench.mutation ROOM` with `tests` on the path: which wrong in a pure room would no test notice?

It stands beside the other benches, since nothing of Winback may be imported before a mutant is.
"""

import json
import os
import re
import sys
import time
import tomllib
from pathlib import Path
from typing import Annotated, Final

import pytest
import typer
from bench.mutation.mutants import Mutant, mutants_of
from bench.mutation.trial import OPTIONS, Trials, Tried, Verdict, try_early

ROOT: Final = Path(__file__).parents[3]
HERE: Final = Path(__file__).parent
EARLY_CPU_S: Final = 60.0  # of a trial that imports everything anew

#: room, and its modules
ROOMS: Final = {"compliance": "dialer/core/compliance", "importing": "dialer/core/importing"}
FAST_TESTS: Final = ("tests/unit", "tests/property")


def run(
    room: Annotated[str, typer.Argument(help=f"One of {', '.join(ROOMS)}.")],
    *,
    only: Annotated[str, typer.Option(help="Modules with this in their name; several with commas.")] = "",
) -> None:
    """Do every small wrong to a room, one at a time; ends with 1 where one has no written reason to survive.

    The reasons stand in `tests/bench/mutation/survivors.toml`.
    """
    folder = ROOMS[room]
    files = {
        path.stem: path
        for path in sorted((ROOT / folder).glob("*.py"))
        if any(part in path.stem for part in only.split(",")) and path.stem not in {"__init__", "catalogue"}
    }
    mutants = [mutant for name, path in files.items() for mutant in mutants_of(name, path.read_text("utf-8"))]
    began = time.monotonic()
    verdicts = _try_all(mutants, files, tests_of(folder))
    survivors = [
        mutant.name for mutant, verdict in zip(mutants, verdicts, strict=True) if verdict != Verdict.KILLED
    ]
    reasons = tomllib.loads((HERE / "survivors.toml").read_text("utf-8")).get(room, {})
    unexplained = [name for name in survivors if name not in reasons]
    killed = len(mutants) - len(survivors)
    for name, verdict in zip((mutant.name for mutant in mutants), verdicts, strict=True):
        if name in unexplained:
            typer.echo(f"{verdict}: {name}")
    typer.echo(
        f"{room}: {len(mutants)} mutants, {killed} killed ({killed / len(mutants):.1%}), "
        f"{len(survivors) - len(unexplained)} survive for a written reason, {len(unexplained)} without; "
        f"{time.monotonic() - began:.0f} s."
    )
    if not only:
        for name in sorted(reasons.keys() - set(survivors)):
            typer.echo(f"no longer survives, strike its reason: {name}")
    raise typer.Exit(1 if unexplained else 0)


def tests_of(folder: str) -> list[str]:
    """The files of fast tests that are held against a room: those that import of it."""
    of_it = re.compile(rf"^(?:from|import) {folder.replace('/', '[.]')}\b", re.MULTILINE)
    return [
        str(path)
        for ring in FAST_TESTS
        for path in sorted((ROOT / ring).rglob("test_*.py"))
        if of_it.search(path.read_text("utf-8"))
    ]


def _try_all(mutants: list[Mutant], files: dict[str, Path], tests: list[str]) -> list[Verdict]:
    """Every mutant's verdict; the first round where the tests are collected, the rest from here."""
    import hypothesis.strategies  # noqa: F401, PLC0415 - what every fork would else import for itself
    import phonenumbers  # noqa: F401, PLC0415
    import polars  # noqa: F401, ICN001, PLC0415
    import pydantic  # noqa: F401, PLC0415

    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        with os.fdopen(writing, "w") as out:
            code = _first_round(
                mutants, files, tests, lambda tried: print(json.dumps(tried), file=out, flush=True)
            )
        os._exit(code)
    os.close(writing)
    verdicts = [Verdict.UNREACHED] * len(mutants)
    early: list[Tried] = []
    with os.fdopen(reading) as told:
        for line in told:
            tried = Tried(*json.loads(line))
            verdicts[tried.number] = Verdict(tried.verdict)
            early += [tried] if tried.early else []
            if tried.verdict != Verdict.KILLED:
                typer.echo(
                    f"  {tried.verdict}{' so far' if tried.early else ''}: {mutants[tried.number].name}",
                    err=True,
                )
    if os.waitpid(child, 0)[1]:
        raise typer.Exit(2)
    for tried in early:
        mutant = mutants[tried.number]
        asked = [str(ROOT / test) for test in tried.tests] or tests
        if try_early(mutant, files[mutant.module], asked, EARLY_CPU_S) is Verdict.KILLED:
            verdicts[tried.number] = Verdict.KILLED
        else:
            typer.echo(f"  survived: {mutant.name}", err=True)
    return verdicts


def _first_round(mutants, files, tests, tell) -> int:  # type: ignore[no-untyped-def]
    trials = Trials(mutants, files, tell)
    sys.stdout.flush()
    return int(pytest.main([*OPTIONS, *tests], plugins=[trials]))


if __name__ == "__main__":
    typer.run(run)
