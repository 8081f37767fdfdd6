"""Who stands in line at a moment: the same for a page's places, a caller's place, and what can be offered."""

from datetime import datetime, timedelta

from databases.centre import Centre, number

from dialer.db.queries import promises
from dialer.services.agents.last_roster import RosterSeen, save_roster
from dialer.services.promises.outage import hold_overdue, ring_held
from dialer.services.promises.promises import open_promises, people_at_home


def in_line(centre: Centre, now: datetime) -> list[int | None]:
    """The place of each open promise, as pages show it and as callers are counted."""
    cards = open_promises(centre.database, now)
    with centre.database.read() as tx:
        waiting = {person.promise for person in people_at_home(tx, "support", now)}
    assert {card.id for card in cards if card.queue_position is not None} == waiting
    return [card.queue_position for card in cards]


def test_a_call_that_an_agent_agreed_on_for_tomorrow_stands_in_no_line_before(centre: Centre) -> None:
    tomorrow = centre.now + timedelta(days=1)
    with centre.database.write() as tx:
        promises.make(
            tx,
            e164=number(901),
            queue="support",
            source_call="agreed",
            virtual_join=tomorrow,
            made_at=centre.now,
            next_action_at=tomorrow,
        )
    made = centre.promise(900)

    assert made.queue_position == 1
    assert in_line(centre, centre.now) == [1, None]
    assert in_line(centre, tomorrow) == [1, 2]


def test_what_an_outage_made_overdue_makes_no_callers_wait_longer_before_somebody_has_decided(
    centre: Centre,
) -> None:
    centre.promise(900)
    save_roster(centre.database, "pbx", RosterSeen(seen_at=centre.now, booted_at=None))
    centre.later(hours=3)
    hold_overdue(centre.database, centre.now)

    assert centre.promise(901).queue_position == 1
    assert in_line(centre, centre.now) == [None, 1]
    ring_held(centre.database, "anna", centre.now)
    assert in_line(centre, centre.now) == [1, 2]


def test_whoever_talks_with_an_agent_stands_in_no_line(centre: Centre) -> None:
    centre.promise(900)
    centre.promise(901)
    centre.connect(centre.dial())

    assert in_line(centre, centre.now) == [None, 1]
