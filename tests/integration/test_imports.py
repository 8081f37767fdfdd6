"""Good rows go in, bad rows come back with line and reason, the same file twice is once."""

import csv
import gzip
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import select

from dialer.bootstrap import App, open_app
from dialer.core.importing.fiction import FictionUsedUp
from dialer.core.importing.mapping import Given, MappingRefused
from dialer.db.models import ImportBatch
from dialer.db.queries.learning import ids_by_external
from dialer.db.queries.suppression import person
from dialer.services.customers.customer_file import CustomerFile, FileRefused
from dialer.services.customers.customers import customer_frame_rows, known_numbers, last_label, list_batches
from dialer.services.customers.imports import ImportReport, import_customers, plan_import
from dialer.services.customers.suppression import allow_person, list_do_not_call
from dialer.settings import Settings
from telephony.numbers import FICTIONAL_COUNT, is_fictional

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LINES = (
    "id,name,phone,plan,churned\n"
    "1,Ada Engel,020 7946 0001,S,0\n"
    "2,Otis Dorn,12,M,1\n"
    '3,"Carla\nBrandt",0113 496 0003,L,0\n'
    "1,Ada again,,S,0\n"
    "5,Too,many,cells,0,1\n"
    "6,Nora Quast,,XL,1\n"
)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with open_app(Settings(data_dir=tmp_path / "app", log_level="error")) as app:
        yield app


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "customers.csv"
    path.write_text(LINES)
    return path


def bring_in(
    app: App, path: Path, given: Given | None = None, *, fictional: bool = False, store: bool = True
) -> ImportReport:
    plan = plan_import(path, given or Given(), region="GB", fictional=fictional)
    return import_customers(app.database, plan, NOW, region="GB", store=store)


def rejected(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def files_read(app: App) -> list[tuple[str, str]]:
    with app.database.read() as tx:
        return [(batch.file_name, batch.sha256) for batch in tx.scalars(select(ImportBatch))]


def test_good_rows_go_in_and_bad_rows_come_back(app: App, file: Path) -> None:
    report = bring_in(app, file)

    assert (report.added, report.bad, report.without_number) == (4, 2, 2)
    assert report.rows == LINES.count("\n") - 2  # without the first line, and one row stands on two
    assert report.rejected_file == f"{file}.rejected.csv"
    assert [
        (row["line"], row["column"], row["reason"].split("[")[-1])
        for row in rejected(Path(report.rejected_file))
    ] == [
        ("6", "id", "id.twice]"),
        ("7", "", "row.width]"),
    ]
    assert known_numbers(app.database) == {"1": "+442079460001", "3": "+441134960003"}
    assert last_label(app.database) == "churned"


def test_the_same_file_twice_changes_nothing(app: App, file: Path) -> None:
    bring_in(app, file)
    before = (
        list(customer_frame_rows(app.database)),
        known_numbers(app.database),
        files_read(app),
    )
    again = bring_in(app, file)

    assert (again.added, again.changed, again.unchanged) == (0, 0, 4)
    assert before == (
        list(customer_frame_rows(app.database)),
        known_numbers(app.database),
        files_read(app),
    )


def test_a_bad_number_comes_back_and_once_corrected_completes_the_customer(app: App, file: Path) -> None:
    report = bring_in(app, file)
    assert (report.incomplete, report.incomplete_file) == (1, f"{file}.incomplete.csv")
    assert report.lost_cells == {"phone: too short for a number [number.too-short]": 1}
    corrected = file.with_name("corrected.csv")
    text = Path(f"{file}.incomplete.csv").read_text().splitlines()
    corrected.write_text("\n".join([text[0], text[1].replace(",12,", ",0113 496 0002,")]))

    assert bring_in(app, corrected).changed == 1
    assert known_numbers(app.database)["2"] == "+441134960002"


def test_a_changed_row_changes_that_customer_only(app: App, file: Path) -> None:
    bring_in(app, file)
    file.write_text(LINES.replace("0113 496 0003,L", "0113 496 0003,XXL"))
    report = bring_in(app, file)

    assert (report.added, report.changed, report.unchanged) == (0, 1, 3)
    assert [row["plan"] for row in customer_frame_rows(app.database)] == ["S", "M", "XXL", "XL"]


def test_csv_gzip_and_parquet_of_one_table_are_one_import(app: App, tmp_path: Path) -> None:
    rows = {"id": [1, 2], "fee": [20.5, 30.0], "phone": ["020 7946 0001", "020 7946 0002"]}
    frame = pl.DataFrame(rows)
    (tmp_path / "a.csv").write_text(frame.write_csv())
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(frame.write_csv().replace("30.0", "30").encode()))
    frame.write_parquet(tmp_path / "c.parquet")

    bring_in(app, tmp_path / "b.csv.gz")
    assert bring_in(app, tmp_path / "c.parquet").unchanged == 2


def test_trying_stores_nothing(app: App, file: Path) -> None:
    report = bring_in(app, file, store=False)

    assert (report.good, report.bad, report.stored) == (4, 2, False)
    assert list(customer_frame_rows(app.database)) == []
    assert files_read(app) == []


def test_fictional_numbers_are_kept_when_more_customers_come(app: App, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("id,plan\n" + "".join(f"C{number},S\n" for number in range(300)))
    bring_in(app, path, fictional=True)
    first = known_numbers(app.database)
    path.write_text("id,plan\n" + "".join(f"C{number},S\n" for number in reversed(range(600))))
    report = bring_in(app, path, fictional=True)
    second = known_numbers(app.database)

    assert report.unchanged == 300
    assert {customer: second[customer] for customer in first} == first
    assert len(set(second.values())) == 600
    assert all(is_fictional(number) for number in second.values())


def test_more_customers_than_fiction_are_refused(app: App, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("id\n" + "".join(f"{number}\n" for number in range(FICTIONAL_COUNT + 1)))

    with pytest.raises(FictionUsedUp, match="--phone"):
        import_customers(
            app.database,
            plan_import(path, Given(), region="GB", fictional=True),
            NOW,
            region="GB",
            store=False,
        )


def test_real_numbers_are_never_replaced_by_fiction_unasked(app: App, file: Path) -> None:
    with pytest.raises(MappingRefused, match="--phone none"):
        bring_in(app, file, fictional=True)

    assert bring_in(app, file, Given(phones=("none",)), fictional=True).without_number == 0


@pytest.mark.parametrize(
    ("cells", "regions"),
    [(("4.477E+11", "4.12E+11"), ()), (("41 00 00 01", "91000003", "22 33 44 55"), ("NO",))],
    ids=["shortened by a spreadsheet", "of another country"],
)
def test_a_column_of_numbers_of_which_none_can_be_read_is_said(
    app: App, tmp_path: Path, cells: tuple[str, ...], regions: tuple[str, ...]
) -> None:
    path = tmp_path / "f.csv"
    path.write_text("id,phone,plan\n" + "".join(f"{row},{cell},S\n" for row, cell in enumerate(cells)))
    report = bring_in(app, path)

    assert (report.good, report.without_number) == (len(cells), len(cells))
    assert set(report.unread_phones) == {"phone"}
    assert set(regions) <= set(report.unread_phones["phone"])
    assert all("phone" not in row for row in customer_frame_rows(app.database))
    assert bring_in(app, path, Given(phones=("none",))).unread_phones == {}


def test_whoever_a_file_puts_off_stays_off_with_every_later_number(app: App, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text(
        "id,phone,Reservert mot telefonsalg,deceased on\n"
        "1,020 7946 0001,Ja,\n2,020 7946 0002,nei,\n"
        "3,020 7946 0003,,2024-05-01\n4,020 7946 0004,12.03.2024,\n"
    )
    report = bring_in(app, path, Given(deceased=("deceased on",)))
    path.write_text("id,phone\n1,0113 496 0001\n2,0113 496 0002\n3,0113 496 0003\n4,0113 496 0004\n")
    again = bring_in(app, path)
    with app.database.read() as tx:
        off = {
            customer
            for customer, key in ids_by_external(tx, ["1", "2", "3", "4"]).items()
            if person(tx, key) is not None
        }
    listed = {entry.e164 for entry in list_do_not_call(app.database)}

    assert (report.put_off, again.put_off, again.changed) == (3, 0, 4)
    assert off == {"1", "3", "4"}
    assert listed == {"+442079460001", "+442079460004"}  # the number of who died may be the family's
    assert allow_person(app.database, "1", "eve", "asked us to", NOW)
    assert not allow_person(app.database, "1", "eve", "asked us to", NOW)


def test_bad_rows_that_cannot_be_given_back_stop_the_import(app: App, file: Path) -> None:
    Path(f"{file}.rejected.csv").mkdir()

    with pytest.raises(FileRefused, match=r"rejected\.csv cannot be written"):
        bring_in(app, file)


@pytest.mark.parametrize(
    "cell", ["=cmd|' /C calc'!A0", "+4+cmd|x", "-2+3", "@SUM(1)", "\tx", "'=1", "\uff1d1", "it's", "", "a=b"]
)
def test_rejected_rows_hold_no_formula_and_come_back_as_they_were(
    app: App, tmp_path: Path, cell: str
) -> None:
    path = tmp_path / "c.csv"
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows([["id", "phone", "plan"], ["1", "12", cell]])
    bring_in(app, path, Given(phones=("phone",)))
    back = Path(f"{path}.incomplete.csv")
    given_back = rejected(back)[0]["plan"]
    corrected = tmp_path / "corrected.csv"
    corrected.write_text(back.read_text().replace(",12,", ",0113 496 0002,"), newline="")
    bring_in(app, corrected, Given(phones=("phone",)))

    assert not given_back.startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d"))
    assert [row.get("plan", "") for row in customer_frame_rows(app.database)] == [cell.strip()]


def test_a_file_that_unpacks_without_end_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as stream:
        for _ in range(64):
            stream.write(b"x" * (1 << 20))
    tracemalloc.start()
    with pytest.raises(FileRefused, match="more than 1,048,576 characters in the row at line 1"):
        CustomerFile(path)
    with gzip.open(path, "wb", compresslevel=1) as stream:
        stream.write(b"id,plan\n")
        for _ in range(64):
            stream.write(b'"' + b"x" * (1 << 20))
    with pytest.raises(FileRefused, match="characters in the row at line 2"):
        list(CustomerFile(path).lines())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 64 << 20


def test_a_file_that_unpacks_to_a_thousand_times_its_size_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dialer.services.customers.customer_file.UNPACKED_ANYWAY", 1 << 16)
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(b"id,plan\n" + b"1,S\n" * (1 << 20)))

    with pytest.raises(FileRefused, match="unpacks to more than 200 times its size"):
        list(CustomerFile(path).lines())


def test_an_import_that_broke_off_is_on_record_with_the_rows_that_are_in(app: App, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("id,plan\n" + "".join(f"{number},S\n" for number in range(5_000)))

    def killed(share: float) -> None:
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_customers(
            app.database, plan_import(path, Given(), region="GB"), NOW, region="GB", progress=killed
        )
    rows = len(list(customer_frame_rows(app.database)))
    (broken,) = list_batches(app.database)
    rest = bring_in(app, path)
    whole = list_batches(app.database)[0]

    assert 0 < rows < 5_000
    assert (broken.stored.added, broken.ended_at) == (rows, None)
    assert (whole.stored.added, whole.ended_at) == (rest.added, NOW)
    assert rows + rest.added == 5_000


def test_progress_runs_up_to_the_whole_file(app: App, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("id,plan\n" + "".join(f"{number},S\n" for number in range(5_000)))
    shares: list[float] = []
    import_customers(
        app.database, plan_import(path, Given(), region="GB"), NOW, region="GB", progress=shares.append
    )

    assert shares == sorted(shares)
    assert len(shares) >= 5
    assert shares[-1] == 1.0
