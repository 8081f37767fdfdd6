"""A caller who was promised a call is rung once off the line, and not before."""

from databases.centre import MONDAY, Centre, number

from callbacks.lifecycle import AFTER_HANG_UP, STILL_ON_THE_LINE
from dialer.services.promises.promises import MadePromise, PromiseRequest, caller_hung_up, make_promise
from telephony.calls.events import Outcome

WANTED = PromiseRequest(
    e164=number(0), queue="support", source_call="1.1", virtual_join=MONDAY, on_the_line=True
)


def test_whoever_hears_that_the_call_is_booked_is_rung_only_once_they_hung_up(centre: Centre) -> None:
    assert isinstance(make_promise(centre.database, WANTED, centre.now), MadePromise)
    centre.later(seconds=40)
    assert centre.work()[0] == ()

    assert caller_hung_up(centre.database, "1.1", centre.now)
    assert not caller_hung_up(centre.database, "1.1", centre.now), "told twice, counted once"
    assert centre.work()[0] == (), "the telephone is not put down yet"
    centre.now += AFTER_HANG_UP
    assert [work.source_call for work in centre.work()[0]] == ["1.1"]


def test_where_nobody_saw_the_caller_hang_up_the_promise_is_rung_a_minute_later(centre: Centre) -> None:
    make_promise(centre.database, WANTED, centre.now)
    centre.now += STILL_ON_THE_LINE
    assert len(centre.work()[0]) == 1


def test_a_hang_up_told_late_changes_nothing_of_a_promise_that_waits_for_a_retry(centre: Centre) -> None:
    make_promise(centre.database, WANTED, centre.now)
    centre.now += STILL_ON_THE_LINE
    centre.finish(centre.dial(), Outcome.NO_ANSWER)

    assert not caller_hung_up(centre.database, "1.1", centre.now)
    assert not caller_hung_up(centre.database, "of nobody", centre.now)
    centre.now += AFTER_HANG_UP
    assert centre.work()[0] == ()
