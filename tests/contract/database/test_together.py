"""What is opened, permitted and written together is judged one by one, and comes to the same as alone."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from databases.centre import Centre
from sqlalchemy import select

from callbacks.refusals import Refusal, Rule
from dialer.bootstrap import App
from dialer.core.calling.attempt import AttemptState
from dialer.db.models import Attempt, CallCount, Lead
from dialer.engine.dial_permit import PermitBatches, make_dial_permit
from dialer.services.calls.attempts import DialPermit, consume_together, record_facts
from dialer.services.calls.leadership import release_lease
from dialer.services.calls.open_attempt import AttemptOrder, CallRequest, open_together
from dialer.services.customers.suppression import add_do_not_call
from dialer.settings import Settings
from telephony.calls.events import Answered, Connected, Finished, Outcome


def open_all(centre: Centre, count: int) -> tuple[AttemptOrder | Refusal, ...]:
    asked = [CallRequest(work=work, agent="anna") for work in centre.work(count)[1]]
    return open_together(centre.database, centre.leadership_of_pbx, asked, centre.now)


def ids(orders: tuple[AttemptOrder | Refusal, ...]) -> list[str]:
    return [order.attempt for order in orders if isinstance(order, AttemptOrder)]


def test_one_who_is_refused_keeps_nobody_else_from_being_opened(ready: Centre) -> None:
    asked = [CallRequest(work=work, agent=None) for work in ready.work(5)[1]]
    with ready.database.read() as tx:
        number = tx.get_one(Lead, ready.work(5)[1][1].lead).e164
    add_do_not_call(ready.database, number, "asked", "desk", ready.now)

    orders = open_together(ready.database, ready.leadership_of_pbx, asked, ready.now)

    assert 4 == len(ids(orders))
    assert isinstance(orders[1], Refusal)
    assert Rule.DNC_LISTED is orders[1].rule


def test_the_same_lead_twice_is_opened_once(ready: Centre) -> None:
    work = ready.work(1)[1][0]
    asked = [CallRequest(work=work, agent=None)] * 2

    first, second = open_together(ready.database, ready.leadership_of_pbx, asked, ready.now)

    assert isinstance(first, AttemptOrder)
    assert Refusal(rule=Rule.LEAD_NOT_LISTED) == second


def test_without_the_lease_nothing_is_opened(ready: Centre) -> None:
    release_lease(ready.database, ready.leadership_of_pbx)

    assert {Rule.LEADER_STALE} == {order.rule for order in open_all(ready, 3) if isinstance(order, Refusal)}


def test_an_attempt_that_is_asked_for_twice_at_once_is_let_through_once(ready: Centre) -> None:
    first, second = ids(open_all(ready, 2))

    answers = consume_together(ready.database, [first, first, second], ready.now)

    assert [True, False, True] == [isinstance(answer, DialPermit) for answer in answers]
    assert Refusal(rule=Rule.ATTEMPT_CONSUMED) == answers[1]


def test_all_who_ask_for_a_permit_at_once_get_their_own_answers(ready: Centre) -> None:
    asked = [*ids(open_all(ready, 5)), "wb-unknown"]
    batches = PermitBatches(App(settings=Settings(), database=ready.database, clock=lambda: ready.now))

    async def ask_all() -> list[DialPermit | Refusal]:
        return await asyncio.gather(*map(batches.ask, asked))

    *permits, unknown = asyncio.run(ask_all())

    assert Refusal(rule=Rule.ATTEMPT_UNKNOWN) == unknown
    assert asked[:-1] == [permit.attempt for permit in permits if isinstance(permit, DialPermit)]


def test_a_whole_call_may_be_written_by_one_commit(ready: Centre) -> None:
    (attempt,) = ids(open_all(ready, 1))
    consume_together(ready.database, [attempt], ready.now)
    over = ready.now + timedelta(seconds=30)

    record_facts(
        ready.database,
        [
            Answered(attempt=attempt, at=ready.now),
            Connected(attempt=attempt, at=ready.now, agent="anna", waited_s=0.2),
            Finished(attempt=attempt, at=over, outcome=Outcome.CONNECTED, agent="anna", talk_s=29.0),
        ],
        over,
    )

    with ready.database.read() as tx:
        row = tx.get_one(Attempt, attempt)
        assert (AttemptState.FINISHED, 29.0, over) == (row.state, row.talk_s, row.ended_at)


@pytest.mark.parametrize("together", [True, False])
def test_an_answer_and_its_talk_are_written_as_they_were_by_one_commit_or_two(
    ready: Centre, *, together: bool
) -> None:
    (attempt,) = ids(open_all(ready, 1))
    consume_together(ready.database, [attempt], ready.now)
    answered_at, connected_at = ready.now + timedelta(seconds=7), ready.now + timedelta(seconds=9)
    facts = [
        Answered(attempt=attempt, at=answered_at),
        Connected(attempt=attempt, at=connected_at, agent="anna", waited_s=1.5),
    ]
    for some in [facts] if together else [facts[:1], facts[1:]]:
        record_facts(ready.database, some, connected_at)

    with ready.database.read() as tx:
        row = tx.get_one(Attempt, attempt)
        assert (AttemptState.CONNECTED, "anna", 1.5) == (row.state, row.agent, row.waited_s)
        assert (answered_at, connected_at) == (row.answered_at, row.connected_at)
        (counts,) = tx.scalars(select(CallCount))
        assert (1, 0) == (counts.answered, counts.abandoned)


def test_an_answer_is_kept_where_the_call_ends_before_a_talk_that_is_told_of_too_late(ready: Centre) -> None:
    (attempt,) = ids(open_all(ready, 1))
    consume_together(ready.database, [attempt], ready.now)

    record_facts(
        ready.database,
        [
            Answered(attempt=attempt, at=ready.now),
            Finished(attempt=attempt, at=ready.now, outcome=Outcome.ABANDONED),
            Connected(attempt=attempt, at=ready.now, agent="anna", waited_s=0.2),
        ],
        ready.now,
    )

    with ready.database.read() as tx:
        row = tx.get_one(Attempt, attempt)
        assert (ready.now, None, Outcome.ABANDONED) == (row.answered_at, row.connected_at, row.outcome)


def test_the_near_half_of_a_call_to_a_customer_is_given_no_permit(ready: Centre) -> None:
    (attempt,) = ids(open_all(ready, 1))
    told: dict[str, str] = {}

    async def set_variable(name: str, value: str) -> None:
        told[name] = value

    request = SimpleNamespace(extension=attempt, unique_id=attempt)
    near: Any = SimpleNamespace(request=request, set_variable=set_variable)
    app = App(settings=Settings(), database=ready.database, clock=lambda: ready.now)
    asyncio.run(make_dial_permit(app)(near))

    assert {"WB_RULE": Rule.ATTEMPT_UNKNOWN.value} == told
    (permit,) = consume_together(ready.database, [attempt], ready.now)
    assert isinstance(permit, DialPermit)
