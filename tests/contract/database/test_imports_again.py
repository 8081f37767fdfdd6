"""A file that comes again: rows that are as they were are passed over, and nothing is said less for it."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from databases.centre import Centre
from sqlalchemy import func, select

from churnmodel.data.text_blocks import RowBlock
from dialer.core.importing.mapping import Given
from dialer.core.importing.row_reader import ReadBlock, RowReader
from dialer.db.models import ChurnLabelRow, Customer
from dialer.services.customers.customers import list_batches
from dialer.services.customers.imports import ImportReport, import_customers, plan_import
from dialer.services.customers.person_rights import erase_person, rectify_person
from dialer.services.customers.suppression import allow_person

HEADING = "id,name,phone,plan,price,left,do not call\n"
ANN = "ann,Ann,020 7946 0001,XL,12,no,\n"
BOB = "bob,Bob,020 7946 0002,S,13,no,\n"
CAT = "cat,Cat,,S,14,no,\n"


def bring(centre: Centre, path: Path, *rows: str, days: int = 0) -> ImportReport:
    """Import these rows; `days` after the first time."""
    path.write_text(HEADING + "".join(rows))
    given = Given(id="id", phones=("phone",), label="left", do_not_call=("do not call",))
    plan = plan_import(path, given, region="GB")
    now = centre.now + timedelta(days=days)
    return import_customers(centre.database, plan, now, region="GB")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "customers.csv"


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.unchanged, report.bad


def test_the_same_file_changes_nothing_and_its_rows_are_not_read(
    centre: Centre, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = bring(centre, file, ANN, BOB, CAT)
    read: list[str] = []
    whole = RowReader.read_block

    def watched(reader: RowReader, block: RowBlock, digests: Sequence[str | None]) -> ReadBlock:
        read.extend(block.texts)
        return whole(reader, block, digests)

    monkeypatch.setattr(RowReader, "read_block", watched)
    again = bring(centre, file, ANN, BOB, CAT)

    assert (counts(first), counts(again)) == ((3, 0, 0, 0), (0, 0, 3, 0))
    assert (first.without_number, again.without_number) == (1, 1)
    assert read == []


def test_only_the_row_that_changed_is_changed(centre: Centre, file: Path) -> None:
    bring(centre, file, ANN, BOB, CAT)

    report = bring(centre, file, CAT, BOB.replace(",S,", ",M,"), ANN, days=1)

    assert counts(report) == (0, 1, 2, 0)
    assert list_batches(centre.database)[0].stored.unchanged == 2


def test_a_row_that_stands_twice_is_bad_every_time(centre: Centre, file: Path) -> None:
    for expected in ((2, 0, 0, 2), (0, 0, 2, 2)):
        report = bring(centre, file, ANN, ANN, BOB, BOB.replace(",S,", ",M,"))

        assert counts(report) == expected


def test_what_staff_corrected_is_as_the_file_says_after_the_file_comes_again(
    centre: Centre, file: Path
) -> None:
    bring(centre, file, ANN)
    rectify_person(centre.database, "ann", {"name": "Anna"}, "boss", centre.now)

    assert counts(bring(centre, file, ANN, days=1)) == (0, 1, 0, 0)


def test_who_was_allowed_again_is_put_off_by_the_same_file_again(centre: Centre, file: Path) -> None:
    put_off = ANN.replace("no,\n", "no,yes\n")
    assert bring(centre, file, put_off, BOB).put_off == 1
    allow_person(centre.database, "ann", "boss", "asked for it", centre.now)

    assert bring(centre, file, put_off, BOB, days=1).put_off == 1


def test_a_lost_cell_is_said_with_every_file(centre: Centre, file: Path) -> None:
    lost = ANN.replace("020 7946 0001", "12")
    first, again = (bring(centre, file, lost, BOB) for _ in range(2))

    assert first.incomplete == again.incomplete == 1
    assert first.lost_cells == again.lost_cells != {}


def test_the_outcome_of_an_unchanged_row_is_told_once_a_day(centre: Centre, file: Path) -> None:
    def told() -> int:
        with centre.database.read() as tx:
            return tx.scalar(select(func.count()).select_from(ChurnLabelRow)) or 0

    numbers = []
    for days in (0, 0, 2):
        bring(centre, file, ANN, BOB, days=days)
        numbers.append(told())

    assert numbers == [2, 2, 4]


def test_no_digest_of_an_erased_person_stays(centre: Centre, file: Path, tmp_path: Path) -> None:
    bring(centre, file, ANN, BOB)
    erase_person(centre.database, tmp_path, "ann", "boss", centre.now)

    with centre.database.read() as tx:
        rows = tx.execute(select(Customer.external_id, Customer.row_digest)).all()
    digests = {row.external_id: row.row_digest for row in rows}
    assert [key for key, digest in digests.items() if digest is None and key.startswith("erased-")]
    assert digests["bob"] is not None
