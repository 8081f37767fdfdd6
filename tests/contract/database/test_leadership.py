"""One engine leads a PBX, and whoever does not, opens nothing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from databases.centre import PBX, Centre
from sqlalchemy import text, update

from callbacks.refusals import Refusal
from dialer.db.models import Lease
from dialer.db.queries import leases
from dialer.db.session import Database
from dialer.services.calls.attempts import open_attempts
from dialer.services.calls.leadership import LEASE_S, LeaseWatch, acquire_lease, release_lease, renew_lease


class Steady:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def write_end(database: Database, ahead: timedelta) -> None:
    """Put the end of the lease so far from now, as a clock that was set would have it."""
    with database.write() as tx:
        tx.execute(update(Lease).values(expires_at=datetime.now(UTC) + ahead))


def run_out(database: Database) -> None:
    """Let the lease's time pass."""
    write_end(database, timedelta(seconds=-1))


def test_the_first_engine_leads_and_the_second_waits(database: Database) -> None:
    first = acquire_lease(database, PBX, "one")

    assert first is not None
    assert acquire_lease(database, PBX, "two") is None
    assert acquire_lease(database, PBX, "one") is None  # a restarted engine is another engine


def test_a_lease_that_ran_out_is_taken_over_with_a_greater_number(database: Database) -> None:
    first = acquire_lease(database, PBX, "one")
    run_out(database)
    second = acquire_lease(database, PBX, "two")

    assert first is not None
    assert second is not None
    assert second.fencing > first.fencing
    assert renew_lease(database, first) is None


def test_a_lease_is_kept_by_its_holder_for_as_long_as_it_asks_in_time(database: Database) -> None:
    first = acquire_lease(database, PBX, "one")
    lead = first
    for _ in range(5):
        assert lead is not None
        lead = renew_lease(database, lead)

    assert first is not None
    assert lead is not None
    assert 1 == lead.fencing
    assert lead.expires_at > first.expires_at


def test_a_lease_that_ran_out_is_kept_while_nobody_took_it(database: Database) -> None:
    lead = acquire_lease(database, PBX, "one", ttl_s=-1.0)
    assert lead is not None

    kept = renew_lease(database, lead)

    assert kept is not None
    assert kept.fencing == lead.fencing
    assert acquire_lease(database, PBX, "two") is None


def test_a_lease_that_was_given_up_is_not_kept(database: Database) -> None:
    lead = acquire_lease(database, PBX, "one")
    assert lead is not None
    release_lease(database, lead)

    assert renew_lease(database, lead) is None


def test_a_lease_that_ran_out_is_not_kept_in_a_database_that_was_put_back_to_an_earlier_day(
    database: Database,
) -> None:
    lead = acquire_lease(database, PBX, "one", ttl_s=-2.0)
    assert lead is not None
    later = renew_lease(database, lead, ttl_s=-1.0)
    write_end(database, lead.expires_at - datetime.now(UTC))

    assert later is not None
    assert renew_lease(database, later) is None


def test_a_lease_given_up_is_free_at_once_and_its_number_still_grows(database: Database) -> None:
    first = acquire_lease(database, PBX, "one")
    assert first is not None
    release_lease(database, first)
    second = acquire_lease(database, PBX, "two")

    assert second is not None
    assert 2 == second.fencing
    release_lease(database, first)  # too late: it is another's
    assert renew_lease(database, second) is not None


def test_each_pbx_has_a_leader_of_its_own(database: Database) -> None:
    assert acquire_lease(database, "east", "one") is not None
    assert acquire_lease(database, "west", "two") is not None


def test_of_eight_engines_that_start_at_once_one_leads(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda index: acquire_lease(database, PBX, f"engine-{index}"), range(8)))

    assert 1 == sum(lead is not None for lead in taken)


def test_the_lease_of_a_dead_engine_is_found_though_the_clock_was_set_back_since(database: Database) -> None:
    acquire_lease(database, PBX, "crashed")
    write_end(database, timedelta(hours=1))  # in what the clock now shows
    steady = Steady()
    watch = LeaseWatch(steady)
    tries = []
    for second in (0.0, 2.0, LEASE_S - 0.1, LEASE_S + 0.1):
        steady.now = second
        tries.append(acquire_lease(database, PBX, "standby", watch=watch))

    assert [None] * 3 == tries[:3]
    assert tries[3] is not None
    assert 2 == tries[3].fencing


def test_a_lease_that_is_renewed_is_never_taken_however_the_clock_is_set(database: Database) -> None:
    lead = acquire_lease(database, PBX, "leads")
    steady = Steady()
    watch = LeaseWatch(steady)
    for turn in range(12):
        steady.now = turn * LEASE_S / 3
        assert lead is not None
        lead = renew_lease(database, lead)
        assert acquire_lease(database, PBX, "standby", watch=watch) is None
        if turn == 5:
            write_end(database, timedelta(hours=1))

    assert lead is not None
    assert lead.expires_at < datetime.now(UTC) + timedelta(minutes=1), "the first renewal puts it right"


@pytest.mark.parametrize(
    "engine_name", ["postgresql"], indirect=True
)  # on SQLite a process's locks end with it
def test_an_engine_that_is_cut_off_in_a_transaction_keeps_nobody_from_leading(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "SILENT_HOLDER_S", 1)
    lead = acquire_lease(database, PBX, "cut off")
    assert lead is not None
    dead = database.engine.connect()  # in the middle of opening an attempt, and never heard of again
    with database._writing(bind=dead) as tx:
        assert leases.holds(tx, PBX, "cut off", lead.fencing)
        with ThreadPoolExecutor(1) as pool:
            write = pool.submit(run_out, database)
            write.result(timeout=8)
            taken = acquire_lease(database, PBX, "standby")
        dead.invalidate()

    assert taken is not None
    assert lead.fencing + 1 == taken.fencing


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)  # SQLite has its busy time-out
def test_postgresql_is_told_what_to_wait_for(database: Database) -> None:
    with database.read() as tx:
        told = {
            name: tx.scalar(text(f"SHOW {name}"))
            for name in (
                "lock_timeout",
                "statement_timeout",
                "idle_in_transaction_session_timeout",
                "client_connection_check_interval",
            )
        }

    assert {
        "lock_timeout": "10s",
        "statement_timeout": "5min",
        "idle_in_transaction_session_timeout": "10min",
        "client_connection_check_interval": "5s",
    } == told


def test_an_error_of_the_database_tells_no_number(database: Database) -> None:
    with pytest.raises(Exception, match="no_such_table") as failed, database.write() as tx:
        tx.execute(text("SELECT * FROM no_such_table WHERE e164 = :number"), {"number": "+442079460123"})

    assert "7946" not in str(failed.value)


def test_a_stale_leader_opens_nothing(centre: Centre) -> None:
    centre.customers(1)
    centre.campaign()
    stale = centre.leadership_of_pbx
    centre.promise()
    release_lease(centre.database, stale)
    promises, leads = centre.work()
    newer = acquire_lease(centre.database, PBX, "two")
    assert newer is not None

    for work in (*promises, *leads):
        refused = centre.try_open(work)
        assert isinstance(refused, Refusal)
        assert "leader.stale" == refused.rule
    assert () == open_attempts(centre.database, PBX)

    centre.leadership_of_pbx = newer
    assert newer.fencing > stale.fencing
    assert centre.open().attempt.startswith("wb-")


def test_a_leader_whose_lease_ran_out_opens_nothing(centre: Centre) -> None:
    centre.customers(1)
    centre.campaign()
    work = centre.work()[1][0]
    run_out(centre.database)

    refused = centre.try_open(work)

    assert isinstance(refused, Refusal)
    assert "leader.stale" == refused.rule
