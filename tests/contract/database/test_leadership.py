"""One engine leads a PBX, and whoever does not, opens nothing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from databases.centre import MONDAY, PBX, Centre

from callbacks.refusals import Refusal
from dialer.db.session import Database
from dialer.services.calls.attempts import open_attempts
from dialer.services.calls.leadership import acquire_lease, release_lease, renew_lease


def after(seconds: float):
    return MONDAY + timedelta(seconds=seconds)


def test_the_first_engine_leads_and_the_second_waits(database: Database) -> None:
    first = acquire_lease(database, PBX, "one", MONDAY)

    assert first is not None
    assert acquire_lease(database, PBX, "two", after(9.9)) is None
    assert acquire_lease(database, PBX, "one", after(9.9)) is None  # a restarted engine is another engine


def test_a_lease_that_ran_out_is_taken_over_with_a_greater_number(database: Database) -> None:
    first = acquire_lease(database, PBX, "one", MONDAY)
    second = acquire_lease(database, PBX, "two", after(10))

    assert first is not None
    assert second is not None
    assert second.fencing > first.fencing
    assert renew_lease(database, first, after(10.1)) is None


def test_a_lease_is_kept_by_its_holder_for_as_long_as_it_asks_in_time(database: Database) -> None:
    lead = acquire_lease(database, PBX, "one", MONDAY)
    for second in range(5, 100, 5):
        assert lead is not None
        lead = renew_lease(database, lead, after(second))

    assert lead is not None
    assert 1 == lead.fencing
    assert after(105) == lead.expires_at


def test_a_lease_asked_for_too_late_is_not_kept_even_if_nobody_took_it(database: Database) -> None:
    lead = acquire_lease(database, PBX, "one", MONDAY)

    assert lead is not None
    assert renew_lease(database, lead, after(10)) is None


def test_a_lease_given_up_is_free_at_once_and_its_number_still_grows(database: Database) -> None:
    first = acquire_lease(database, PBX, "one", MONDAY)
    assert first is not None
    release_lease(database, first)
    second = acquire_lease(database, PBX, "two", after(0.1))

    assert second is not None
    assert 2 == second.fencing
    release_lease(database, first)  # too late: it is another's
    assert renew_lease(database, second, after(0.2)) is not None


def test_each_pbx_has_a_leader_of_its_own(database: Database) -> None:
    assert acquire_lease(database, "east", "one", MONDAY) is not None
    assert acquire_lease(database, "west", "two", MONDAY) is not None


def test_of_eight_engines_that_start_at_once_one_leads(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        taken = list(
            pool.map(lambda index: acquire_lease(database, PBX, f"engine-{index}", MONDAY), range(8))
        )

    assert 1 == sum(lead is not None for lead in taken)


def test_a_stale_leader_opens_nothing(centre: Centre) -> None:
    centre.customers(1)
    centre.campaign()
    stale = centre.leadership_of_pbx
    centre.promise()
    release_lease(centre.database, stale)
    promises, leads = centre.work()
    newer = acquire_lease(centre.database, PBX, "two", centre.later(seconds=1))
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
    centre.now = centre.leadership_of_pbx.expires_at

    refused = centre.try_open(work)

    assert isinstance(refused, Refusal)
    assert "leader.stale" == refused.rule
