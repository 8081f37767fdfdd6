"""What the bench of growing books says of growth and of a busy machine."""

import pytest
from sqlalchemy import make_url

from dialer.cli.bench_book import Took, bars_of, exponent, is_busy
from dialer.db.server_processor import is_here


def took(wall_ms: float, cpu_ms: float | None = None) -> Took:
    return Took(wall_ms=wall_ms, cpu_ms=wall_ms if cpu_ms is None else cpu_ms)


@pytest.mark.parametrize(
    ("few_ms", "many_ms", "grown"), [(4.0, 4.0, 0.0), (4.0, 40.0, 1.0), (4.0, 400.0, 2.0)]
)
def test_growth_is_told_as_an_exponent(few_ms: float, many_ms: float, grown: float) -> None:
    assert exponent(1_000, took(few_ms), 10_000, took(many_ms)) == pytest.approx(grown)


def test_a_clock_that_ran_on_while_nothing_was_done_makes_a_machine_busy() -> None:
    assert is_busy(took(30.0, 5.0))
    assert not is_busy(took(1.2, 0.5)), "of so little no clock can tell"
    assert not is_busy(took(30.0, 25.0))


def test_what_misses_its_bar_is_said_by_name() -> None:
    answers = {
        name: took(1.0)
        for name in (
            "next work",
            "next work behind resting leads",
            "campaigns that run",
            "first page of a list",
            "last page of a list",
            "dashboard",
        )
    }
    slow = answers | {"next work": took(2.5)}

    assert [bar.figure for bar in bars_of({}, answers) if not bar.met] == []
    assert [bar.figure for bar in bars_of({}, slow) if not bar.met] == ["next work, ms"]


def test_a_database_in_this_process_is_judged_by_the_processor_and_a_server_by_the_clock() -> None:
    assert 1.5 == took(40.0, 1.5).judged_ms
    assert 40.0 == Took(wall_ms=40.0, cpu_ms=1.5, elsewhere=True).judged_ms


def test_a_server_on_this_machine_is_judged_by_its_processor_and_ours() -> None:
    assert 4.0 == Took(wall_ms=40.0, cpu_ms=1.5, elsewhere=True, server_ms=2.5).judged_ms


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("postgresql+psycopg://winback@/book?host=/run/postgresql", True),
        ("postgresql+psycopg://winback@127.0.0.1/book", True),
        ("postgresql+psycopg://winback@/book", True),
        ("postgresql+psycopg://winback@db.example.com/book", False),
    ],
)
def test_only_a_server_that_is_reached_on_this_machine_is_looked_at(*, url: str, here: bool) -> None:
    assert here is is_here(make_url(url))
