"""Who was called before it was known whether they left, from the log: by household, and in time."""

from datetime import timedelta

import numpy as np
from databases.centre import Centre

from churnmodel.array_types import Bools, Floats
from churnmodel.holdout import Entered, chance_uncalled
from dialer.db.queries import assignments, customers
from dialer.services.analytics.churn_labels import ChurnLabel, record_churn_labels
from dialer.services.analytics.treatment_history import treatment_of

MANY = 60


def treated(centre: Centre, **later: float) -> tuple[Bools, Floats]:
    with centre.database.read() as tx:
        people = customers.stream(tx, 0, MANY)
    found = treatment_of(
        centre.database,
        [person.id for person in people],
        [person.household for person in people],
        centre.now + timedelta(**later),
    )
    assert found is not None
    return found


def test_before_any_campaign_there_is_nothing_to_weigh(centre: Centre) -> None:
    centre.customers(3)
    centre.campaign(started=False)

    assert treatment_of(centre.database, [1, 2, 3], [None] * 3, centre.now) is None


def test_the_log_says_who_was_called_and_with_which_chance_not(centre: Centre) -> None:
    centre.customers(MANY)
    centre.campaign("winter", holdout_share=0.3, explore_share=0.2)
    centre.campaign("spring", holdout_share=0.3, explore_share=0.2, top=20)

    called, chance = treated(centre)

    with centre.database.read() as tx:
        logs = [{row.customer_id: row for row in assignments.log_of(tx, number)} for number in (1, 2)]
    assert 0 < called.sum() < MANY
    for index in range(MANY):
        rows = [log[index + 1] for log in logs if index + 1 in log]
        assert called[index] == any(row.call for row in rows)
        entered = [Entered("the same", 0.3, row.propensity) for row in rows]
        assert np.isclose(chance[index], chance_uncalled(entered))
        assert chance[index] >= 0.3, "the control escapes both"


def test_a_household_is_called_as_one(centre: Centre) -> None:
    centre.customers(20)
    centre.customers(MANY - 20, start=20, household="a home")
    centre.campaign(holdout_share=0.0)

    called, chance = treated(centre)

    assert called[20:].all()
    assert 0.0 == chance[20:].max()


def test_calls_after_the_outcome_or_a_year_before_it_do_not_count(centre: Centre) -> None:
    centre.customers(MANY)
    gone = [ChurnLabel(external_id=f"c{index}", left=False, at=centre.now) for index in range(30)]
    record_churn_labels(centre.database, gone, centre.now, source="told.csv")
    centre.later(days=1)
    centre.campaign(holdout_share=0.0)

    called, chance = treated(centre)

    assert not called[:30].any()
    assert (chance[:30] == 1).all()
    assert called[30:].all()
    assert not treated(centre, days=366)[0].any()
