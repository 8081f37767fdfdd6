"""What holds for every ring."""

import gc
import os
import re
from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING

import pytest
from databases.migrated import upgrade_from_copy
from databases.statements import open_sharing_engine
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter
    from bench.testbed.install import Installation

# A property is no timed test: the machine may be busy. Under CI the examples are always the same ones.
settings.register_profile(
    "winback",
    deadline=None,
    derandomize=os.environ.get("CI") == "true",
    suppress_health_check=[HealthCheck.too_slow],
)
# `make check`: looked at between two commits, so a few examples do; `make test` takes them all.
settings.register_profile("quick", settings.get_profile("winback"), max_examples=20)
# `make fuzz`: chance anew at every run, and as many examples as fit into some minutes.
settings.register_profile("fuzz", settings.get_profile("winback"), derandomize=False, max_examples=5_000)
settings.load_profile("winback")

# New objects until rubbish among them is looked for; looks until those that outlived one are looked through
# too; and such looks until everything is: never. A test process keeps a million objects of modules and tests,
# and with Python's own 700, 10, 10 spends a tenth of its time on finding that they are still needed.
gc.set_threshold(50_000, 20, 1_000)

_MEMBER = re.compile(r"^ +\| [\w.]+(?:Error|Warning): ")  # an exception's line within its group's
SHORT = 600  # characters of why a test failed; a whole Asterisk's log may be behind them


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: it is not looked through again."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where tests are shared out among workers, the longest first: one begun last is waited for by all.

    Those are the tests that have a longer time limit of their own. A worker gets them after the groups of
    tests that stay together, which pytest-xdist sorts by their size.
    """
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: -_limit_s(item))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: "TerminalReporter") -> Generator[None]:
    """What failed, a line each, at the very end: of a long run often nothing but the end is kept."""
    yield
    reports = [*terminalreporter.getreports("failed"), *terminalreporter.getreports("error")]
    if reports:
        terminalreporter.section("failed, in short")
    for report in reports:
        terminalreporter.write_line(f"{report.nodeid} {report.when}: {_why(report)[:SHORT]}")


def _why(report: pytest.TestReport | pytest.CollectReport) -> str:
    """What was wrong, in a line; of a group of exceptions, what its members say."""
    crash = getattr(report.longrepr, "reprcrash", None)
    said = str(crash.message if crash else report.longrepr).split("\n")
    if "ExceptionGroup" in said[0]:
        said += [line.strip(" |") for line in report.longreprtext.split("\n") if _MEMBER.match(line)]
    return " | ".join(said)


def _limit_s(item: pytest.Item) -> float:
    limit = item.get_closest_marker("timeout")
    return float(limit.args[0]) if limit is not None else 0.0


@pytest.fixture(scope="session", autouse=True)
def _databases_cost_little() -> Iterator[None]:
    """Where a test opens a database of its own, the tables are a copy and statements are compiled once."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("dialer.db.session.open_engine", open_sharing_engine)
        patched.setattr("dialer.bootstrap.upgrade", upgrade_from_copy)
        yield


@pytest.fixture(scope="session")
def asterisk() -> "Callable[[str], Installation]":
    """A real Asterisk by its suite. Where none can be had the test is left out with the reason; CI fails."""
    from bench.testbed.install import install, why_not  # noqa: PLC0415 - most rings start none

    reason = why_not()
    if reason is not None and os.environ.get("CI") != "true":
        pytest.skip(f"real Asterisk left out: {reason}")
    return install
