"""How each rule in docs/rules.md comes about: by a file, a setting, a call, or a question.

A rule that nobody can meet is a promise of the docs that the program does not keep: whoever adds one says
here how it comes about. `explain` asks through the dial permit's own functions, so it stands for the permit.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from databases.centre import Centre, number

from callbacks.refusals import Rule
from dialer.core.calling.disposition import Disposition
from dialer.core.calling.policy import policy_from
from dialer.core.compliance.registers import RegisterSource
from dialer.core.importing.rows import Prohibited, ProhibitionKind
from dialer.services.agents.dispositions import record_disposition
from dialer.services.calls.call_events import record_fact
from dialer.services.calls.explanations import explain_person
from dialer.services.calls.next_calls import LeadWork
from dialer.services.calls.open_attempt import AttemptOrder
from dialer.services.customers.customers import CustomerRow, store_customers
from dialer.services.customers.person_rights import restrict_person
from dialer.services.customers.registers import RegisterFile, import_register
from dialer.services.customers.suppression import add_do_not_call
from dialer.services.promises.callback_blocks import block_number
from dialer.services.promises.offers import AskingCaller, consider
from dialer.services.promises.promises import PromiseRequest, make_promise
from dialer.settings import Settings
from telephony.calls.events import Abandoned, Outcome

PARIS: Final = "+33465710001"  # set aside for fiction, as is the next
BERLIN: Final = "+493023125001"
NOON: Final = datetime(2026, 11, 23, 12, tzinfo=UTC)

Way = Callable[[Centre], object]
WAYS: Final[dict[Rule, Way]] = {}

#: what somebody types or a file holds, and what is wrong with it
TEXTS: Final[dict[Rule, str]] = {
    Rule.NUMBER_UNREADABLE: "+44 20 7946 FRAU",
    Rule.NUMBER_TOO_SHORT: "+44 20",
    Rule.NUMBER_TOO_LONG: "+44 20 7946 0123 0123",
    Rule.NUMBER_UNKNOWN_COUNTRY: "+999 123456789",
    Rule.NUMBER_NO_AREA_CODE: "+44 7946 0123",
    Rule.NUMBER_IMPOSSIBLE: "+47 123456",
    Rule.NUMBER_INVALID: "+44 1632 123456",
    Rule.NUMBER_EXTENSION: "+44 20 7946 0123 ext 5",
    Rule.NUMBER_NO_REGION: "020 7946 0123",
    Rule.NUMBER_CLASS_TOLL_FREE: "+448081570123",
    Rule.NUMBER_CLASS_PREMIUM: "+449098790123",
    Rule.NUMBER_CLASS_SHARED_COST: "+491805123456",
    Rule.NUMBER_CLASS_PERSONAL: "+447012345678",
    Rule.NUMBER_CLASS_PAGER: "+447640123456",
    Rule.NUMBER_CLASS_VOICEMAIL: "+41860791234567",
    Rule.NUMBER_CLASS_GLOBAL: "+881612345678",
    Rule.HOURS_NO_ZONE: "+881612345678",
}
#: kinds of line that are rung unless `calling.never_ring` names them
KINDS: Final[dict[Rule, tuple[str, str]]] = {
    Rule.NUMBER_CLASS_FIXED: ("fixed", "+442079460123"),
    Rule.NUMBER_CLASS_MOBILE: ("mobile", "+447700900123"),
    Rule.NUMBER_CLASS_FIXED_OR_MOBILE: ("fixed_or_mobile", "+12125550123"),
    Rule.NUMBER_CLASS_VOIP: ("voip", "+445612345678"),
    Rule.NUMBER_CLASS_COMPANY: ("company", "+443069990123"),
}
#: rules that no input can meet today, and why they stay
NETS: Final[dict[Rule, str]] = {
    Rule.NUMBER_CLASS_UNKNOWN: "a kind that the numbering plans' library may bring one day is not rung",
    Rule.CALLER_UNKNOWN: "said in the callback dialogue: tests/acceptance/test_promises.py dials it",
}


def produces(*rules: Rule) -> Callable[[Way], Way]:
    """This is how these rules come about."""

    def remember(way: Way) -> Way:
        WAYS.update(dict.fromkeys(rules, way))
        return way

    return remember


# What is asked ---------------------------------------------------------------------------------------


def set_up(centre: Centre, **settings: Any) -> None:
    """The centre with these settings."""
    centre.database.policy = policy_from(Settings(**settings))


def refusing(centre: Centre, who: str) -> list[str]:
    """The rules that stand in the way of calling somebody, in their order."""
    people = explain_person(centre.database, who, centre.now)
    return [said.rule.value for each in people for call in each.calls for said in call.rules if said.refuses]


def one(centre: Centre, *numbers: str, **values: Any) -> LeadWork:
    """A customer on a running campaign, and the work there is."""
    row = CustomerRow(**{"external_id": "ann", "numbers": numbers or (number(0),), **values})
    store_customers(centre.database, [row], centre.now)
    centre.campaign(max_attempts=9)
    _, found = centre.work()
    return (
        found[0]
        if found
        else LeadWork(lead=1, campaign=1, queue="outbound", ring_s=30, answer_probability=None, value=0.0)
    )


def of_another_campaign(centre: Centre) -> LeadWork:
    """The same customer's work on a second list."""
    campaign = centre.campaign("spring").id
    return next(work for work in centre.work()[1] if work.campaign == campaign)


def missed(centre: Centre) -> None:
    centre.finish(centre.dial(), Outcome.NO_ANSWER)


def say(centre: Centre, order: AttemptOrder, word: Disposition, *, again: datetime | None = None) -> object:
    return record_disposition(centre.database, "anna", order.attempt, word, "", again, centre.now)


def talked(centre: Centre, word: Disposition | None = None) -> AttemptOrder:
    order = centre.dial()
    centre.talk(order)
    if word is not None:
        say(centre, order, word)
    return order


def ask_for(centre: Centre, index: int, *, source: str = "") -> object:
    """A caller asks for a callback."""
    request = PromiseRequest(
        e164=number(index),
        queue="support",
        source_call=f"{centre.now.timestamp()}-{index}",
        virtual_join=centre.now,
        source=source,
    )
    return make_promise(centre.database, request, centre.now)


def offered(centre: Centre, **facts: Any) -> object:
    asking = {"queue": "support", "number": number(7), "joined_at": centre.now, "others": ()}
    asking |= {"logged_in": 2, "at_work": 2, **facts}
    return consider(centre.database, AskingCaller(**asking), centre.now)


# The person's clock and ours -------------------------------------------------------------------------


@produces(Rule.HOURS_CLOSED)
def by_night(centre: Centre) -> object:
    centre.now = NOON.replace(hour=23)
    return refusing(centre, number(0))


@produces(Rule.HOURS_HOLIDAY)
def at_christmas(centre: Centre) -> object:
    centre.now = NOON.replace(month=12, day=25)
    return refusing(centre, number(0))


@produces(Rule.HOURS_NO_CALENDAR)
def in_a_year_without_a_calendar(centre: Centre) -> object:
    centre.now = NOON.replace(year=2045, day=22)
    return refusing(centre, number(0))


@produces(Rule.HOURS_NIGHT)
def a_callback_by_night(centre: Centre) -> object:
    ask_for(centre, 0)
    centre.later(hours=11)
    return refusing(centre, number(0))


@produces(Rule.QUEUE_CLOSED)
def when_nobody_works(centre: Centre) -> object:
    set_up(centre, queues={"hours": "Tue 09:00-12:00"})
    return refusing(centre, number(0))


# The person's wish -----------------------------------------------------------------------------------


@produces(Rule.DNC_LISTED)
def listed(centre: Centre) -> object:
    add_do_not_call(centre.database, number(0), "asked", "staff", centre.now)
    return refusing(centre, number(0))


@produces(Rule.DNC_PERSON)
def objected_in_the_file(centre: Centre) -> object:
    one(centre, prohibition=Prohibited(ProhibitionKind.DECEASED, "avdød", "ja"))
    return refusing(centre, "ann")


@produces(Rule.DNC_REGISTER)
def on_a_public_register(centre: Centre) -> object:
    registered(centre, number(0))
    return refusing(centre, number(0))


@produces(Rule.DNC_REGISTER_STALE)
def beside_a_register_that_is_too_old(centre: Centre) -> object:
    registered(centre, number(1))
    centre.later(days=35)
    return refusing(centre, number(0))


def registered(centre: Centre, e164: str) -> None:
    """The British register's file, with one number."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "tps.txt"
        path.write_text(f"{e164}\n")
        file = RegisterFile(
            path=path, source=RegisterSource.TPS, dated=centre.now, actor="staff", country="GB"
        )
        import_register(centre.database, file, centre.now)


@produces(Rule.PERSON_RESTRICTED)
def asked_for_a_restriction(centre: Centre) -> object:
    work = one(centre)
    restrict_person(centre.database, "ann", "asked for it", "staff", centre.now)
    return centre.try_open(work)


@produces(Rule.CONSENT_MISSING)
def a_german_without_consent(centre: Centre) -> object:
    return centre.try_open(one(centre, BERLIN))


@produces(Rule.CONSENT_REFUSED)
def a_londoner_whose_file_says_no_to_marketing(centre: Centre) -> object:
    return centre.try_open(one(centre, attributes={"Marketing consent": "No"}))


@produces(Rule.REFUSED_QUIET)
def a_frenchman_who_said_no(centre: Centre) -> object:
    centre.now = NOON.replace(hour=14)
    one(centre, PARIS)
    talked(centre, Disposition.LOST)
    centre.later(hours=4)
    return centre.try_open(of_another_campaign(centre))


@produces(Rule.PROMISE_OPEN)
def waits_for_a_callback(centre: Centre) -> object:
    work = one(centre)
    ask_for(centre, 0)
    return centre.try_open(work)


@produces(Rule.ABANDONED_AGENT_ONLY)
def picked_up_to_silence(centre: Centre) -> object:
    work = one(centre)
    order = centre.dial()
    record_fact(centre.database, Abandoned(attempt=order.attempt, at=centre.now, waited_s=2.0), centre.now)
    centre.finish(order, Outcome.ABANDONED)
    centre.later(hours=4)
    return centre.try_open(work, None)


# How often -------------------------------------------------------------------------------------------


@produces(Rule.CAP_DAY)
def rung_often_in_a_day(centre: Centre) -> object:
    set_up(centre, calling={"spacing_s": 0, "attempts_per_day": 1})
    one(centre)
    missed(centre)
    centre.later(hours=1)
    return centre.try_open(of_another_campaign(centre))


@produces(Rule.SPACING)
def rung_by_another_campaign_a_moment_ago(centre: Centre) -> object:
    one(centre)
    missed(centre)
    return centre.try_open(of_another_campaign(centre))


@produces(Rule.CAP_MONTH)
def rung_often_in_a_month(centre: Centre) -> object:
    set_up(centre, calling={"attempts_per_30_days": 1})
    work = one(centre)
    missed(centre)
    centre.later(days=1)
    return centre.try_open(work)


@produces(Rule.CAP_RINGS)
def rung_often_callbacks_included(centre: Centre) -> object:
    set_up(centre, calling={"rings_per_day": 1})
    work = one(centre)
    missed(centre)
    centre.later(hours=4)
    return centre.try_open(work)


def two_with_one_number(centre: Centre) -> list[LeadWork]:
    rows = [CustomerRow(external_id=who, numbers=(number(0),)) for who in ("old", "new")]
    store_customers(centre.database, rows, centre.now)
    centre.campaign(max_attempts=1)
    return list(centre.work()[1])


@produces(Rule.CAP_CAMPAIGN)
def rung_for_the_other_record(centre: Centre) -> object:
    works = two_with_one_number(centre)
    missed(centre)
    centre.later(hours=4)
    return centre.try_open(works[1])


@produces(Rule.LEAD_OTHER_FIRST)
def the_other_record_is_still_to_be_called(centre: Centre) -> object:
    rows = [CustomerRow(external_id=who, numbers=(number(0),)) for who in ("old", "new")]
    store_customers(centre.database, rows, centre.now)
    centre.campaign(max_attempts=2)
    missed(centre)
    centre.later(hours=4)
    return centre.try_open(centre.work()[1][1])


@produces(Rule.NUMBER_REACHED)
def reached_and_then_given_to_somebody_else(centre: Centre) -> object:
    rows = [CustomerRow(external_id=f"c{index}", numbers=(number(index),)) for index in range(2)]
    store_customers(centre.database, rows, centre.now)
    centre.campaign()
    talked(centre, Disposition.SAVED)
    centre.later(hours=4)
    moved = [CustomerRow(external_id=f"c{index}", numbers=(number(1 - index),)) for index in range(2)]
    store_customers(centre.database, moved, centre.now)
    return centre.try_open(centre.work()[1][0])


# The number ------------------------------------------------------------------------------------------


@produces(Rule.NUMBER_BUSY)
def on_its_way(centre: Centre) -> object:
    one(centre)
    of_another_campaign(centre)
    works = centre.work()[1]
    centre.open(works[0])
    return centre.try_open(works[1])


@produces(Rule.NUMBER_WRONG)
def a_wrong_number_on_another_list(centre: Centre) -> object:
    one(centre)
    centre.campaign("spring")
    talked(centre, Disposition.WRONG_NUMBER)
    centre.later(hours=4)
    return centre.try_open(centre.work()[1][0])


@produces(Rule.NUMBER_OWN)
def the_centres_own(centre: Centre) -> object:
    set_up(centre, caller_id=number(0))
    return ask_for(centre, 0)


@produces(Rule.NUMBER_BLOCKED)
def did_not_ask(centre: Centre) -> object:
    block_number(centre.database, number(0), "did not ask", "staff", centre.now)
    return ask_for(centre, 0)


@produces(Rule.NUMBER_REGION)
def abroad(centre: Centre) -> object:
    set_up(centre, callbacks={"countries": ["NO"]})
    return ask_for(centre, 0)


# A caller who asks to be called back -----------------------------------------------------------------


@produces(Rule.OFFER_CLOSED)
def asked_when_closed(centre: Centre) -> object:
    set_up(centre, queues={"hours": "Tue 09:00-12:00"})
    return offered(centre)


@produces(Rule.OFFER_NO_AGENTS)
def asked_with_nobody_there(centre: Centre) -> object:
    return offered(centre, logged_in=0, at_work=0)


@produces(Rule.OFFER_FULL)
def asked_just_before_closing(centre: Centre) -> object:
    set_up(centre, queues={"hours": "Mon-Fri 09:00-12:01"}, callbacks={"call_s": 300})
    return offered(centre)


@produces(Rule.OFFER_CLOSING)
def asked_shortly_before_closing(centre: Centre) -> object:
    set_up(centre, queues={"hours": "Mon-Fri 09:00-12:02"})
    return offered(centre)
