"""Who was called before it was known whether they left, from the log: by household, and in time."""

from datetime import timedelta

import numpy as np
from books.world import World

from churnmodel.arrays import Bools, Floats
from churnmodel.holdout import Entered, chance_uncalled
from dialer.db.queries import assignments, customers
from dialer.services.churn import Told, record_outcomes
from dialer.services.untreated import treatment_of

MANY = 60


def treated(world: World, **later: float) -> tuple[Bools, Floats]:
    with world.book.read() as tx:
        people = customers.stream(tx, 0, MANY)
    found = treatment_of(
        world.book,
        [person.id for person in people],
        [person.household for person in people],
        world.now + timedelta(**later),
    )
    assert found is not None
    return found


def test_before_any_campaign_there_is_nothing_to_weigh(world: World) -> None:
    world.customers(3)
    world.campaign(started=False)

    assert treatment_of(world.book, [1, 2, 3], [None] * 3, world.now) is None


def test_the_log_says_who_was_called_and_with_which_chance_not(world: World) -> None:
    world.customers(MANY)
    world.campaign("winter", holdout_share=0.3, explore_share=0.2)
    world.campaign("spring", holdout_share=0.3, explore_share=0.2, top=20)

    called, chance = treated(world)

    with world.book.read() as tx:
        logs = [{row.customer_id: row for row in assignments.log_of(tx, number)} for number in (1, 2)]
    assert 0 < called.sum() < MANY
    for place in range(MANY):
        rows = [log[place + 1] for log in logs if place + 1 in log]
        assert called[place] == any(row.call for row in rows)
        entered = [Entered("the same", 0.3, row.propensity) for row in rows]
        assert np.isclose(chance[place], chance_uncalled(entered))
        assert chance[place] >= 0.3, "the control escapes both"


def test_a_household_is_called_as_one(world: World) -> None:
    world.customers(20)
    world.customers(MANY - 20, start=20, household="a home")
    world.campaign(holdout_share=0.0)

    called, chance = treated(world)

    assert called[20:].all()
    assert 0.0 == chance[20:].max()


def test_calls_after_the_outcome_or_a_year_before_it_do_not_count(world: World) -> None:
    world.customers(MANY)
    gone = [Told(external_id=f"c{place}", left=False, at=world.now) for place in range(30)]
    record_outcomes(world.book, gone, world.now, source="told.csv")
    world.later(days=1)
    world.campaign(holdout_share=0.0)

    called, chance = treated(world)

    assert not called[:30].any()
    assert (chance[:30] == 1).all()
    assert called[30:].all()
    assert not treated(world, days=366)[0].any()
