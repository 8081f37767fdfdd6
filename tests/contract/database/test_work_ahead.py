"""An engine looks for work once a second, and takes turns from what it found; nothing is rung for twice."""

import asyncio
from types import SimpleNamespace
from typing import Any

from databases.centre import PBX, Centre

from dialer.db.statement_count import StatementCount
from dialer.engine.work_ahead import HELD_FOR, LEADS_AHEAD, WorkAhead
from dialer.services.calls.next_calls import LeadWork, PromiseWork


def looker(centre: Centre) -> WorkAhead:
    settings = SimpleNamespace(pbx=SimpleNamespace(name=PBX))
    app: Any = SimpleNamespace(settings=settings, database=centre.database, clock=lambda: centre.now)
    return WorkAhead(app)


def ahead(look: WorkAhead) -> tuple[tuple[PromiseWork, ...], tuple[LeadWork, ...]]:
    found = asyncio.run(look.look()).work
    return found.promises, found.leads


def test_within_a_second_nothing_is_asked_again_and_after_it_everything_that_changes(centre: Centre) -> None:
    centre.customers(3)
    centre.campaign()
    look, count = looker(centre), StatementCount(centre.database)
    first = asyncio.run(look.look())
    count.statements = 0

    centre.later(seconds=0.9)
    assert first is asyncio.run(look.look())
    assert 0 == count.statements

    centre.promise()
    centre.later(seconds=HELD_FOR.total_seconds())
    assert 1 == len(ahead(look)[0])


def test_leads_at_hand_last_for_two_looks_and_for_as_long_as_the_same_campaigns_run(centre: Centre) -> None:
    centre.customers(6)
    centre.campaign(name="first")
    look = looker(centre)
    (lead, *others) = ahead(look)[1]
    centre.open(lead)
    look.tried([lead])

    centre.later(seconds=HELD_FOR.total_seconds())
    count = StatementCount(centre.database)
    assert others == list(ahead(look)[1])
    assert 1 >= count.statements, "the campaigns alone"

    centre.open(others[0])  # another engine did: seen by the look after
    centre.later(seconds=HELD_FOR.total_seconds())
    assert others[1:] == list(ahead(look)[1])

    centre.later(seconds=HELD_FOR.total_seconds())
    centre.customers(2, start=6)
    centre.campaign(name="second")
    assert 2 == len({lead.campaign for lead in ahead(look)[1]})


def test_leads_that_were_tried_are_gone_and_more_are_looked_up_before_they_run_out(
    centre: Centre,
) -> None:
    centre.customers(LEADS_AHEAD + 30)
    centre.campaign()
    look, count = looker(centre), StatementCount(centre.database)
    first = ahead(look)[1]
    count.statements = 0

    some = first[: LEADS_AHEAD // 4]
    look.tried(some)
    assert first[len(some) :] == ahead(look)[1]
    assert 0 == count.statements

    for lead in first[: LEADS_AHEAD // 2 + 1]:
        centre.open(lead)
    look.tried(first[: LEADS_AHEAD // 2 + 1])
    then = ahead(look)[1]
    assert LEADS_AHEAD == len(then)
    assert not {lead.lead for lead in first[: LEADS_AHEAD // 2 + 1]} & {lead.lead for lead in then}


def test_a_list_of_one_is_looked_at_again_once_its_lead_was_tried(centre: Centre) -> None:
    centre.customers(1)
    centre.campaign()
    look = looker(centre)
    (lead,) = ahead(look)[1]
    centre.open(lead)

    look.tried([lead])

    assert () == ahead(look)[1]


def test_after_a_promise_was_rung_or_a_caller_came_or_left_the_next_turn_looks_anew(centre: Centre) -> None:
    centre.promise(1)
    look = looker(centre)
    (first,) = ahead(look)[0]
    centre.open(first)
    look.tried([first])
    assert () == ahead(look)[0]

    centre.promise(2)
    look.forget()
    assert 1 == len(ahead(look)[0])


def test_what_changes_while_a_look_goes_on_is_seen_by_the_next_turn(centre: Centre) -> None:
    look = looker(centre)

    async def caller_leaves_meanwhile() -> None:
        going = asyncio.create_task(look.look())
        await asyncio.sleep(0)
        centre.promise()
        look.forget()
        await going

    asyncio.run(caller_leaves_meanwhile())

    assert 1 == len(ahead(look)[0])
