"""The centre whose people `docs/explain.md` explains: made through the services alone, on a fixed Monday."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from databases.centre import Centre, number

from dialer.core.calling.campaign import CampaignEvent
from dialer.core.calling.disposition import Disposition
from dialer.core.calling.list_filter import ListFilter
from dialer.core.importing.rows import Prohibited, ProhibitionKind
from dialer.db.migrations.upgrade import upgrade
from dialer.db.models import Lead
from dialer.db.session import Database
from dialer.services.agents.dispositions import record_disposition
from dialer.services.calls.attempts import AttemptOrder, LeadWork
from dialer.services.calls.call_events import record_fact
from dialer.services.campaigns.campaigns import move_campaign
from dialer.services.customers.customers import CustomerRow, store_customers
from dialer.services.customers.suppression import add_do_not_call
from telephony.calls.events import Abandoned, Outcome

#: a Monday in winter; everything has happened by 17:30, at most a fortnight before
MONDAY: Final = datetime(2026, 11, 23, tzinfo=UTC)
PARIS, BERLIN, NEW_YORK = "+33465710001", "+493023125001", "+12125550101"  # set aside for fiction

PEOPLE: Final[Mapping[str, Mapping[str, Any]]] = {
    "ada": {"name": "Ada Nowak"},
    "ben": {"name": "Ben Osei"},
    "carol": {"name": "Carol Lind"},
    "dan": {"name": "Dan Petrov"},
    "eve": {"name": "Eve Marsh"},
    "fay": {"name": "Fay Moreau", "numbers": (PARIS,)},
    "gus": {"name": "Gus Weber", "numbers": (BERLIN,)},
    "hal": {"name": "Hal Reyes", "numbers": (NEW_YORK,)},
    "ida": {"name": "Ida Reyes", "numbers": ("+12125550102",), "zone": "America/Los_Angeles"},
    "pia": {"name": "Pia Reyes", "numbers": ("+12125550103",), "residence": "US-FL"},
    "joe": {"name": "Joe Adams"},
    "kim": {"name": "Kim Adams", "list": "winter lines"},
    "lou": {"name": "Lou Jones"},
    "mia": {"name": "Mia Stone"},
    "ned": {"name": "Ned Okoro", "list": "spring"},
}


class House(Centre):
    """The centre, with people who have names."""

    def phone(self, who: str) -> str:
        """Where somebody is rung."""
        return str(PEOPLE[who].get("numbers", (number(list(PEOPLE).index(who)),))[0])

    def dial_to(self, who: str) -> AttemptOrder:
        """Ring one customer of the running campaigns."""
        return self.dial(self.work_for(who))

    def work_for(self, who: str) -> LeadWork:
        """What there is to do for one customer."""
        _, found = self.work()
        orders = {self.lead_number(work): work for work in found}
        return orders[self.phone(who)]

    def lead_number(self, work: LeadWork) -> str:
        """The number that this work would ring."""
        with self.database.read() as tx:
            return tx.get_one(Lead, work.lead).e164


def build(url: str) -> Database:
    """Fill an empty database with everything the examples speak of; the caller closes it."""
    upgrade(url)
    house = House(Database(url), now=MONDAY - timedelta(days=4) + timedelta(hours=14, minutes=30))
    store_customers(house.database, [_row(house, who) for who in PEOPLE], house.now)
    for name in ("winter", "winter lines", "spring"):
        house.campaign(
            name,
            mode="predictive" if name == "winter lines" else "progressive",
            max_attempts=5,
            filters=ListFilter(equals={"list": name}),
        )
    _before_the_weekend(house)
    _on_monday(house)
    return house.database


def _row(house: House, who: str) -> CustomerRow:
    given = {key: value for key, value in PEOPLE[who].items() if key != "list"}
    objected = Prohibited(ProhibitionKind.OBJECTION, "Reservert", "Ja") if who == "carol" else None
    return CustomerRow(
        **{
            "external_id": who,
            "numbers": (house.phone(who),),
            "attributes": {"list": PEOPLE[who].get("list", "winter"), "person": who},
            "prohibition": objected,
            **given,
        }
    )


def _before_the_weekend(house: House) -> None:
    """Thursday: Fay says no. Friday: Kim picks up, and nobody is there."""
    order = house.dial_to("fay")
    house.talk(order)
    record_disposition(house.database, "anna", order.attempt, Disposition.LOST, "", None, house.now)
    house.campaign("second offer", filters=ListFilter(equals={"person": "fay"}))
    house.now = MONDAY - timedelta(days=3) + timedelta(hours=12)
    order = house.dial_to("kim")
    record_fact(house.database, Abandoned(attempt=order.attempt, at=house.now, waited_s=2.0), house.now)
    house.finish(order, Outcome.ABANDONED)


def _on_monday(house: House) -> None:
    """Misses, a talk, an agreed call, and two callbacks."""
    add_do_not_call(house.database, house.phone("ben"), "asked on the phone", "manager's page", house.now)
    for hour in (9, 13, 17):
        house.now = MONDAY.replace(hour=hour, minute=5)
        house.finish(house.dial_to("dan"), Outcome.NO_ANSWER)
    house.now = MONDAY.replace(hour=16)
    house.finish(house.dial_to("eve"), Outcome.NO_ANSWER)
    talked, again = house.dial_to("lou"), MONDAY + timedelta(days=1, hours=15)
    house.talk(talked)
    record_disposition(house.database, "anna", talked.attempt, Disposition.CALL_AGAIN, "", again, house.now)
    house.now = MONDAY.replace(hour=17, minute=20)
    house.promise(list(PEOPLE).index("joe"))
    house.promise(900)
    move_campaign(house.database, "spring", CampaignEvent.PAUSE, house.now, "test")
