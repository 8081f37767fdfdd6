"""A hint at an answering machine in the database: kept with the attempt, deciding nothing."""

from databases.centre import Centre, attempt_of

from dialer.core.calling.attempt import AttemptState
from dialer.services.calls.call_events import record_fact
from telephony.calls.events import MachineSuspected, Outcome


def test_a_hint_at_a_machine_is_kept_and_changes_nothing_else(centre: Centre) -> None:
    centre.customers(1)
    centre.campaign()
    order = centre.dial()
    centre.answer(order)
    hint = MachineSuspected(attempt=order.attempt, at=centre.now)

    assert record_fact(centre.database, hint, centre.now) is not None
    assert record_fact(centre.database, hint, centre.now) is None
    row = attempt_of(centre, order)
    assert (row.state, row.outcome, row.machine_suspected) == (AttemptState.ANSWERED, None, True)

    centre.connect(order)
    centre.finish(order, Outcome.CONNECTED, talk_s=20)
    row = attempt_of(centre, order)
    assert (row.outcome, row.machine_suspected) == (Outcome.CONNECTED, True)
