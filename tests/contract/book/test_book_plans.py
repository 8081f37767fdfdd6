"""Before anything is dialled: how far the hours reach, and what another list would have brought."""

from datetime import timedelta

import numpy as np
import pytest
from books.world import World

from churnmodel.policy import Capacity
from churnmodel.value import Price
from dialer.db.queries import assignments, customers
from dialer.services.churn import Told, record_outcomes
from dialer.services.hindsight import Hindsight, look_back
from dialer.services.lists import ListFilter
from dialer.services.models import ScoreRow, save_model, save_scores
from dialer.services.planning import CallPlan, plan_calls

PRICE = Price(flat_value=100.0, call_cost=2.0, offer_cost=0.0, call_minutes=6.0)
DAYS = timedelta(days=1)


def score(world: World, risks: list[float]) -> None:
    """Scores as a model would leave them: who is likelier to leave has more to gain by a call."""
    with world.book.read() as tx:
        people = customers.stream(tx, 0, len(risks))
    number = save_model(world.book, Reference(), {}, kind="ebm", now=world.now, role="champion")
    rows = [
        ScoreRow(customer=person.id, risk=risk, value=100.0, expected_gain=20 * risk - 2, reasons=())
        for person, risk in zip(people, risks, strict=True)
    ]
    save_scores(world.book, number, rows, world.now)


class Reference:
    """A model file that nobody opens here."""

    folder = "model"
    sha256 = "0" * 64


def reach(world: World, hours: float, **filters: float) -> CallPlan:
    return plan_calls(
        world.book,
        ListFilter(**filters),  # type: ignore[arg-type] # thresholds
        world.now,
        top=None,
        capacity=Capacity(agents=1, hours=hours),
        attempts=3,
        price=PRICE,
    )


def back(world: World, top: int | None = None, **filters: float) -> tuple[Hindsight, ...]:
    found: ListFilter = ListFilter(**filters)  # type: ignore[arg-type] # thresholds
    return look_back(world.book, found, world.now, top=top, price=PRICE)


def test_hours_reach_down_the_list_and_one_more_has_its_price(world: World) -> None:
    world.customers(100)
    score(world, [place / 100 for place in range(100)])

    few, many = reach(world, 4), reach(world, 400)

    assert few.called < few.worth_a_call == many.called == 89, "at a risk of .1 a call costs what it brings"
    assert few.gain < many.gain
    assert few.an_hour_more > 0.0 == many.an_hour_more
    assert many.hours_needed == pytest.approx(few.hours_needed)
    assert 40 == reach(world, 400, min_risk=0.6).called
    gains = [gain for _, gain in few.curve]
    assert sorted(gains) == gains
    assert gains[-1] == pytest.approx(many.gain)


def test_without_customers_a_plan_is_empty(world: World) -> None:
    assert (0, 0, 0.0) == (reach(world, 8).listed, reach(world, 8).called, reach(world, 8).gain)
    assert () == back(world)


def test_a_list_without_those_whom_calls_drive_away_would_have_brought_more(world: World) -> None:
    """Calls keep whoever was likely to leave and wake the others; the log of chance shows it."""
    world.customers(3000)
    rng = np.random.default_rng(1)
    risks = rng.uniform(0.1, 0.9, 3000).tolist()
    score(world, risks)
    world.campaign(holdout_share=0.2, explore_share=0.5)
    world.later(days=61)
    with world.book.read() as tx:
        log = {row.customer_id: row for row in assignments.log_of(tx, 1)}
    told, truth = [], 0.0
    for row in log.values():
        risk = row.risk or 0.0
        change = -0.3 if risk > 0.5 else 0.3
        truth += 100 * change * (risk <= 0.5)
        left = bool(rng.random() < min(1.0, max(0.0, 0.4 + change * row.call)))
        at = world.now - 30 * DAYS if left else world.now
        told.append(Told(external_id=f"c{row.customer_id - 1}", left=left, at=at))
    record_outcomes(world.book, told, world.now, source="told.csv")

    (wiser,), (same,) = back(world, min_risk=0.5), back(world)

    assert 3000 == wiser.known == wiser.listed
    assert wiser.would_list < 0.6 * wiser.listed
    assert wiser.low > 0, wiser.in_words()
    assert wiser.low < truth < wiser.high
    assert abs(wiser.ips.value - wiser.dr.value) < 4 * wiser.ips.error
    assert 0.0 == same.dr.value
    assert "the same 3,000 customers" in same.in_words()


def test_a_list_of_those_who_were_never_called_is_refused_with_its_rule(world: World) -> None:
    world.customers(200)
    score(world, [place / 200 for place in range(200)])
    world.campaign(top=50, holdout_share=0.2, explore_share=0.0)
    assert () == back(world), "the horizon is not over"
    world.later(days=61)

    (unknown,) = back(world)
    record_outcomes(
        world.book,
        [Told(external_id=f"c{place}", left=False, at=world.now) for place in range(200)],
        world.now,
        source="told.csv",
    )
    (never,) = back(world)

    assert "what-if.no-outcomes" == unknown.refused
    assert "what-if.no-overlap" == never.refused
    assert "nothing can be said" in never.in_words()
