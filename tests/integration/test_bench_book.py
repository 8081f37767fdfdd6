"""The bench of growing books fills real ones, and asks them what turns and pages ask."""

import pytest

from dialer.cli.bench_book import BookSize, measure_books


def test_a_small_book_is_filled_and_asked_everything(capsys: pytest.CaptureFixture[str]) -> None:
    sizes = [BookSize(leads=200, barred=20), BookSize(leads=400, barred=20)]

    figures, bars = measure_books(sizes, None)

    first, last, grown = (figures[name] for name in list(figures)[:3])
    assert set(first) == set(last) == set(grown)
    assert {bar.figure for bar in bars} >= {"next work, ms", "next work, growth", "last page of a list, ms"}
    assert "400 leads" in capsys.readouterr().err
