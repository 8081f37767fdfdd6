"""Promises of agents: booked in a talk, kept by the one who promised, handed on where they are away."""

from dataclasses import replace
from datetime import timedelta

import pytest
from databases.centre import MONDAY, PBX, Centre, number
from sqlalchemy import select

from callbacks.refusals import Refusal, Rule
from dialer.core.agents.state import AgentState
from dialer.core.compliance.windows import QueueHours, read_hours
from dialer.db.models import Audit, OutboxMessage, Promise
from dialer.services.agents.agents import AgentSeen, save_agents
from dialer.services.calls.inbound_calls import record_caller
from dialer.services.promises.agent_bookings import BookingForm, book_call, booking_form
from dialer.services.promises.ledger_audit import audit_promises
from dialer.services.promises.moves import move_promise
from dialer.services.promises.owners import NoSuchAgent, assign_promise, hand_on
from dialer.services.promises.promise_faults import promise_faults
from dialer.services.promises.promises import MadePromise
from telephony.calls.events import CallerConnected, CallerJoined

CALLER = "1700000000.1"
FOUR = MONDAY.replace(hour=16) + timedelta(days=1)


@pytest.fixture(autouse=True)
def open_by_day(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = centre.database.policy
    hours = QueueHours(zone="Europe/London", windows=read_hours("Mon-Fri 09:00-22:00"))
    rulebook = replace(policy.rulebook, queue=hours)
    monkeypatch.setattr(centre.database, "policy", replace(policy, rulebook=rulebook))


def seen(centre: Centre, agent: str, state: AgentState = AgentState.READY, pbx: str = PBX) -> None:
    facts = AgentSeen(id=agent, name=agent, interface="x", state=state, reason="", since=centre.now)
    save_agents(centre.database, pbx, [facts], centre.now)


def rang_in(centre: Centre, shown: str | None = None) -> None:
    joined = CallerJoined(
        at=centre.now, caller=CALLER, queue="support", number=shown or number(0), position=1
    )
    talks = CallerConnected(at=centre.now, caller=CALLER, queue="support", agent="anna")
    for fact in (joined, talks):
        record_caller(centre.database, PBX, "GB", fact, fact.at)


def book(centre: Centre, *, mine: bool = True, agent: str = "anna", call: str = CALLER, start=FOUR):
    return book_call(centre.database, agent, call, start, centre.now, mine=mine, queue="support")


def booked(centre: Centre, *, mine: bool = True) -> int:
    rang_in(centre)
    made = book(centre, mine=mine)
    assert isinstance(made, MadePromise), made
    return made.id


def owner_of(centre: Centre, promise: int) -> str | None:
    with centre.database.read() as tx:
        return tx.scalar(select(Promise.owner).where(Promise.id == promise))


def texts(centre: Centre) -> list[str]:
    with centre.database.read() as tx:
        return list(tx.scalars(select(OutboxMessage.kind).where(OutboxMessage.channel == "text")))


def acts(centre: Centre, promise: int) -> list[tuple[str, str]]:
    with centre.database.read() as tx:
        chosen = select(Audit.actor, Audit.action).where(Audit.subject == str(promise)).order_by(Audit.id)
        return [(actor, action) for actor, action in tx.execute(chosen)]


def test_an_agent_promises_a_live_caller_a_call_of_their_own_and_it_is_rung_for_them(
    centre: Centre,
) -> None:
    promise = booked(centre)

    assert ("anna", ("anna", "promise.booked")) == (owner_of(centre, promise), acts(centre, promise)[-1])
    assert ((), ()) == centre.work()
    centre.now = FOUR
    (work,), _ = centre.work()
    assert (promise, "anna", FOUR) == (work.promise, work.owner, work.due_at)
    order = centre.open(replace(work, queue="desk_anna"), agent="anna")
    assert "desk_anna" == order.queue  # nobody else can be reached by this call


def test_one_talk_is_one_booking_and_the_form_says_what_was_promised(centre: Centre) -> None:
    rang_in(centre)
    before = booking_form(centre.database, "anna", CALLER, centre.now, queue="support")
    assert isinstance(before, BookingForm)
    assert FOUR in {slot.start for slot in before.slots}
    first, again = book(centre), book(centre, start=FOUR + timedelta(hours=1))
    after = booking_form(centre.database, "anna", CALLER, centre.now, queue="support")

    assert first == again
    assert isinstance(after, BookingForm)
    assert after.booked is not None
    assert ((), FOUR, "anna") == (after.slots, after.booked.start, after.booked.owner)


def test_a_campaigns_customer_is_promised_a_call_in_the_wrap_up(centre: Centre) -> None:
    centre.customers(1)
    centre.campaign()
    order = centre.dial()
    centre.talk(order)

    made = book(centre, call=order.attempt, mine=False)

    assert isinstance(made, MadePromise), made
    assert owner_of(centre, made.id) is None


@pytest.mark.parametrize(
    ("agent", "call", "start", "rule"),
    [
        ("ben", CALLER, FOUR, Rule.ATTEMPT_UNKNOWN),
        ("anna", "1700000000.9", FOUR, Rule.ATTEMPT_UNKNOWN),
        ("anna", CALLER, FOUR.replace(hour=3), Rule.SLOT_TAKEN),
        ("anna", CALLER, MONDAY - timedelta(hours=1), Rule.SLOT_TAKEN),
    ],
)
def test_what_cannot_be_promised_is_refused_by_its_rule(centre: Centre, agent, call, start, rule) -> None:
    rang_in(centre)

    refused = book(centre, agent=agent, call=call, start=start)

    assert isinstance(refused, Refusal)
    assert rule is refused.rule


def test_the_first_talk_of_a_new_centre_closes_no_day_of_the_week(centre: Centre) -> None:
    booked(centre)  # on a Monday, and nobody has ever talked on a Tuesday

    form = booking_form(centre.database, "anna", CALLER, centre.now, queue="support")

    assert isinstance(form, BookingForm)
    assert form.booked is not None


def test_a_caller_without_a_number_can_be_promised_nothing(centre: Centre) -> None:
    rang_in(centre, shown="anonymous")

    refused = booking_form(centre.database, "anna", CALLER, centre.now, queue="support")

    assert isinstance(refused, Refusal)
    assert Rule.NUMBER_UNREADABLE is refused.rule


def test_an_owner_who_is_away_hands_it_on_and_the_customer_is_told(centre: Centre) -> None:
    promise = booked(centre)
    centre.now = FOUR

    assert hand_on(centre.database, promise, PBX, "offline", centre.now)
    assert not hand_on(centre.database, promise, PBX, "offline", centre.now)  # it is nobody's own any more

    assert owner_of(centre, promise) is None
    assert "promise.handed_on" in texts(centre)
    assert ("winback", "promise.handed-on") in acts(centre, promise)
    (work,), _ = centre.work()
    assert (promise, None) == (work.promise, work.owner)


def test_an_owner_at_work_at_another_pbx_keeps_it(centre: Centre) -> None:
    promise = booked(centre)
    seen(centre, "anna", pbx="north")

    assert not hand_on(centre.database, promise, PBX, "offline", centre.now)
    seen(centre, "anna", AgentState.OFFLINE, pbx="north")
    assert hand_on(centre.database, promise, PBX, "offline", centre.now)


def test_a_supervisor_assigns_and_the_customer_hears_only_where_somebody_else_was_named(
    centre: Centre,
) -> None:
    for agent in ("anna", "ben"):
        seen(centre, agent)
    promise = centre.promise(1).id

    def assign(owner: str | None):
        return assign_promise(centre.database, promise, owner, "Sigrid", centre.now)

    assert (None, "ben", []) == (assign("ben"), owner_of(centre, promise), texts(centre))
    assert assign("ben") is None  # the same again is nothing new
    assert (None, None) == (assign(None), owner_of(centre, promise))
    assert ["promise.handed_on"] == texts(centre)
    assert [("Sigrid", "promise.assigned")] * 2 == acts(centre, promise)


def test_what_cannot_be_assigned_says_so(centre: Centre) -> None:
    seen(centre, "anna")
    promise = centre.promise(1).id

    assert NoSuchAgent() == assign_promise(centre.database, promise, "nobody", "Sigrid", centre.now)
    unknown = assign_promise(centre.database, promise + 1, "anna", "Sigrid", centre.now)
    centre.dial()
    rung = assign_promise(centre.database, promise, "anna", "Sigrid", centre.now)

    assert isinstance(unknown, Refusal)
    assert isinstance(rung, Refusal)
    assert (Rule.PROMISE_UNKNOWN, Rule.PROMISE_NOT_OPEN) == (unknown.rule, rung.rule)


def test_who_waits_for_their_own_agent_is_not_overtaken_and_the_sums_hold(centre: Centre) -> None:
    seen(centre, "anna")
    first = centre.promise(1).id
    centre.later(minutes=1)
    second = centre.promise(2).id
    assign_promise(centre.database, first, "anna", "Sigrid", centre.now)
    centre.later(minutes=5)
    work = {each.promise: each for each in centre.work()[0]}
    centre.talk(centre.dial(work[second]))

    assert () == promise_faults(centre.database, centre.now).overtaken
    assert 0 == audit_promises(centre.database, "Europe/London").error


def test_a_promise_that_is_moved_stays_its_agents(centre: Centre) -> None:
    promise = booked(centre)

    move_promise(centre.database, promise, FOUR + timedelta(hours=1), "customer", centre.now)

    assert "anna" == owner_of(centre, promise)
