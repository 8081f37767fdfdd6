"""A number typed on the web is proven by a call: judged, limited and counted like any other call."""

import pytest
from databases.centre import Centre, number
from sqlalchemy import select

from callbacks.refusals import Refusal, Rule
from callbacks.spoken_code import MOST_RINGS, RING_AGAIN, SPOKEN_LIFE, ProofWay
from dialer.core.outbox.signed_links import proof_code
from dialer.db.models import Attempt, CallbackWish, OutboxMessage
from dialer.messaging_settings import PublicSettings
from dialer.services.calls.attempts import DialPermit, consume_attempt, open_attempts
from dialer.services.calls.open_attempt import AttemptOrder, open_attempt
from dialer.services.promises.callback_blocks import blocked_numbers
from dialer.services.promises.promises import open_promises
from dialer.services.promises.spoken_codes import code_of_call, due_codes, note_heard, note_refused
from dialer.services.promises.wishes import NotMobile, ProvenPromise, WebWish, WrongCode, prove, take_wish
from telephony.calls.events import Outcome
from telephony.numbers import E164, NumberKind

KEY = b"a key that nobody guesses, ever"
LANDLINE, MOBILE = number(1), number(2)


def doors(*, spoken: bool = True) -> PublicSettings:
    return PublicSettings(speak_code=spoken)


def wish(centre: Centre, e164: str = LANDLINE, *, texted: bool = False, spoken: bool = True, key: str = "w"):
    asked = WebWish(number=E164.parse(e164), key=f"{key} {e164}", address="192.0.2.7", language="sv")
    return take_wish(centre.database, doors(spoken=spoken), asked, centre.now, queue="support", texted=texted)


def wished(centre: Centre, e164: str = LANDLINE) -> int:
    made = wish(centre, e164)
    assert isinstance(made, int), made
    return made


def row_of(centre: Centre, made: int) -> CallbackWish:
    with centre.database.read() as tx:
        row = tx.get_one(CallbackWish, made)
        tx.expunge(row)
        return row


def ring(centre: Centre) -> AttemptOrder | Refusal:
    (work,) = due_codes(centre.database, centre.now)
    return open_attempt(centre.database, centre.leadership_of_pbx, work, None, centre.now)


def rung(centre: Centre) -> AttemptOrder:
    order = ring(centre)
    assert isinstance(order, AttemptOrder), order
    permit = consume_attempt(centre.database, order.attempt, centre.now)
    assert isinstance(permit, DialPermit), permit
    assert permit.proof
    assert "sv" == permit.language
    return order


def code_heard(centre: Centre, order: AttemptOrder) -> str:
    centre.answer(order)
    spoken = code_of_call(centre.database, order.attempt, KEY, centre.now)
    assert spoken is not None
    return spoken.code


@pytest.mark.parametrize(
    ("e164", "texted", "spoken", "way"),
    [
        (MOBILE, True, True, ProofWay.TEXT),
        (MOBILE, False, True, ProofWay.CALL),
        (LANDLINE, True, True, ProofWay.CALL),
        (LANDLINE, False, True, ProofWay.CALL),
        (LANDLINE, True, False, None),
        (MOBILE, False, False, None),
    ],
)
def test_a_code_is_texted_where_that_can_be_and_else_spoken_where_that_is_set(
    centre: Centre, e164: str, *, texted: bool, spoken: bool, way: ProofWay | None
) -> None:
    assert (NumberKind.FIXED, NumberKind.MOBILE) == (E164.parse(LANDLINE).kind, E164.parse(MOBILE).kind)

    made = wish(centre, e164, texted=texted, spoken=spoken)

    if way is None:
        assert NotMobile() == made
        return
    assert isinstance(made, int)
    with centre.database.read() as tx:
        texts = list(tx.scalars(select(OutboxMessage.kind)))
    assert (way, [["proof.code"], []][way is ProofWay.CALL]) == (row_of(centre, made).way, texts)
    assert len(due_codes(centre.database, centre.now)) == (way is ProofWay.CALL)


def test_who_hears_the_code_and_types_it_has_the_promise(centre: Centre) -> None:
    made = wished(centre)
    order = rung(centre)
    assert [made] == [call.wish for call in open_attempts(centre.database, "pbx")]
    code = code_heard(centre, order)
    assert proof_code(made, LANDLINE, KEY) == code
    assert note_heard(centre.database, made, centre.now)
    assert not note_heard(centre.database, made, centre.now)  # said once, and rung for no more
    centre.finish(order, Outcome.NO_KEY)
    assert () == due_codes(centre.database, centre.later(minutes=15))

    proven = prove(centre.database, made, code, centre.now, key=KEY, queue="support")

    assert isinstance(proven, ProvenPromise), proven
    assert [proven.promise] == [card.id for card in open_promises(centre.database)]


def test_the_code_holds_for_twenty_minutes(centre: Centre) -> None:
    made = wished(centre)
    code = code_heard(centre, rung(centre))
    centre.now += SPOKEN_LIFE

    assert WrongCode() == prove(centre.database, made, code, centre.now, key=KEY, queue="support")


def test_nine_blocks_the_number_for_good_and_its_code_is_nobodys(centre: Centre) -> None:
    made = wished(centre)
    order = rung(centre)
    code = code_heard(centre, order)
    assert note_refused(centre.database, made, centre.now)
    centre.finish(order, Outcome.NO_KEY)

    assert WrongCode() == prove(centre.database, made, code, centre.now, key=KEY, queue="support")
    assert 1 == len(blocked_numbers(centre.database))
    assert isinstance(wish(centre, key="again"), int)  # answered as ever, and nobody is rung
    assert () == due_codes(centre.database, centre.later(minutes=5))


@pytest.mark.parametrize("outcome", [Outcome.BUSY, Outcome.NO_ANSWER, Outcome.CONGESTION])
def test_a_line_that_was_not_reached_is_rung_once_more_and_then_no_more(
    centre: Centre, outcome: Outcome
) -> None:
    wished(centre)
    for _ in range(MOST_RINGS):
        centre.finish(rung(centre), outcome)
        assert () == due_codes(centre.database, centre.now)
        centre.now += RING_AGAIN

    assert () == due_codes(centre.database, centre.now)


def test_a_machine_hears_no_code_and_is_not_rung_again(centre: Centre) -> None:
    wished(centre)
    order = rung(centre)
    centre.answer(order)
    centre.finish(order, Outcome.NO_KEY)

    assert () == due_codes(centre.database, centre.later(minutes=5))


def test_nobody_is_woken_by_somebody_elses_wish(centre: Centre) -> None:
    centre.now = centre.now.replace(hour=23)
    made = wished(centre)

    refused = ring(centre)

    assert isinstance(refused, Refusal)
    assert Rule.HOURS_NIGHT is refused.rule
    assert row_of(centre, made).rung_from is None  # by the morning the code is of no use
    with centre.database.read() as tx:
        assert [] == tx.scalars(select(Attempt.id)).all()


def test_a_number_is_rung_with_codes_no_oftener_than_with_anything_else(centre: Centre) -> None:
    for index in range(3):
        assert isinstance(wish(centre, key=f"{index}"), int)
        centre.finish(rung(centre), Outcome.NO_KEY)
        centre.later(minutes=1)

    assert isinstance(wish(centre, key="fourth"), int)
    assert () == due_codes(centre.database, centre.now)  # three codes a number and day


def test_a_number_that_is_rung_already_waits(centre: Centre) -> None:
    wished(centre)
    centre.promise(1)
    centre.dial()

    assert () == due_codes(centre.database, centre.now)


def test_an_attempt_for_a_promise_speaks_no_code(centre: Centre) -> None:
    centre.promise(1)
    order = centre.dial()
    centre.answer(order)

    assert code_of_call(centre.database, order.attempt, KEY, centre.now) is None


def test_a_code_of_no_use_any_more_is_refused_inside_the_call_path(centre: Centre) -> None:
    made = wished(centre)
    order = ring(centre)
    assert isinstance(order, AttemptOrder)
    note_heard(centre.database, made, centre.later(seconds=1))

    refused = consume_attempt(centre.database, order.attempt, centre.now)

    assert isinstance(refused, Refusal)
    assert Rule.ATTEMPT_STALE is refused.rule
