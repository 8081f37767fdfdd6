"""Who answers when: learned from the attempts in the book, and told with each lead."""

from dataclasses import replace
from datetime import timedelta

import pytest
from books.world import PBX, World, number
from sqlalchemy import insert, update

from churnmodel.contact import first_day
from dialer.core.attempt import AttemptState
from dialer.db.models import Attempt
from dialer.db.queries import learning
from dialer.services.contact import ENOUGH, learn_answering
from telephony.calls.events import Outcome


def attempts(world: World, count: int) -> None:
    """Finished attempts of leads 1 to 20, hourly; the first ten customers answer, the others hardly do."""
    rows = []
    for place in range(count):
        who = place % 20
        at = world.now - timedelta(hours=24 * (place // 20 + 1))
        answered = who < 10 or place % 7 == 0
        rows.append(
            {
                "id": f"wb-{place:026d}",
                "pbx": PBX,
                "lead_id": who + 1,
                "campaign_id": 1,
                "customer_id": who + 1,
                "e164": number(who),
                "queue": "outbound",
                "trunk": "main",
                "caller_id": "",
                "ring_s": 30,
                "fencing": 1,
                "state": AttemptState.FINISHED,
                "outcome": Outcome.CONNECTED if answered else Outcome.NO_ANSWER,
                "created_at": at,
                "answered_at": at + timedelta(seconds=9) if answered else None,
                "ended_at": at + timedelta(seconds=30),
            }
        )
    with world.book.write() as tx:
        tx.execute(insert(Attempt), rows)


def test_too_few_attempts_tell_nothing(world: World) -> None:
    world.customers(20)
    world.campaign()
    attempts(world, 40)

    assert 40 == learn_answering(world.book, world.now)
    assert {None} == {lead.answer_probability for lead in world.work()[1]}


def test_each_lead_has_its_own_chance_of_an_answer(world: World) -> None:
    world.customers(21)
    world.campaign()
    attempts(world, ENOUGH + 100)
    world.later(hours=1)

    assert ENOUGH + 100 == learn_answering(world.book, world.now)

    chances = {lead.lead: lead.answer_probability for lead in world.work()[1]}
    eager, shy, stranger = chances[1], chances[20], chances[21]
    assert eager is not None
    assert shy is not None
    assert stranger is not None
    assert shy < 0.35 < stranger < 0.8 < eager


def evening_people(
    world: World, monkeypatch: pytest.MonkeyPatch, *customers: int, drawn: float = 0.0
) -> None:
    """It is known that these customers answer in the evening, and everybody else at any hour alike."""
    model = replace(first_day(), day_parts={str(each): (-2.0, -2.0, -2.0, 2.0) for each in customers})
    with world.book.write() as tx:
        known = ENOUGH + sum(customers)  # another one in every test: what was read is kept by it
        learning.add_contact(tx, learned_at=world.now, attempts=known, body=model.as_dict())
    monkeypatch.setattr(world.book, "policy", replace(world.book.policy, random_hours=drawn))


def order(world: World, limit: int = 50) -> list[int]:
    return [lead.lead for lead in world.work(limit)[1]]


def test_a_lead_that_answers_in_the_evening_waits_for_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.customers(4)
    world.campaign()
    evening_people(world, monkeypatch, 1, 2)

    assert order(world) == [3, 4, 1, 2]  # at eleven
    assert order(world, limit=2) == [3, 4]
    world.now = world.now.replace(hour=17, minute=5)
    assert order(world) == [1, 2, 3, 4]


def test_a_list_of_evening_people_does_not_run_dry_in_the_morning(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.customers(3)
    world.campaign()
    evening_people(world, monkeypatch, 1, 2, 3)

    assert order(world) == [1, 2, 3]


def test_a_drawn_lead_is_rung_in_its_hour_and_in_no_other_and_the_attempt_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.customers(30)
    world.campaign()
    evening_people(world, monkeypatch, drawn=0.5)
    eleven = {lead.lead: lead.slot_propensity for lead in world.work()[1]}
    drawn_now = [lead for lead, chance in eleven.items() if chance is not None]

    assert 0 < len(drawn_now) < len(eleven) < 30
    assert list(eleven)[: len(drawn_now)] == drawn_now
    first = world.work()[1][0]
    attempt = world.open(first).attempt
    with world.book.read() as tx:
        kept = tx.get_one(Attempt, attempt).slot_propensity
    assert kept == first.slot_propensity
    assert kept is not None
    assert 1 / 24 <= kept <= 1 / 8


def test_learning_knows_which_hours_were_drawn(world: World) -> None:
    world.customers(20)
    world.campaign()
    attempts(world, ENOUGH + 100)
    with world.book.write() as tx:
        tx.execute(update(Attempt).where(Attempt.customer_id <= 5).values(slot_propensity=0.1))
    learn_answering(world.book, world.now)

    with world.book.read() as tx:
        newest = learning.latest_contact(tx)
        assert newest is not None
        body = learning.contact_body(tx, newest[0])
    assert body["drawn"] == (ENOUGH + 100) / 4
