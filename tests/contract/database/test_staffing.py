"""A coming day's agents, from the queue's own past."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from databases.centre import MONDAY, PBX, Centre, number

from dialer.core.compliance.windows import QueueHours, read_hours
from dialer.core.staffing.agents_needed import ServiceGoal
from dialer.core.staffing.forecast import ForecastMethod
from dialer.db.models import InboundCall
from dialer.services.promises.promises import MadePromise, PromiseRequest, make_promise
from dialer.services.promises.staffing import USUAL_PATIENCE_S, StaffingPlan, plan_staffing

TUESDAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def open_by_day(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = centre.database.policy
    hours = QueueHours(zone="Europe/London", windows=read_hours("Mon-Fri 09:00-17:00"))
    rulebook = replace(policy.rulebook, queue=hours)
    monkeypatch.setattr(centre.database, "policy", replace(policy, rulebook=rulebook))


def past(centre: Centre, weeks: int, *, an_hour: int = 12, waited_s: float = 60.0, lost_of: int = 10) -> None:
    """Callers of whole weeks up to yesterday: so many an hour by day; one in ten gives up."""
    midnight = centre.now.replace(hour=0)
    with centre.database.write() as tx:
        for back in range(1, 7 * weeks + 1):
            day = midnight - timedelta(days=back)
            if day.weekday() > 4:
                continue
            for index in range(8 * an_hour):
                joined = day.replace(hour=9) + index * timedelta(hours=1) / an_hour
                left, lost = joined + timedelta(seconds=waited_s), index % lost_of == 0
                tx.add(
                    InboundCall(
                        pbx=PBX,
                        caller=f"{back}.{index}",
                        queue="support",
                        e164="",
                        joined_at=joined,
                        left_at=left,
                        abandoned=lost,
                        connected_at=None if lost else left,
                        agent=None if lost else ("anna", "ben")[index % 2],
                        talk_s=None if lost else 200.0,
                    )
                )


def plan(centre: Centre, day: date = TUESDAY, **goal: float) -> StaffingPlan:
    wanted = ServiceGoal(within_s=goal.get("within_s", 300.0), share=goal.get("share", 0.8))
    return plan_staffing(centre.database, "support", "GB", day, centre.now, goal=wanted)


def test_a_coming_day_is_told_by_quarters_with_the_agents_it_takes_and_those_usually_there(
    centre: Centre,
) -> None:
    past(centre, 4)

    found = plan(centre)

    assert found.callers.method in ForecastMethod
    assert (32, 20) == (len(found.quarters), found.callers.days // 7 * 5)
    noon = found.quarters[12]
    assert noon.start.hour == 12
    assert noon.callers == pytest.approx(3.0, rel=0.1)
    # 0.8 Erlang; two agents serve four in five within five minutes, and two are usually there
    assert (2, 2, 0) == (noon.needed, noon.usual, noon.booked)
    assert found.patience_s == pytest.approx(600.0, rel=0.05)
    assert found.patience_known
    assert () == found.short


def test_a_stricter_goal_takes_more_agents_than_there_are_and_that_is_said(centre: Centre) -> None:
    past(centre, 4)

    strict = plan(centre, within_s=10.0, share=0.95)

    assert strict.quarters[12].needed > 2
    assert strict.quarters[12] in strict.short


def test_calls_booked_for_a_quarter_are_work_of_that_quarter(centre: Centre) -> None:
    past(centre, 4)
    start = MONDAY.replace(hour=15) + timedelta(days=1)
    made = make_promise(
        centre.database,
        PromiseRequest(
            e164=number(1), queue="support", source_call="web-1", virtual_join=centre.now, wanted=start
        ),
        centre.now,
    )
    assert isinstance(made, MadePromise), made

    quarter = plan(centre).quarters[24]

    assert (start, 1, 1.0) == (quarter.start, quarter.booked, quarter.promised)


def test_before_any_history_nothing_is_told_and_patience_is_believed(centre: Centre) -> None:
    empty = plan(centre)

    assert empty.callers.method is None
    assert (USUAL_PATIENCE_S, False) == (empty.patience_s, empty.patience_known)
    assert all(each.needed == 0 for each in empty.quarters)


def test_a_closed_day_has_no_quarters_and_an_open_day_that_nobody_heard_is_no_quiet_one(
    centre: Centre,
) -> None:
    past(centre, 4)
    with centre.database.write() as tx:
        for row in tx.query(InboundCall).filter(InboundCall.caller.like("13.%")):
            tx.delete(row)  # last Tuesday no engine listened

    assert () == plan(centre, date(2026, 11, 28)).quarters
    assert plan(centre).quarters[12].callers == pytest.approx(3.0, rel=0.1)


def test_the_day_on_which_the_clocks_go_back_has_every_quarter_once_an_hour(centre: Centre) -> None:
    past(centre, 4)

    monday_after = plan(centre, date(2027, 3, 29))  # the clocks went forward the day before

    assert 32 == len(monday_after.quarters)
    assert monday_after.quarters[0].start.hour == 8  # nine o'clock in London in summer
