"""Before anything is dialled: how far the hours reach, and what another list would have brought."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from databases.centre import Centre
from sqlalchemy import event

from churnmodel.allocation import Capacity
from churnmodel.value import Price
from dialer.core.calling.list_filter import ListFilter
from dialer.db.queries import assignments, customers, list_people
from dialer.db.queries.list_people import ListAsked
from dialer.services.analytics.churn_labels import ChurnLabel, record_churn_labels
from dialer.services.analytics.models import ScoreRow, save_model, save_scores
from dialer.services.campaigns.off_policy_evaluation import OffPolicyEvaluation, look_back
from dialer.services.campaigns.planning import CallPlan, plan_calls

PRICE = Price(flat_value=100.0, call_cost=2.0, offer_cost=0.0, call_minutes=6.0)
DAYS = timedelta(days=1)


def score(centre: Centre, risks: list[float]) -> None:
    """Scores as a model would leave them: who is likelier to leave has more to gain by a call."""
    with centre.database.read() as tx:
        people = customers.stream(tx, 0, len(risks))
    number = save_model(centre.database, Reference(), {}, kind="ebm", now=centre.now, role="champion")
    rows = [
        ScoreRow(customer=person.id, risk=risk, value=100.0, expected_gain=20 * risk - 2, reasons=())
        for person, risk in zip(people, risks, strict=True)
    ]
    save_scores(centre.database, number, rows, centre.now)


class Reference:
    """A model file that nobody opens here."""

    folder = "model"
    sha256 = "0" * 64


def reach(centre: Centre, hours: float, **filters: float) -> CallPlan:
    return plan_calls(
        centre.database,
        ListFilter(**filters),  # type: ignore[arg-type] # thresholds
        centre.now,
        top=None,
        capacity=Capacity(agents=1, hours=hours),
        attempts=3,
        price=PRICE,
    )


def back(centre: Centre, top: int | None = None, **filters: float) -> tuple[OffPolicyEvaluation, ...]:
    found: ListFilter = ListFilter(**filters)  # type: ignore[arg-type] # thresholds
    return look_back(centre.database, found, centre.now, top=top, price=PRICE)


def test_hours_reach_down_the_list_and_one_more_has_its_price(centre: Centre) -> None:
    centre.customers(100)
    score(centre, [index / 100 for index in range(100)])

    few, many = reach(centre, 4), reach(centre, 400)

    assert few.called < few.worth_a_call == many.called == 89, "at a risk of .1 a call costs what it brings"
    assert few.gain < many.gain
    assert few.an_hour_more > 0.0 == many.an_hour_more
    assert many.hours_needed == pytest.approx(few.hours_needed)
    assert 40 == reach(centre, 400, min_risk=0.6).called
    gains = [gain for _, gain in few.curve]
    assert sorted(gains) == gains
    assert gains[-1] == pytest.approx(many.gain)


def test_without_customers_a_plan_is_empty(centre: Centre) -> None:
    assert (0, 0, 0.0) == (reach(centre, 8).listed, reach(centre, 8).called, reach(centre, 8).gain)
    assert () == back(centre)


def test_a_list_without_those_whom_calls_drive_away_would_have_brought_more(centre: Centre) -> None:
    """Calls keep whoever was likely to leave and wake the others; the log of chance shows it."""
    centre.customers(3000)
    rng = np.random.default_rng(1)
    risks = rng.uniform(0.1, 0.9, 3000).tolist()
    score(centre, risks)
    centre.campaign(holdout_share=0.2, explore_share=0.5)
    centre.later(days=61)
    with centre.database.read() as tx:
        log = {row.customer_id: row for row in assignments.log_of(tx, 1)}
    told, truth = [], 0.0
    for row in log.values():
        risk = row.risk or 0.0
        change = -0.3 if risk > 0.5 else 0.3
        truth += 100 * change * (risk <= 0.5)
        left = bool(rng.random() < min(1.0, max(0.0, 0.4 + change * row.call)))
        at = centre.now - 30 * DAYS if left else centre.now
        told.append(ChurnLabel(external_id=f"c{row.customer_id - 1}", left=left, at=at))
    record_churn_labels(centre.database, told, centre.now, source="told.csv")

    (wiser,), (same,) = back(centre, min_risk=0.5), back(centre)

    assert 3000 == wiser.known == wiser.listed
    assert wiser.would_list < 0.6 * wiser.listed
    assert wiser.low > 0, wiser.in_words()
    assert wiser.low < truth < wiser.high
    assert abs(wiser.ips.value - wiser.dr.value) < 4 * wiser.ips.error
    assert 0.0 == same.dr.value
    assert "the same 3,000 customers" in same.in_words()


def test_a_list_of_those_who_were_never_called_is_refused_with_its_rule(centre: Centre) -> None:
    centre.customers(200)
    score(centre, [index / 200 for index in range(200)])
    centre.campaign(top=50, holdout_share=0.2, explore_share=0.0)
    assert () == back(centre), "the horizon is not over"
    centre.later(days=61)

    (unknown,) = back(centre)
    record_churn_labels(
        centre.database,
        [ChurnLabel(external_id=f"c{index}", left=False, at=centre.now) for index in range(200)],
        centre.now,
        source="told.csv",
    )
    (never,) = back(centre)

    assert "what-if.no-outcomes" == unknown.refused
    assert "what-if.no-overlap" == never.refused
    assert "nothing can be said" in never.in_words()


def test_a_plan_reads_scores_in_a_lists_order_and_nobody_behind_the_last_on_it(centre: Centre) -> None:
    """By an index, without sorting: it costs what the list takes, however many customers there are."""
    centre.customers(40)
    score(centre, [index / 40 for index in range(40)])
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        asked.append((statement, parameters))

    with centre.database.read() as tx:
        model = customers.champion(tx)
        assert model is not None
        listed = ListAsked(filters=ListFilter(min_risk=0.5), model=model.id, now=centre.now)
        event.listen(centre.database.engine, "before_cursor_execute", note)
        found = list_people.gains(tx, listed, 3)
        event.remove(centre.database.engine, "before_cursor_execute", note)
        (once,) = asked
        if tx.connection().dialect.name == "sqlite":  # the other planner knows how small this table is
            plan = tx.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {once[0]}", once[1]).all()
            assert any("COVERING INDEX ix_score_gain" in row[3] for row in plan), plan
            assert not any("TEMP B-TREE" in row[3] for row in plan), plan

    assert found == pytest.approx([20 * index / 40 - 2 for index in (39, 38, 37)])


def test_who_has_no_score_is_on_a_plans_list_behind_the_others_and_worth_nothing(centre: Centre) -> None:
    centre.customers(6)
    score(centre, [0.9, 0.5])

    everybody, likely = reach(centre, 40), reach(centre, 40, min_risk=0.2)

    assert (6, 2) == (everybody.listed, everybody.worth_a_call)
    assert (2, 2) == (likely.listed, likely.worth_a_call)
    with centre.database.read() as tx:
        model = customers.champion(tx)
        assert model is not None
        asked = ListAsked(filters=ListFilter(), model=model.id, now=centre.now)
        assert [16.0, 8.0, 0.0] == pytest.approx(list_people.gains(tx, asked, 3))
