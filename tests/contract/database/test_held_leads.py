"""A list says why nobody on it is called: the rules, how many leads each holds, and until when."""

from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from databases.centre import Centre, number

from callbacks.refusals import Refusal, Rule
from dialer.db.models import Lead
from dialer.services.calls.open_attempt import put_off_lead
from dialer.services.calls.transitions import TransitionContext
from dialer.services.campaigns.held_leads import ListNow, look_at_list
from dialer.services.customers.customers import CustomerRow, store_customers
from dialer.services.customers.suppression import add_do_not_call
from telephony.calls.events import Outcome

#: Kentucky opens at ten; Illinois has the country's hours alone
KENTUCKY: Final = ("+12705550101", "+12705550102")
ILLINOIS: Final = "+13125550101"
HOUR: Final = timedelta(hours=1)


def look(centre: Centre, campaign: int) -> ListNow:
    return look_at_list(centre.database, campaign, centre.now)


def by_rule(found: ListNow) -> dict[str, int]:
    return {str(row.rule): row.leads for row in found.held}


def test_by_day_nobody_is_held_and_by_night_everybody_by_the_hours_until_they_open(centre: Centre) -> None:
    centre.customers(3)
    campaign = centre.campaign()
    assert (3, ()) == (look(centre, campaign.id).callable, look(centre, campaign.id).held)

    centre.now = centre.now.replace(hour=2) + timedelta(days=1)
    found = look(centre, campaign.id)

    assert (0, {"hours.closed": 3}) == (found.callable, by_rule(found))
    opens = found.held[0].until
    assert opens is not None
    assert found.next_at == opens
    centre.now = opens
    assert 3 == look(centre, campaign.id).callable
    centre.now = opens - timedelta(minutes=1)
    assert 0 == look(centre, campaign.id).callable


def test_each_listed_lead_is_in_one_number_and_each_number_names_its_rule(centre: Centre) -> None:
    centre.customers(5)
    campaign = centre.campaign()
    add_do_not_call(centre.database, number(4), "asked", "test", centre.now)
    order = centre.dial()
    centre.finish(order, Outcome.NO_ANSWER)

    found = look(centre, campaign.id)

    assert {"dnc.listed": 1, "spacing": 1} == by_rule(found)
    assert 5 == found.callable + sum(row.leads for row in found.held)
    assert all(row.sentence.endswith(".") for row in found.held)


def test_a_lead_that_the_last_look_put_off_names_that_rule_until_it_may_be_rung(centre: Centre) -> None:
    centre.customers(1)
    campaign = centre.campaign()
    work = centre.work()[1][0]
    with centre.database.write() as tx:  # as where another list rang this customer a moment ago
        entry = TransitionContext(tx, centre.database.policy, centre.now)
        until = centre.now + timedelta(hours=4)
        put_off_lead(entry, tx.get_one(Lead, work.lead), Refusal(rule=Rule.CAP_DAY, until=until))

    (row,) = look(centre, campaign.id).held
    assert (Rule.CAP_DAY, 1, until) == (row.rule, row.leads, row.until)
    centre.now = until
    assert 1 == look(centre, campaign.id).callable


def test_the_words_name_the_rules_and_the_first_moment(centre: Centre) -> None:
    centre.customers(2)
    campaign = centre.campaign()
    centre.now = centre.now.replace(hour=2) + timedelta(days=1)

    words = look(centre, campaign.id).in_words()

    assert words.startswith("The list is held: 2 by hours.closed; the first may be called from Tue ")


def test_a_states_own_hours_hold_its_numbers_and_no_others(centre: Centre) -> None:
    rows = [
        CustomerRow(external_id=e164, numbers=(e164,), zone="America/Chicago")
        for e164 in (*KENTUCKY, ILLINOIS)
    ]
    store_customers(centre.database, rows, centre.now)
    campaign = centre.campaign()
    add_do_not_call(centre.database, KENTUCKY[0], "asked", "test", centre.now)
    centre.now = (centre.now + timedelta(days=7)).replace(hour=15, minute=30)  # 9:30 or 10:30 in Chicago
    nine = centre.now if centre.now.astimezone(ZoneInfo("America/Chicago")).hour == 9 else centre.now - HOUR
    centre.now = nine

    early = look(centre, campaign.id)
    centre.now += HOUR
    late = look(centre, campaign.id)

    assert (early.callable, by_rule(early)) == (1, {"hours.closed": 2})
    assert (late.callable, by_rule(late)) == (2, {"dnc.listed": 1})
