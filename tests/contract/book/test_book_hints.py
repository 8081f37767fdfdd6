"""A hint at an answering machine in the book: kept with the attempt, deciding nothing."""

from books.world import World, attempt_of

from dialer.core.attempt import AttemptState
from dialer.services.attempts import record_fact
from telephony.calls.events import MachineSuspected, Outcome


def test_a_hint_at_a_machine_is_kept_and_changes_nothing_else(world: World) -> None:
    world.customers(1)
    world.campaign()
    order = world.dial()
    world.answer(order)
    hint = MachineSuspected(attempt=order.attempt, at=world.now)

    assert record_fact(world.book, hint, world.now) is not None
    assert record_fact(world.book, hint, world.now) is None
    row = attempt_of(world, order)
    assert (row.state, row.outcome, row.machine_suspected) == (AttemptState.ANSWERED, None, True)

    world.connect(order)
    world.finish(order, Outcome.CONNECTED, talk_s=20)
    row = attempt_of(world, order)
    assert (row.outcome, row.machine_suspected) == (Outcome.CONNECTED, True)
