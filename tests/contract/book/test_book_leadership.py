"""One engine leads a PBX, and whoever does not, opens nothing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from books.world import MONDAY, PBX, World

from dialer.core.compliance.verdict import Verdict
from dialer.db.session import Book
from dialer.services.attempts import open_attempts
from dialer.services.leadership import give_up_lead, keep_lead, take_lead


def after(seconds: float):
    return MONDAY + timedelta(seconds=seconds)


def test_the_first_engine_leads_and_the_second_waits(book: Book) -> None:
    first = take_lead(book, PBX, "one", MONDAY)

    assert first is not None
    assert take_lead(book, PBX, "two", after(9.9)) is None
    assert take_lead(book, PBX, "one", after(9.9)) is None  # a restarted engine is another engine


def test_a_lease_that_ran_out_is_taken_over_with_a_greater_number(book: Book) -> None:
    first = take_lead(book, PBX, "one", MONDAY)
    second = take_lead(book, PBX, "two", after(10))

    assert first is not None
    assert second is not None
    assert second.fencing > first.fencing
    assert keep_lead(book, first, after(10.1)) is None


def test_a_lease_is_kept_by_its_holder_for_as_long_as_it_asks_in_time(book: Book) -> None:
    lead = take_lead(book, PBX, "one", MONDAY)
    for second in range(5, 100, 5):
        assert lead is not None
        lead = keep_lead(book, lead, after(second))

    assert lead is not None
    assert 1 == lead.fencing
    assert after(105) == lead.expires_at


def test_a_lease_asked_for_too_late_is_not_kept_even_if_nobody_took_it(book: Book) -> None:
    lead = take_lead(book, PBX, "one", MONDAY)

    assert lead is not None
    assert keep_lead(book, lead, after(10)) is None


def test_a_lease_given_up_is_free_at_once_and_its_number_still_grows(book: Book) -> None:
    first = take_lead(book, PBX, "one", MONDAY)
    assert first is not None
    give_up_lead(book, first)
    second = take_lead(book, PBX, "two", after(0.1))

    assert second is not None
    assert 2 == second.fencing
    give_up_lead(book, first)  # too late: it is another's
    assert keep_lead(book, second, after(0.2)) is not None


def test_each_pbx_has_a_leader_of_its_own(book: Book) -> None:
    assert take_lead(book, "east", "one", MONDAY) is not None
    assert take_lead(book, "west", "two", MONDAY) is not None


def test_of_eight_engines_that_start_at_once_one_leads(book: Book) -> None:
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda place: take_lead(book, PBX, f"engine-{place}", MONDAY), range(8)))

    assert 1 == sum(lead is not None for lead in taken)


def test_a_stale_leader_opens_nothing(world: World) -> None:
    world.customers(1)
    world.campaign()
    stale = world.lead_of_pbx
    world.promise()
    give_up_lead(world.book, stale)
    promises, leads = world.work()
    newer = take_lead(world.book, PBX, "two", world.later(seconds=1))
    assert newer is not None

    for work in (*promises, *leads):
        refused = world.try_open(work)
        assert isinstance(refused, Verdict)
        assert "leader.stale" == refused.rule
    assert () == open_attempts(world.book, PBX)

    world.lead_of_pbx = newer
    assert newer.fencing > stale.fencing
    assert world.open().attempt.startswith("wb-")


def test_a_leader_whose_lease_ran_out_opens_nothing(world: World) -> None:
    world.customers(1)
    world.campaign()
    work = world.work()[1][0]
    world.now = world.lead_of_pbx.expires_at

    refused = world.try_open(work)

    assert isinstance(refused, Verdict)
    assert "leader.stale" == refused.rule
