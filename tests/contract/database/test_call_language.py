"""The language a caller was spoken to in is kept with the promise; a customer's is as the file says."""

from databases.centre import Centre, number

from dialer.core.calling.disposition import Disposition
from dialer.services.agents.dispositions import RecordedDisposition, record_disposition
from dialer.services.calls.attempts import DialPermit, consume_attempt
from dialer.services.promises.promises import MadePromise, PromiseRequest, make_promise
from telephony.calls.events import Outcome


def permit(centre: Centre) -> tuple[str, DialPermit]:
    """The dial permit of the call that comes next, and its attempt."""
    order = centre.open()
    given = consume_attempt(centre.database, order.attempt, centre.now)
    assert isinstance(given, DialPermit), given
    return order.attempt, given


def promise(centre: Centre, language: str) -> None:
    request = PromiseRequest(
        e164=number(900), queue="support", source_call="call-1", virtual_join=centre.now, language=language
    )
    assert isinstance(make_promise(centre.database, request, centre.now), MadePromise)


def test_the_call_back_speaks_the_language_its_caller_heard(centre: Centre) -> None:
    promise(centre, "sv")

    assert permit(centre)[1].language == "sv"


def test_so_does_the_call_that_is_promised_again_after_the_line_dropped(centre: Centre) -> None:
    promise(centre, "sv")
    order = centre.dial()
    centre.connect(order)
    centre.later(seconds=5)
    centre.finish(order, Outcome.CONNECTED, 5.0)
    said = record_disposition(
        centre.database, "anna", order.attempt, Disposition.CUT_OFF, "", None, centre.now
    )
    assert isinstance(said, RecordedDisposition), said

    centre.later(minutes=30)
    attempt, given = permit(centre)

    assert attempt != order.attempt
    assert given.language == "sv"


def test_a_caller_on_a_channel_without_a_language_is_called_in_the_pbxs_own(centre: Centre) -> None:
    promise(centre, "")

    assert permit(centre)[1].language == ""


def test_a_campaigns_call_is_in_the_customers_language(centre: Centre) -> None:
    centre.customers(1, language="nb")
    centre.campaign()

    assert permit(centre)[1].language == "nb"
