"""A newer file of a source replaces the older one: who is missing is said, and closed only where asked."""

import csv
from pathlib import Path

import pytest
from databases.centre import Centre, lead_of, number
from sqlalchemy import select

from dialer.core.calling.campaign import LeadState
from dialer.core.calling.list_filter import ListFilter
from dialer.core.importing.mapping import Given, MappingRefused
from dialer.db.models import Audit, Prohibition
from dialer.services.campaigns.lists import count_list
from dialer.services.customers.import_sources import MissingReport, WhenMissing, find_source
from dialer.services.customers.imports import ImportReport
from dialer.services.customers.sourced_imports import FileAsked, import_of, plan_of

HEADING = "ref,Rufnummer,plan,DNC flag\n"


def crm_file(folder: Path, ids: range, *, heading: str = HEADING, extra: str = "") -> Path:
    path = folder / "crm.csv"
    rows = (f"k{each},{number(each)},gold,no{extra}\n" for each in ids)
    path.write_text(heading + "".join(rows))
    return path


def bring(
    centre: Centre, path: Path, *, given: Given | None = None, missing: WhenMissing | None = None
) -> tuple[ImportReport, MissingReport | None]:
    asked = FileAsked(path=path, given=given or Given(), source="crm", missing=missing)
    centre.later(days=1)
    return import_of(centre.database, plan_of(centre.database, asked, region="GB"), centre.now, region="GB")


def listed(centre: Centre) -> int:
    return count_list(centre.database, ListFilter(), centre.now, None, holdout_share=0.0).listed


@pytest.fixture
def crm(centre: Centre, tmp_path: Path) -> Centre:
    """Twenty customers of the source `crm`, whose id column nobody would guess."""
    bring(centre, crm_file(tmp_path, range(20)), given=Given(id="ref"))
    return centre


def test_the_next_file_is_read_as_the_one_before(crm: Centre, tmp_path: Path) -> None:
    report, gone = bring(crm, crm_file(tmp_path, range(20)))
    assert (report.good, report.bad) == (20, 0)
    assert gone is not None
    assert gone.sentences == ("Nobody of source 'crm' is missing.",)


def test_a_column_that_is_gone_is_named_with_the_source(crm: Centre, tmp_path: Path) -> None:
    heading = HEADING.replace("Rufnummer", "Telefon neu")
    with pytest.raises(MappingRefused, match=r"source 'crm'.*Rufnummer.*The file has: ref, Telefon neu"):
        bring(crm, crm_file(tmp_path, range(20), heading=heading))


def test_a_new_column_that_puts_people_off_is_obeyed(crm: Centre, tmp_path: Path) -> None:
    heading = HEADING.replace("\n", ",Robinson\n")
    report, _ = bring(crm, crm_file(tmp_path, range(20), heading=heading, extra=",yes"))
    assert report.put_off == 20
    with crm.database.read() as tx:
        assert len(tx.scalars(select(Prohibition)).all()) == 20


def test_who_is_missing_is_reported_and_stays_where_nothing_else_is_said(crm: Centre, tmp_path: Path) -> None:
    _, gone = bring(crm, crm_file(tmp_path, range(2, 20)))
    assert gone is not None
    assert (gone.members, gone.missing, gone.newly, gone.closed) == (20, 2, 2, 0)
    assert gone.file is not None
    with Path(gone.file).open(newline="") as stream:
        assert [(row["id"], row["closed"]) for row in csv.DictReader(stream)] == [("k0", ""), ("k1", "")]
    assert listed(crm) == 20

    _, again = bring(crm, crm_file(tmp_path, range(2, 20)))
    assert again is not None
    assert (again.missing, again.newly) == (2, 0)


def test_who_is_missing_is_closed_where_asked_and_open_again_once_back(crm: Centre, tmp_path: Path) -> None:
    crm.campaign()
    (work, *_) = crm.work()[1]
    _, gone = bring(crm, crm_file(tmp_path, range(1, 20)), missing=WhenMissing.CLOSE)
    assert gone is not None
    assert gone.closed == 1
    assert lead_of(crm, work).state is LeadState.WITHDRAWN
    assert listed(crm) == 19
    with crm.database.read() as tx:
        assert tx.scalar(select(Audit.subject).where(Audit.action == "source.closed")) == "crm"

    known = find_source(crm.database, "crm")
    assert known is not None
    assert known.missing is WhenMissing.CLOSE  # the choice is the source's from now on
    _, back = bring(crm, crm_file(tmp_path, range(20)))
    assert back is not None
    assert back.back == 1
    assert listed(crm) == 20


def test_half_a_file_closes_nobody_unless_that_is_said(crm: Centre, tmp_path: Path) -> None:
    _, gone = bring(crm, crm_file(tmp_path, range(10)), missing=WhenMissing.CLOSE)
    assert gone is not None
    assert (gone.closed, gone.held_back) == (0, True)
    assert "Nobody was closed: more than 20% are missing" in " ".join(gone.sentences)
    assert listed(crm) == 20

    _, all_of_them = bring(crm, crm_file(tmp_path, range(10)), missing=WhenMissing.CLOSE_ALL)
    assert all_of_them is not None
    assert all_of_them.closed == 10
    known = find_source(crm.database, "crm")
    assert known is not None
    assert known.missing is WhenMissing.CLOSE


def test_a_row_that_is_bad_is_not_missing(crm: Centre, tmp_path: Path) -> None:
    path = crm_file(tmp_path, range(20))
    path.write_text(path.read_text().replace("k3,", "k3,one,too,many,"))
    report, gone = bring(crm, path)
    assert report.bad == 1
    assert gone is not None
    assert gone.missing == 0


def test_who_is_in_another_sources_file_is_not_closed(crm: Centre, tmp_path: Path) -> None:
    path = tmp_path / "shop.csv"
    path.write_text(f"id,phone\nk0,{number(0)}\n")
    asked = FileAsked(path=path, source="shop")
    import_of(crm.database, plan_of(crm.database, asked, region="GB"), crm.now, region="GB")
    bring(crm, crm_file(tmp_path, range(1, 20)), missing=WhenMissing.CLOSE)
    assert listed(crm) == 20


def test_a_file_without_a_good_row_replaces_nothing(crm: Centre, tmp_path: Path) -> None:
    report, gone = bring(crm, crm_file(tmp_path, range(0)))
    assert (report.good, gone) == (0, None)
