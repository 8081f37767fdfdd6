"""What could not be kept is a list for a person; what is open at closing is rung at the opening, in order."""

from dataclasses import replace
from datetime import timedelta

import pytest
from databases.centre import MONDAY, Centre, number

from callbacks.refusals import Refusal, Rule
from dialer.core.compliance.windows import QueueHours, read_hours
from dialer.services.promises.promises import cancel_promise, open_promises
from dialer.services.promises.unkept import follow_up, unkept_promises
from telephony.calls.events import Outcome


def give_up(centre: Centre) -> None:
    centre.finish(centre.dial(), Outcome.BAD_NUMBER)


def test_a_promise_that_was_given_up_is_listed_with_its_number_until_somebody_saw_to_it(
    centre: Centre,
) -> None:
    made = centre.promise(1)
    give_up(centre)

    (unkept,) = unkept_promises(centre.database)
    assert (unkept.id, unkept.number, unkept.reason) == (made.id, number(1), "number.bad")
    assert follow_up(centre.database, made.id, "wrote a letter", "boss", centre.now)
    assert unkept_promises(centre.database) == ()
    assert not follow_up(centre.database, made.id, "again", "boss", centre.now)


def test_one_that_is_open_or_was_cancelled_is_nobodys_work(centre: Centre) -> None:
    opened, cancelled = centre.promise(1), centre.promise(2)
    assert cancel_promise(centre.database, cancelled.id, "asked", centre.now)

    assert unkept_promises(centre.database) == ()
    assert not follow_up(centre.database, opened.id, "too early", "boss", centre.now)


def test_the_longest_waiting_caller_is_the_first_on_the_list(centre: Centre) -> None:
    late = centre.promise(1, joined=MONDAY - timedelta(minutes=1))
    early = centre.promise(2, joined=MONDAY - timedelta(minutes=9))
    give_up(centre)
    give_up(centre)

    assert [each.id for each in unkept_promises(centre.database)] == [early.id, late.id]


def test_what_is_open_at_closing_is_rung_at_the_opening_in_the_order_of_before(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = centre.database.policy
    hours = QueueHours(zone="Europe/London", windows=read_hours("Mon-Sun 09:00-17:00"))
    rulebook = replace(policy.rulebook, queue=hours)
    monkeypatch.setattr(centre.database, "policy", replace(policy, rulebook=rulebook))
    late = centre.promise(1, joined=MONDAY - timedelta(minutes=1))
    early = centre.promise(2, joined=MONDAY - timedelta(minutes=9))
    centre.now = MONDAY.replace(hour=17, minute=1)
    opening = MONDAY.replace(hour=9) + timedelta(days=1)
    for work in centre.work()[0]:
        assert centre.try_open(work) == Refusal(rule=Rule.QUEUE_CLOSED, until=opening)

    assert centre.work()[0] == ()
    assert {card.held_by for card in open_promises(centre.database)} == {"queue.closed"}
    centre.now = opening
    fresh = centre.promise(3)
    assert [work.promise for work in centre.work()[0]] == [early.id, late.id, fresh.id]
