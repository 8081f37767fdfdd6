"""The tables: one way up and down on both engines, and what the session promises."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from databases.centre import MONDAY, Centre
from databases.differences import differences
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import DBAPIError, StatementError

from churnmodel.holdout import Arm
from dialer.db.migrations.upgrade import downgrade, upgrade
from dialer.db.models import DoNotCall, Lease
from dialer.db.queries import assignments
from dialer.db.session import Database, open_engine
from dialer.services.analytics.churn_labels import ChurnLabel, record_churn_labels
from dialer.services.customers.customers import count_customers


def test_the_migration_makes_exactly_the_tables_of_the_models(empty_url: str) -> None:
    upgrade(empty_url)

    assert [] == differences(empty_url)


def test_the_migration_goes_down_to_nothing_and_up_again(empty_url: str) -> None:
    upgrade(empty_url)
    downgrade(empty_url, to="base")
    engine = open_engine(empty_url)
    left = set(inspect(engine).get_table_names())
    engine.dispose()

    assert left <= {"alembic_version"}

    upgrade(empty_url)

    assert [] == differences(empty_url)


def test_processes_that_start_together_may_all_upgrade(empty_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(upgrade, empty_url) for _ in range(4)]:
            done.result()

    assert [] == differences(empty_url)


def test_a_new_file_may_be_opened_by_many_at_the_same_moment(tmp_path: Path) -> None:
    journals = set()
    with ThreadPoolExecutor(6) as pool:
        for number in range(150):
            url = f"sqlite:///{tmp_path / f'{number}.db'}"
            journals |= set(pool.map(_open_and_write, [url] * 6))

    assert {"wal"} == journals


def test_upgrading_keeps_what_is_in_the_database(centre: Centre, url: str) -> None:
    centre.customers(3)
    upgrade(url)

    assert 3 == count_customers(centre.database)


def test_a_naive_time_is_refused_before_it_reaches_the_database(database: Database) -> None:
    naive = Lease(name="x", holder="x", fencing=1, expires_at=datetime(2026, 1, 1))  # noqa: DTZ001

    with pytest.raises(StatementError, match="without a zone"):
        _add(database, naive)


def test_a_time_of_any_zone_comes_back_as_the_same_moment_in_utc(database: Database) -> None:
    there = datetime(2026, 7, 1, 12, 0, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    with database.write() as tx:
        tx.add(DoNotCall(e164="+442079460000", reason="", source="", added_at=there))
    with database.read() as tx:
        back = tx.scalars(select(DoNotCall.added_at)).one()

    assert there == back
    assert UTC is back.tzinfo


def test_a_process_starts_on_a_database_that_another_one_writes(database: Database, url: str) -> None:
    """A list of half a million customers takes longer to write than anybody waits for the database."""
    with database.write() as writer:
        writer.add(DoNotCall(e164="+442079460000", reason="", source="", added_at=MONDAY))
        writer.flush()
        with ThreadPoolExecutor(1) as pool:
            pool.submit(upgrade, url).result(timeout=60)

    assert 1 == _count(database)


def test_an_exception_undoes_the_whole_transaction(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        _add_and_fail(database)
    assert 0 == _count(database)


def test_a_reader_cannot_write(database: Database) -> None:
    with database.read() as tx, pytest.raises(DBAPIError, match=r"readonly|read-only"):
        tx.execute(text("DELETE FROM do_not_call"))


def test_a_connection_that_read_can_write_again(database: Database) -> None:
    for round_ in range(6):
        with database.read() as tx:
            tx.scalars(select(DoNotCall)).all()
        with database.write() as tx:
            tx.add(DoNotCall(e164=f"+4420794600{round_:02d}", reason="", source="", added_at=MONDAY))
    with database.read() as tx:
        assert 6 == len(tx.scalars(select(DoNotCall)).all())


def test_a_reader_does_not_hold_up_a_writer(database: Database) -> None:
    with database.read() as reader:
        before = reader.scalars(select(DoNotCall)).all()
        with ThreadPoolExecutor(1) as pool:
            pool.submit(_list_one, database).result(timeout=60)
        assert [] == before
    with database.read() as tx:
        assert 1 == len(tx.scalars(select(DoNotCall)).all())


def test_a_writer_does_not_hold_up_a_reader(database: Database) -> None:
    with database.write() as writer:
        writer.add(DoNotCall(e164="+442079460000", reason="", source="", added_at=MONDAY))
        writer.flush()
        with ThreadPoolExecutor(1) as pool:
            seen = pool.submit(_count, database).result(timeout=60)

    assert 0 == seen
    assert 1 == _count(database)


def _list_one(database: Database) -> None:
    with database.write() as tx:
        tx.add(DoNotCall(e164="+442079460000", reason="", source="", added_at=MONDAY))


def _count(database: Database) -> int:
    with database.read() as tx:
        return len(tx.scalars(select(DoNotCall)).all())


def _add(database: Database, row: object) -> None:
    with database.write() as tx:
        tx.add(row)


def _add_and_fail(database: Database) -> None:
    with database.write() as tx:
        tx.add(DoNotCall(e164="+442079460000", reason="", source="", added_at=MONDAY))
        tx.flush()
        raise ZeroDivisionError


def test_leads_of_before_the_log_are_written_into_it(empty_url: str) -> None:
    upgrade(empty_url, to="0003")
    engine = open_engine(empty_url)
    at = "2026-11-01 10:00:00+00:00" if engine.dialect.name == "postgresql" else "2026-11-01 10:00:00.000000"
    campaign = {
        "id": 1, "name": "old", "state": "draft", "purpose": "marketing", "queue": "q", "trunk": "t",
        "caller_id": "", "script": "", "offer": "", "mode": "progressive", "abandon_target": 0.02,
        "max_attempts": 3, "ring_s": 30, "holdout_share": 0.25, "filters": "{}", "created_at": at,
    }  # fmt: skip
    customer = {
        "id": 1, "external_id": "c1", "name": "A", "language": "en", "household": "h", "attributes": "{}",
        "imported_at": at,
    }  # fmt: skip
    lead = {
        "id": 1, "campaign_id": 1, "customer_id": 1, "state": "held_out", "rank": 1, "propensity": 0.75,
        "attempts_made": 0, "next_at": at, "asked_again": False, "e164": "+4420", "place_id": 1, "risk": 0.5,
        "reasons": "[]",
    }  # fmt: skip
    place = {"id": 1, "key": "GB", "country": "GB", "zones": "[]"}
    with engine.begin() as connection:
        for table, values in (
            ("place", place),
            ("campaign", campaign),
            ("customer", customer),
            ("lead", lead),
        ):
            names = ", ".join(values)
            holders = ", ".join(f":{name}" for name in values)
            connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({holders})"), values)
    engine.dispose()

    upgrade(empty_url)

    database = Database(empty_url)
    with database.read() as tx:
        row = assignments.assigned(tx, 1)[0]
    database.close()
    assert (Arm.CONTROL, True, False, 0.75, 0.5, "h") == (
        row.arm, row.listed, row.call, row.propensity, row.risk, row.household,
    )  # fmt: skip


@pytest.mark.parametrize("table", ["churn_label", "audit"])
def test_what_is_only_added_to_cannot_be_changed_by_anybody(centre: Centre, table: str) -> None:
    centre.customers(1)
    centre.campaign()  # which is written into the audit
    record_churn_labels(
        centre.database, [ChurnLabel(external_id="c0", left=True, at=centre.now)], centre.now, source="test"
    )
    column = {"churn_label": "source", "audit": "actor"}[table]

    with pytest.raises(DBAPIError, match="only added to"), centre.database.write() as tx:
        tx.execute(text(f"UPDATE {table} SET {column} = 'somebody else'"))


def _open_and_write(url: str) -> str:
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS here (x INTEGER)"))
        journal = connection.execute(text("PRAGMA journal_mode")).scalar_one()
    engine.dispose()
    return str(journal)
