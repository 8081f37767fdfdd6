"""`winback audit`: the log is verified and handed over."""

import csv
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

Type = Callable[..., Result]


@pytest.fixture
def acted(type_in: Type, tmp_path: Path) -> Path:
    """A database with two acts in its log."""
    file = tmp_path / "customers.csv"
    file.write_text("id,phone,do not call\n1,+442079460001,yes\n2,+442079460002,no\n")
    type_in("import", str(file))
    type_in("allow", "1", "--reason", "<b>wrote</b> a letter", "--by", "=cmd|'/c calc'!A1")
    return tmp_path / "app" / "winback.db"


def test_a_log_that_nobody_changed_is_said_to_be_whole_with_its_head(type_in: Type, acted: Path) -> None:
    said = type_in("audit", "verify").output

    assert acted.exists()
    assert "Entries: 2. Nothing was changed." in said
    head = said.split()[-1]
    assert "Entries: 2." in type_in("audit", "verify", "--head", head).output


def test_a_log_that_somebody_changed_ends_with_1_and_names_the_first_broken_entry(
    type_in: Type, acted: Path
) -> None:
    with sqlite3.connect(acted) as connection:
        connection.execute("DELETE FROM audit WHERE action = 'person.allowed'")

    said = type_in("audit", "verify", code=1).output

    assert "first at entry 2" in said
    assert "act 2 is gone" in said


def test_a_head_that_is_none_is_refused(type_in: Type) -> None:
    assert "NUMBER:DIGEST" in type_in("audit", "verify", "--head", "12", code=2).output


def test_no_spreadsheet_takes_the_export_for_a_formula(type_in: Type, acted: Path, tmp_path: Path) -> None:
    out = tmp_path / "log.csv"
    type_in("audit", "export", "--out", str(out))
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))

    assert acted.exists()
    assert ["person.put-off", "person.allowed"] == [row["rule or act"] for row in rows]
    assert "'=cmd|'/c calc'!A1" == rows[1]["by"]


def test_the_page_shows_words_as_words_and_what_was_proven(
    type_in: Type, acted: Path, tmp_path: Path
) -> None:
    out = tmp_path / "log.html"
    type_in("audit", "export", "--out", str(out))
    page = out.read_text()

    assert acted.exists()
    assert "&lt;b&gt;wrote" in page
    assert "<b>" not in page
    assert "2 entries: nothing was changed" in page


def test_the_export_is_bounded_by_days_and_campaign(type_in: Type, acted: Path) -> None:
    assert acted.exists()
    assert 1 == len(type_in("audit", "export", "--to", "2020-01-01").output.splitlines())
    assert 3 == len(type_in("audit", "export", "--from", "2020-01-01").output.splitlines())
    assert "no day" in type_in("audit", "export", "--from", "1.11.2026", code=2).output
    assert (
        "later than"
        in type_in("audit", "export", "--from", "2026-02-02", "--to", "2026-01-01", code=2).output
    )
    assert "no campaign" in type_in("audit", "export", "--campaign", "none", code=2).output
    assert ".csv or .html" in type_in("audit", "export", "--out", "log.pdf", code=2).output


def test_a_person_is_shown_restricted_corrected_and_erased_and_the_log_holds(
    type_in: Type, acted: Path
) -> None:
    assert "+442079460001" in type_in("person", "export", "1").output
    assert "person.restricted" in type_in("person", "restrict", "1", "--reason", "asked").output
    assert "already restricted" in type_in("person", "restrict", "1", "--reason", "asked", code=1).output
    assert "was corrected" in type_in("person", "rectify", "1", "--name", "Ann Other").output
    assert "nothing to correct" in type_in("person", "rectify", "1", code=2).output
    said = type_in("person", "erase", "1", "--yes").output
    assert "customers.csv" in said
    assert "no customer '1'" in type_in("person", "export", "1", code=1).output
    assert "no customer '1'" in type_in("person", "erase", "1", code=1).output  # and nothing is asked
    assert b"442079460001" not in acted.read_bytes()
    assert "Nothing was changed" in type_in("audit", "verify").output
