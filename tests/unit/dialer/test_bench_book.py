"""The bench of growing books: what it fills is asked for real, and what it says of growth is arithmetic."""

import pytest

from dialer.cli.bench_book import BookSize, Took, bars_of, exponent, is_busy, measure_books


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


def test_a_small_book_is_filled_and_asked_everything(capsys: pytest.CaptureFixture[str]) -> None:
    sizes = [BookSize(leads=200, barred=20), BookSize(leads=400, barred=20)]

    figures, bars = measure_books(sizes, None)

    first, last, grown = (figures[name] for name in list(figures)[:3])
    assert set(first) == set(last) == set(grown)
    assert {bar.figure for bar in bars} >= {"next work, ms", "next work, growth", "last page of a list, ms"}
    assert "400 leads" in capsys.readouterr().err


def test_what_misses_its_bar_is_said_by_name() -> None:
    answers = {
        name: took(1.0)
        for name in (
            "next work",
            "next work behind resting leads",
            "campaigns that run",
            "first page of a list",
            "last page of a list",
        )
    }
    slow = answers | {"next work": took(2.5)}

    assert [bar.figure for bar in bars_of({}, answers) if not bar.met] == []
    assert [bar.figure for bar in bars_of({}, slow) if not bar.met] == ["next work, ms"]
