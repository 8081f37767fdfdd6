"""Who answers when: learned from the attempts in the book, and told with each lead."""

from datetime import timedelta

from books.world import PBX, World, number
from sqlalchemy import insert

from dialer.core.attempt import AttemptState
from dialer.db.models import Attempt
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
