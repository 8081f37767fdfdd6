"""What one call asks of the database, whatever it was: counted, so that it does not grow unseen."""

import asyncio

import pytest
from databases.centre import PBX, Centre

from dialer.bootstrap import App
from dialer.core.calling.attempt import AttemptState
from dialer.db.models import Attempt
from dialer.db.session import Database
from dialer.db.statement_count import StatementCount
from dialer.engine.fact_writer import FactWriter
from dialer.services.agents.said_by_agents import said_by_agents
from dialer.services.calls.attempts import DialPermit, consume_together
from dialer.services.calls.open_attempt import AttemptOrder, CallRequest, open_together
from dialer.settings import Settings
from telephony.calls.events import Answered, Connected, Finished, MachineSuspected, Outcome

OPENED = 6  # the lease, lead, number; attempt, lead
RUNG_BEFORE = 1  # more: whether that was for another record of the same campaign
UNANSWERED = 3  # attempt with its lead; a row each
PERMITTED = 3  # attempt with its lead, number; attempt
LISTED = 20  # a campaign and its list, of which a part is a log and leads, each one statement
ENDED = 10  # two facts of an attempt and a row each, and the end with the lead: word, other records, count


def test_a_call_from_its_opening_to_its_end_costs_no_more_than_this(centre: Centre) -> None:
    centre.customers(3)
    centre.campaign()
    leads = centre.work()[1]
    centre.dial(leads[0])  # what is looked up once a process is not counted
    count = StatementCount(centre.database)

    (order,) = open_together(
        centre.database, centre.leadership_of_pbx, [CallRequest(work=leads[1], agent="anna")], centre.now
    )
    assert isinstance(order, AttemptOrder), order
    opened, count.statements = count.statements, 0
    (permit,) = consume_together(centre.database, [order.attempt], centre.now, pbx=PBX)
    assert isinstance(permit, DialPermit), permit
    permitted, count.statements = count.statements, 0
    centre.connect(order)
    centre.finish(order, Outcome.CONNECTED, talk_s=30.0)

    found = opened, permitted, count.statements
    assert all(n <= most for n, most in zip(found, (OPENED, PERMITTED, ENDED), strict=True)), found


def test_only_who_was_rung_before_is_looked_for_under_other_records(centre: Centre) -> None:
    centre.customers(1)
    centre.campaign()
    count = StatementCount(centre.database)

    def opened() -> int:
        before = count.statements
        (lead,) = centre.work()[1]
        (order,) = open_together(
            centre.database, centre.leadership_of_pbx, [CallRequest(work=lead, agent="anna")], centre.now
        )
        asked = count.statements - before
        assert isinstance(order, AttemptOrder), order
        (permit,) = consume_together(centre.database, [order.attempt], centre.now, pbx=PBX)
        assert isinstance(permit, DialPermit), permit
        centre.finish(order, Outcome.NO_ANSWER)
        return asked

    first = opened()
    centre.later(days=2)

    assert first + RUNG_BEFORE == opened()


def test_the_end_of_a_call_to_somebodys_only_number_asks_for_no_other(centre: Centre) -> None:
    centre.customers(2)
    centre.campaign()
    leads = centre.work()[1]
    centre.finish(centre.dial(leads[0]), Outcome.NO_ANSWER)
    order = centre.dial(leads[1])
    count = StatementCount(centre.database)

    centre.finish(order, Outcome.NO_ANSWER)

    assert UNANSWERED >= count.statements


def test_eight_calls_opened_together_cost_what_one_does(centre: Centre) -> None:
    centre.customers(20)
    centre.campaign()
    requests = [CallRequest(work=lead, agent=None) for lead in centre.work()[1][:8]]
    count = StatementCount(centre.database)

    orders = open_together(centre.database, centre.leadership_of_pbx, requests, centre.now)
    assert all(isinstance(order, AttemptOrder) for order in orders)

    assert OPENED >= count.statements


def test_what_agents_said_of_their_calls_and_whether_they_wish_anything_is_one_question(
    centre: Centre,
) -> None:
    centre.customers(1)
    centre.campaign()
    order = centre.dial()
    count = StatementCount(centre.database)

    said_by_agents(centre.database, PBX, {order.attempt})

    assert 1 == count.statements


@pytest.mark.parametrize("rows", [5, 40])
def test_a_part_of_a_list_costs_as_many_statements_however_many_rows_it_has(
    centre: Centre, rows: int
) -> None:
    centre.customers(rows)
    count = StatementCount(centre.database)

    centre.campaign(started=False)

    assert LISTED >= count.statements


@pytest.mark.parametrize(("talks", "state"), [(True, AttemptState.CONNECTED), (False, AttemptState.ANSWERED)])
def test_an_answer_is_written_with_the_talk_that_follows_it_and_soon_without_one(
    centre: Centre, *, talks: bool, state: AttemptState
) -> None:
    centre.customers(1)
    centre.campaign()
    attempt = centre.dial().attempt
    app = App(settings=Settings(), database=centre.database, clock=lambda: centre.now)
    count = StatementCount(centre.database)

    async def hear() -> None:
        writer = FactWriter(app)
        writing = asyncio.create_task(writer.write())
        writer.put(Answered(at=centre.now, attempt=attempt))
        for _ in range(3):  # turns of the loop until it has the answer in its hand
            await asyncio.sleep(0)
        if talks:
            writer.put(Connected(at=centre.now, attempt=attempt, agent="anna", waited_s=0.1))
        await writer.join()
        writing.cancel()

    asyncio.run(hear())
    assert 1 == count.commits
    with centre.database.read() as tx:
        assert state is tx.get_one(Attempt, attempt).state


def test_facts_that_are_written_together_make_way_for_a_permit_one_by_one(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre.customers(1)
    centre.campaign()
    attempt = centre.dial().attempt
    app = App(settings=Settings(), database=centre.database, clock=lambda: centre.now)
    count = StatementCount(centre.database)
    monkeypatch.setattr(Database, "urgent_waits", True)

    async def hear() -> None:
        writer = FactWriter(app)
        for fact in (
            MachineSuspected(at=centre.now, attempt=attempt),
            Connected(at=centre.now, attempt=attempt, agent="anna", waited_s=0.1),
            Finished(at=centre.now, attempt=attempt, outcome=Outcome.CONNECTED, agent="anna", talk_s=9.0),
        ):
            writer.put(fact)
        writing = asyncio.create_task(writer.write())
        await writer.join()
        writing.cancel()

    asyncio.run(hear())
    assert 3 == count.commits
    with centre.database.read() as tx:
        row = tx.get_one(Attempt, attempt)
        assert (AttemptState.FINISHED, 9.0) == (row.state, row.talk_s)
