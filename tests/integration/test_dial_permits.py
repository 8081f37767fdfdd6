"""Every number the compliance check ever gave out, checked against the rules by hand.

Days of random dialling through the real services: two campaigns over the same people, promises, opt-outs,
clocks in four zones, attempts that wait before the dialplan asks. The oracle knows the rules as a lawyer
would read them, and looks only at what was permitted.
"""

import random
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from databases.centre import Centre, number
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from dialer.core.compliance.rule_packs import packaged_rulebook
from dialer.db.migrations.upgrade import upgrade
from dialer.db.session import Database
from dialer.services.calls.attempts import DialPermit, consume_attempt
from dialer.services.calls.open_attempt import AttemptOrder
from dialer.services.customers.customers import CustomerRow, store_customers
from dialer.services.customers.suppression import add_do_not_call
from dialer.services.promises.promise_faults import promise_faults
from dialer.services.promises.promises import PromiseRequest, make_promise, promise_ledger
from telephony.calls.events import Outcome

ZONES = ("Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Auckland")
PEOPLE = 8
#: the day before Good Friday; on Sunday British clocks go forward
THURSDAY = datetime(2027, 3, 25, 8, 0, tzinfo=UTC)
HOLIDAYS = packaged_rulebook().calendars["GB"]
OUTCOMES = [Outcome.NO_ANSWER, Outcome.BUSY, Outcome.MACHINE, Outcome.CONNECTED, Outcome.CONGESTION]


@dataclass(slots=True)
class Days:
    """Some days of dialling, and a list of what the compliance check allowed."""

    centre: Centre
    chance: random.Random
    rings: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    listed: set[str] = field(default_factory=set)
    permits: int = 0
    promises: int = 0

    def set_up(self) -> None:
        rows = [
            CustomerRow(external_id=f"c{index}", numbers=(number(index),), zone=ZONES[index % len(ZONES)])
            for index in range(PEOPLE)
        ]
        store_customers(self.centre.database, rows, self.centre.now)
        self.centre.campaign("one", max_attempts=99)
        self.centre.campaign("two", max_attempts=99)

    def round(self) -> None:
        """Something happens, some time passes, and up to four attempts are opened and rung."""
        chance, centre = self.chance, self.centre
        if chance.random() < 0.3:
            self.promise(chance.randrange(PEOPLE))
        if chance.random() < 0.05:
            listed = number(chance.randrange(2))  # most people stay on the lists
            add_do_not_call(centre.database, listed, "asked not to", "letter", centre.now)
            self.listed.add(listed)
        centre.later(minutes=chance.choice([0, 1, 5, 30, 61, 120, 241, 300, 600]))
        promises, leads = centre.work()
        work = chance.sample([*promises, *leads], k=min(4, len(promises) + len(leads)))
        opened = [centre.try_open(one) for one in work]
        centre.later(seconds=chance.choice([0, 0, 0, 1, 30, 119, 121]))
        for order in opened:
            if isinstance(order, AttemptOrder):
                self.ring(order, chance.choice(OUTCOMES))

    def ring(self, order: AttemptOrder, outcome: Outcome) -> None:
        permit = consume_attempt(self.centre.database, order.attempt, self.centre.now)
        if not isinstance(permit, DialPermit):
            return
        self.permits += 1
        assert order.e164.removeprefix("+") == permit.number_digits
        self.check(order)
        if outcome is not Outcome.CONGESTION:  # then the phone never rang
            self.rings[order.e164].append(self.centre.now)
        if outcome is Outcome.CONNECTED:
            self.centre.connect(order)
        self.centre.finish(order, outcome, talk_s=30.0)

    def check(self, order: AttemptOrder) -> None:
        """The rules as they are written, for one permitted ring."""
        now, rings = self.centre.now, self.rings[order.e164]
        day = [ring for ring in rings if ring > now - timedelta(hours=24)]
        assert len(day) < 6
        if order.lead is None:
            return
        index = next(index for index in range(PEOPLE) if number(index) == order.e164)
        local = now.astimezone(ZoneInfo(ZONES[index % len(ZONES)]))
        assert local.weekday() < 5, local
        assert 9 <= local.hour < 20, local
        assert local.date() not in HOLIDAYS.national | HOLIDAYS.regional, local
        assert len(day) < 3
        assert sum(ring > now - timedelta(days=30) for ring in rings) < 12
        assert all(now - ring >= timedelta(hours=4) for ring in rings)
        assert order.e164 not in self.listed

    def promise(self, index: int) -> None:
        self.promises += 1
        request = PromiseRequest(
            e164=number(index),
            queue="support",
            source_call=str(self.promises),
            virtual_join=self.centre.now,
        )
        make_promise(self.centre.database, request, self.centre.now)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_number_the_dial_permit_gives_out_is_lawful_to_ring(seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'winback.db'}"
        upgrade(url)
        database = Database(url)
        event.listen(database.engine, "connect", _no_sync)
        days = Days(Centre(database, THURSDAY), random.Random(seed))  # noqa: S311 - repeatable days, no secret
        days.set_up()
        for _ in range(60):
            days.round()
        ledger = promise_ledger(database)
        stuck = promise_faults(database, days.centre.now).stuck
        database.close()

    assert days.permits > 20  # otherwise the day proved nothing
    assert 0 == ledger.error
    assert () == stuck


def _no_sync(connection, _record) -> None:
    connection.execute("PRAGMA synchronous=OFF")
