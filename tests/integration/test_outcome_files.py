"""Outcomes told in the plain way: nobody who left is written down as having stayed, and no label is lost."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import Result

from dialer.bootstrap import App, open_app
from dialer.core.importing.mapping import Given
from dialer.db.queries import learning
from dialer.services.analytics.churn_labels import ChurnLabel, record_churn_labels
from dialer.services.analytics.label_frames import labelled_customers
from dialer.services.customers.customers import customer_frame_rows
from dialer.services.customers.imports import ImportReport, import_customers, plan_import
from dialer.settings import Settings

Type = Callable[..., Result]

MONTH = timedelta(days=30)
JANUARY = datetime(2026, 1, 2, 9, tzinfo=UTC)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with open_app(Settings(data_dir=tmp_path / "app", log_level="error")) as app:
        yield app


def said(app: App) -> dict[str, bool]:
    """What was said last of each customer, by the company's id."""
    names = {row["customer_id"]: row["external_id"] for row in customer_frame_rows(app.database)}
    with app.database.read() as tx:
        return {names[customer]: left for customer, left in learning.last_word(tx).items()}


def bring_in(app: App, path: Path, text: str, now: datetime) -> ImportReport:
    path.write_text(text)
    plan = plan_import(path, Given(), region="GB")
    return import_customers(app.database, plan, now, region="GB")


@pytest.fixture
def customers(app: App, tmp_path: Path) -> None:
    rows = "".join(f"{place},S\n" for place in range(20))
    bring_in(app, tmp_path / "customers.csv", "customer_id,plan\n" + rows, JANUARY)


@pytest.mark.usefixtures("customers")
def test_leavers_with_dates_of_any_order_or_none_are_never_told_to_have_stayed(
    type_in: Type, app: App, tmp_path: Path
) -> None:
    path = tmp_path / "left.csv"
    path.write_text("customer_id;ended_on\n1;28.11.2025\n2;3.11.2025\n3;\n")

    told = type_in("label", str(path), "--at", "ended_on", "--rest-stayed").output

    assert "3 left, 17 stayed" in told
    assert "Of 1 who left nobody says when" in told
    assert {"1", "2", "3"} == {who for who, left in said(app).items() if left}


@pytest.mark.usefixtures("customers")
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("customer_id,ended_on\n1,soon\n2,2025-11-03\n", "line 2, ended_on: not a date [outcome.date]"),
        (
            "customer_id,ended_on\n1,2025-11-03,5\n2,2025-11-03\n",
            "line 2: the row has another number of cells",
        ),
        (
            "customer_id,ended_on\n1,03/04/2025\n2,05/06/2025\n",
            (
                "column 'ended_on': '03/04/2025' may be 03 April 2025 (day first) or 04 March 2025 "
                "(month first). Say how it is meant: --notation 'ended_on=day first' or "
                "--notation 'ended_on=month first'."
            ),
        ),
        ("customer_id,ended_on\n,2025-11-03\n", "no identifier [id.missing]"),
        ("customer_id,ended_on\n1,3025-11-03\n", "a date that is still to come [outcome.ahead]"),
        ("id,ended_on\n001,2025-11-03\n002,2025-11-03\n", "of 2 customers in the file 0 are in the database"),
    ],
)
def test_the_rest_may_not_have_stayed_while_anybody_in_the_file_is_not_understood(
    type_in: Type, app: App, tmp_path: Path, text: str, why: str
) -> None:
    path = tmp_path / "left.csv"
    path.write_text(text)

    refused = type_in("label", str(path), "--at", "ended_on", "--rest-stayed", code=2)

    assert why in " ".join(refused.output.split())
    assert {} == said(app), "nothing was kept"


@pytest.mark.usefixtures("customers")
@pytest.mark.parametrize(
    ("text", "options", "days"),
    [
        ("customer_id;ended_on\n1;03/04/2025\n", ["--notation", "ended_on=month-first"], ["2025-03-04"]),
        ("customer_id;ended_on\n1;03/04/2025\n", ["--notation", "ended_on=day first"], ["2025-04-03"]),
        # another column of the file tells
        ("customer_id;ended_on;since\n1;03/04/2025;13/01/2020\n", [], ["2025-04-03"]),
        # as a spreadsheet counts days, whatever the column is called, and where it holds none
        ("customer_id;ended_on\n1;45750\n2;45751.5\n", [], ["2025-04-03", "2025-04-04"]),
        ("customer_id;ended_on\n1;20250403\n2;20250404\n", [], ["2025-04-03", "2025-04-04"]),
    ],
)
@pytest.mark.usefixtures("customers")
def test_days_of_leaving_are_read_as_an_import_reads_days(
    type_in: Type, app: App, tmp_path: Path, *, text: str, options: list[str], days: list[str]
) -> None:
    path = tmp_path / "left.csv"
    path.write_text(text)

    type_in("label", str(path), "--at", "ended_on", *options)

    with app.database.read() as tx:
        told = tx.execute(sa.text("SELECT at FROM churn_label ORDER BY id")).scalars().all()
    assert [day[:10] for day in told] == days


@pytest.mark.usefixtures("customers")
def test_a_sum_under_the_leavers_is_no_customer_and_does_not_forbid_the_rest(
    type_in: Type, app: App, tmp_path: Path
) -> None:
    path = tmp_path / "left.csv"
    path.write_text("customer_id;ended_on;amount\n1;28.11.2025;20\n2;3.11.2025;30\nTotal;;50\n")

    told = type_in("label", str(path), "--at", "ended_on", "--rest-stayed").output

    assert "2 left, 18 stayed; 0 were known before, 0 are not in the database" in told
    assert "1 line that could not be read: line 4: a sum under the table, not a customer [row.total]" in told


@pytest.mark.usefixtures("customers")
@pytest.mark.parametrize("nothing", ["00000000", "1753-01-01", "k.A.", "00.00.0000"])
def test_how_programs_write_that_there_is_no_day_is_no_day(
    type_in: Type, tmp_path: Path, nothing: str
) -> None:
    path = tmp_path / "left.csv"
    path.write_text(f"customer_id;ended_on\n1;20250403\n2;{nothing}\n")

    told = type_in("label", str(path), "--at", "ended_on", "--rest-stayed").output

    assert "2 left, 18 stayed" in told
    assert "Of 1 who left nobody says when" in told


@pytest.mark.usefixtures("customers")
@pytest.mark.usefixtures("customers")
def test_without_the_rest_good_lines_are_kept_and_bad_ones_named(
    type_in: Type, app: App, tmp_path: Path
) -> None:
    path = tmp_path / "left.csv"
    path.write_text("customer_id,ended_on\n1,soon\n2,2025-11-03\n")

    told = type_in("label", str(path), "--at", "ended_on").output

    assert "1 left, 0 stayed" in told
    assert "1 line that could not be read: line 2, ended_on: not a date" in told
    assert {"2": True} == said(app)


def test_a_file_with_the_column_of_the_import_is_read_by_it(type_in: Type, app: App, tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    bring_in(app, path, "plan,customer_id,churned\nS,1,no\nM,2,no\n", JANUARY)
    path.write_text("plan,customer_id,churned\nS,1,yes\nM,2,no\n")

    told = type_in("label", str(path)).output

    assert "By the column 'churned': 1 left, 1 stayed" in told
    assert {"1": True, "2": False} == said(app)


def test_a_date_may_be_told_later_of_somebody_who_left_without_one(app: App) -> None:
    house_now = JANUARY + MONTH
    rows = [ChurnLabel(external_id="1", left=True)]
    bring_in(app, Path(app.settings.data_dir) / "c.csv", "customer_id\n1\n", JANUARY)
    undated = record_churn_labels(app.database, rows, house_now, source="a")
    again = record_churn_labels(app.database, rows, house_now + MONTH, source="a")
    dated = record_churn_labels(
        app.database, [ChurnLabel(external_id="1", left=True, at=JANUARY)], house_now + MONTH, source="b"
    )
    twice = record_churn_labels(
        app.database, [ChurnLabel(external_id="1", left=True, at=JANUARY)], house_now + MONTH, source="b"
    )

    assert [1, 0, 1, 0] == [each.left for each in (undated, again, dated, twice)]


def test_the_monthly_loop_keeps_every_label_and_learns_from_what_customers_were_before(
    app: App, tmp_path: Path
) -> None:
    """January has outcomes; February has none, and later prices; then two of January's stayers leave."""
    path = tmp_path / "customers.csv"
    bring_in(app, path, "customer_id,fee,churned\n1,10,no\n2,10,yes\n3,10,no\n4,10,no\n", JANUARY)
    bring_in(app, path, "customer_id,fee\n1,12\n3,12\n4,12\n5,12\n", JANUARY + MONTH)
    gone = [ChurnLabel(external_id="3", left=True, at=JANUARY + MONTH + timedelta(days=3))]
    gone += [ChurnLabel(external_id="4", left=True, at=JANUARY + timedelta(days=3))]
    record_churn_labels(app.database, gone, JANUARY + 1.5 * MONTH, source="told")
    bring_in(app, path, "customer_id,fee\n1,14\n3,0\n4,0\n5,14\n", JANUARY + 2 * MONTH)

    found = labelled_customers(app.database)

    rows = {row["external_id"]: (row["churned"], row["fee"]) for row in found.frame.to_dicts()}
    assert "churned" == found.label
    assert rows == {
        "1": ("no", "10"),  # told in January, and never since
        "2": ("yes", "10"),
        "3": ("yes", "12"),  # left in February, when the fee was 12
        "4": ("yes", "10"),  # left in January
        "5": (None, "14"),  # nothing was told, so nothing is learned
    }
    today = {
        row["external_id"]: row["churned"] for row in customer_frame_rows(app.database) if "churned" in row
    }
    assert {"1": "no", "2": "yes", "3": "no", "4": "no"} == today, "no import erased a label"


def test_an_import_does_not_take_back_that_a_customer_left(app: App, tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    bring_in(app, path, "customer_id,churned\n1,no\n2,no\n", JANUARY)
    record_churn_labels(
        app.database, [ChurnLabel(external_id="1", left=True)], JANUARY + MONTH, source="told"
    )

    report = bring_in(app, path, "customer_id,churned,fee\n1,no,3\n2,no,3\n", JANUARY + 2 * MONTH)

    assert 1 == report.stay_left
    assert {"1": True, "2": False} == said(app)


def test_an_outcome_that_was_only_told_is_learned_from_without_a_column(app: App, tmp_path: Path) -> None:
    bring_in(app, tmp_path / "customers.csv", "customer_id,fee\n1,10\n2,10\n", JANUARY)
    record_churn_labels(
        app.database,
        [ChurnLabel(external_id="1", left=True), ChurnLabel(external_id="2", left=False)],
        JANUARY + MONTH,
        source="told",
    )

    found = labelled_customers(app.database)

    assert ("left", ["yes", "no"]) == (found.label, found.frame.get_column("left").to_list())


def test_a_column_in_words_of_its_own_is_learned_from_as_it_is(app: App, tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    bring_in(app, path, "customer_id,churned\n1,Attrited\n2,Existing\n", JANUARY)
    record_churn_labels(
        app.database, [ChurnLabel(external_id="2", left=True)], JANUARY + MONTH, source="told"
    )

    found = labelled_customers(app.database)

    assert ["Attrited", "Existing"] == found.frame.get_column("churned").to_list()


@pytest.mark.usefixtures("customers")
def test_a_status_tells_who_left_whatever_its_column_is_called(
    type_in: Type, app: App, tmp_path: Path
) -> None:
    path = tmp_path / "status.csv"
    path.write_text("No;KdNr;Status\n9;1;gekündigt\n8;2;aktiv\n;;\n7;3;gekündigt\n")

    told = type_in("label", str(path)).output

    assert "By the column 'Status': 2 left, 1 stayed" in told
    assert said(app) == {"1": True, "2": False, "3": True}


@pytest.mark.usefixtures("customers")
@pytest.mark.parametrize("heading", ["Left on", "Uppsägningsdatum", "Kündigungsdatum", "Sluttdato"])
def test_who_has_no_day_in_a_column_of_leaving_is_not_told_to_have_left(
    type_in: Type, app: App, tmp_path: Path, heading: str
) -> None:
    path = tmp_path / "left.csv"
    path.write_text(f"customer_id;{heading}\n1;28.11.2025\n2;\n3;n/a\n")

    told = type_in("label", str(path)).output

    assert "1 left, 0 stayed" in told
    assert said(app) == {"1": True}
    path.write_text(f"customer_id;{heading}\n4;28.11.2025\n5;27.11.2025\n")
    assert "2 left, 0 stayed" in type_in("label", str(path)).output
