"""Who answers when: learned from the attempts in the database, and told with each lead."""

from dataclasses import replace
from datetime import timedelta

import pytest
from databases.centre import PBX, Centre, number
from sqlalchemy import insert, update

from churnmodel.contactability import first_day
from dialer.core.calling.attempt import AttemptState
from dialer.db.models import Attempt
from dialer.db.queries import learning
from dialer.services.analytics.contact_learning import ENOUGH, learn_answering
from telephony.calls.events import Outcome


def attempts(centre: Centre, count: int) -> None:
    """Finished attempts of leads 1 to 20, hourly; the first ten customers answer, the others hardly do."""
    rows = []
    for index in range(count):
        who = index % 20
        at = centre.now - timedelta(hours=24 * (index // 20 + 1))
        answered = who < 10 or index % 7 == 0
        rows.append(
            {
                "id": f"wb-{index:026d}",
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
    with centre.database.write() as tx:
        tx.execute(insert(Attempt), rows)


def test_too_few_attempts_tell_nothing(centre: Centre) -> None:
    centre.customers(20)
    centre.campaign()
    attempts(centre, 40)

    assert 40 == learn_answering(centre.database, centre.now)
    assert {None} == {lead.answer_probability for lead in centre.work()[1]}


def test_each_lead_has_its_own_chance_of_an_answer(centre: Centre) -> None:
    centre.customers(21)
    centre.campaign()
    attempts(centre, ENOUGH + 100)
    centre.later(hours=1)

    assert ENOUGH + 100 == learn_answering(centre.database, centre.now)

    chances = {lead.lead: lead.answer_probability for lead in centre.work()[1]}
    eager, shy, stranger = chances[1], chances[20], chances[21]
    assert eager is not None
    assert shy is not None
    assert stranger is not None
    assert shy < 0.35 < stranger < 0.8 < eager


def evening_people(
    centre: Centre, monkeypatch: pytest.MonkeyPatch, *customers: int, drawn: float = 0.0
) -> None:
    """It is known that these customers answer in the evening, and everybody else at any hour alike."""
    model = replace(first_day(), day_parts={str(each): (-2.0, -2.0, -2.0, 2.0) for each in customers})
    with centre.database.write() as tx:
        known = ENOUGH + sum(customers)  # another one in every test: what was read is kept by it
        learning.add_contact(tx, learned_at=centre.now, attempts=known, body=model.as_dict())
    monkeypatch.setattr(centre.database, "policy", replace(centre.database.policy, random_hours=drawn))


def order(centre: Centre, limit: int = 50) -> list[int]:
    return [lead.lead for lead in centre.work(limit)[1]]


def test_a_lead_that_answers_in_the_evening_waits_for_it(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre.customers(4)
    centre.campaign()
    evening_people(centre, monkeypatch, 1, 2)

    assert order(centre) == [3, 4, 1, 2]  # at eleven
    assert order(centre, limit=2) == [3, 4]
    centre.now = centre.now.replace(hour=17, minute=5)
    assert order(centre) == [1, 2, 3, 4]


def test_a_list_of_evening_people_does_not_run_dry_in_the_morning(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre.customers(3)
    centre.campaign()
    evening_people(centre, monkeypatch, 1, 2, 3)

    assert order(centre) == [1, 2, 3]


def test_a_drawn_lead_is_rung_in_its_hour_and_in_no_other_and_the_attempt_says_so(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre.customers(30)
    centre.campaign()
    evening_people(centre, monkeypatch, drawn=0.5)
    eleven = {lead.lead: lead.slot_propensity for lead in centre.work()[1]}
    drawn_now = [lead for lead, chance in eleven.items() if chance is not None]

    assert 0 < len(drawn_now) < len(eleven) < 30
    assert list(eleven)[: len(drawn_now)] == drawn_now
    first = centre.work()[1][0]
    attempt = centre.open(first).attempt
    with centre.database.read() as tx:
        kept = tx.get_one(Attempt, attempt).slot_propensity
    assert kept == first.slot_propensity
    assert kept is not None
    assert 1 / 24 <= kept <= 1 / 8


def test_learning_knows_which_hours_were_drawn(centre: Centre) -> None:
    centre.customers(20)
    centre.campaign()
    attempts(centre, ENOUGH + 100)
    with centre.database.write() as tx:
        tx.execute(update(Attempt).where(Attempt.customer_id <= 5).values(slot_propensity=0.1))
    learn_answering(centre.database, centre.now)

    with centre.database.read() as tx:
        newest = learning.latest_contact(tx)
        assert newest is not None
        body = learning.contact_body(tx, newest[0])
    assert body["drawn"] == (ENOUGH + 100) / 4
