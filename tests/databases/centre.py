"""A small centre in a database: customers, a running campaign, an engine that leads; one call at a time."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from callbacks.refusals import Refusal
from dialer.core.calling.campaign import CampaignEvent
from dialer.db.models import Attempt, Lead
from dialer.db.session import Database
from dialer.services.calls.attempts import DialPermit, consume_attempt
from dialer.services.calls.call_events import record_fact
from dialer.services.calls.leadership import Leadership, acquire_lease
from dialer.services.calls.next_calls import LeadWork, PromiseWork, next_work
from dialer.services.calls.open_attempt import AttemptOrder, open_attempt
from dialer.services.campaigns.campaigns import CampaignCard, CampaignDraft, create_campaign, move_campaign
from dialer.services.customers.customers import CustomerRow, store_customers
from dialer.services.promises.promises import MadePromise, PromiseRequest, make_promise
from telephony.calls.events import Answered, Connected, Finished, Outcome
from telephony.numbers import fictional_numbers

#: a Monday in winter, 11:00 in London, where all fictional numbers live
MONDAY = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
PBX = "pbx"


def number(index: int) -> str:
    """A fictional London-clock number, always the same for the same place."""
    return fictional_numbers(1, start=index)[0].e164


@dataclass(slots=True)
class Centre:
    """A database with what most tests need; `now` is moved by the tests themselves."""

    database: Database
    now: datetime = MONDAY
    leadership_of_pbx: Leadership = field(init=False)

    def __post_init__(self) -> None:
        lead = acquire_lease(self.database, PBX, "engine-1", ttl_s=10**9)
        assert lead is not None
        self.leadership_of_pbx = lead

    def later(self, **span: float) -> datetime:
        """Let time pass."""
        self.now += timedelta(**span)
        return self.now

    def customers(self, count: int, *, start: int = 0, **values: Any) -> None:
        """Customers c0, c1, … with one number each."""
        rows = [
            CustomerRow(
                **{
                    "external_id": f"c{index}",
                    "name": f"Customer {index}",
                    "numbers": (number(index),),
                    "attributes": {"plan": "gold"},
                    **values,
                }
            )
            for index in range(start, start + count)
        ]
        store_customers(self.database, rows, self.now)

    def campaign(self, name: str = "winter", *, started: bool = True, **values: Any) -> CampaignCard:
        """A campaign with every customer on its list; nobody is held out."""
        draft = CampaignDraft(
            **{
                "name": name,
                "queue": "outbound",
                "trunk": "main",
                "caller_id": "+442079460999",
                "holdout_share": 0.0,
                "explore_share": 0.0,
                **values,
            }
        )
        card = create_campaign(self.database, draft, self.now)
        if started:
            card = move_campaign(self.database, name, CampaignEvent.START, self.now, "test")
        return card

    def promise(
        self,
        index: int = 900,
        *,
        call: str | None = None,
        joined: datetime | None = None,
        queue: str = "support",
    ) -> MadePromise:
        """An accepted promise to a caller."""
        request = PromiseRequest(
            e164=number(index),
            queue=queue,
            source_call=call or f"call-{index}",
            virtual_join=joined or self.now,
        )
        made = make_promise(self.database, request, self.now)
        assert isinstance(made, MadePromise), made
        return made

    def work(self, limit: int = 50) -> tuple[tuple[PromiseWork, ...], tuple[LeadWork, ...]]:
        """What is to be done at this moment."""
        return next_work(self.database, self.now, limit=limit)

    def open(self, work: LeadWork | PromiseWork | None = None, agent: str | None = "anna") -> AttemptOrder:
        """Open the attempt for this work, or for whatever comes first."""
        if work is None:
            promises, leads = self.work()
            work = [*promises, *leads][0]
        order = open_attempt(self.database, self.leadership_of_pbx, work, agent, self.now)
        assert isinstance(order, AttemptOrder), order
        return order

    def try_open(self, work: LeadWork | PromiseWork, agent: str | None = "anna") -> AttemptOrder | Refusal:
        """Open the attempt, or hear why not."""
        return open_attempt(self.database, self.leadership_of_pbx, work, agent, self.now)

    def dial(self, work: LeadWork | PromiseWork | None = None) -> AttemptOrder:
        """Open an attempt and let it through the compliance check."""
        order = self.open(work)
        permit = consume_attempt(self.database, order.attempt, self.now)
        assert isinstance(permit, DialPermit), permit
        return order

    def answer(self, order: AttemptOrder) -> None:
        """The customer picks up."""
        record_fact(self.database, Answered(attempt=order.attempt, at=self.now), self.now)

    def connect(self, order: AttemptOrder, agent: str = "anna") -> None:
        """The customer picks up and an agent is there."""
        self.answer(order)
        fact = Connected(attempt=order.attempt, at=self.now, agent=agent, waited_s=0.4)
        record_fact(self.database, fact, self.now)

    def finish(
        self, order: AttemptOrder, outcome: Outcome, talk_s: float = 0.0, *, cut_off: bool = False
    ) -> None:
        """The call is over; `cut_off`: by a line that failed."""
        causes = (38,) if cut_off else (16,)
        fact = Finished(
            attempt=order.attempt,
            at=self.now,
            outcome=outcome,
            talk_s=talk_s,
            causes=causes,
            cut_off=cut_off,
        )
        record_fact(self.database, fact, self.now)

    def talk(self, order: AttemptOrder, talk_s: float = 60.0, *, cut_off: bool = False) -> None:
        """A whole conversation; `cut_off`: until a line failed."""
        self.connect(order)
        self.later(seconds=talk_s)
        self.finish(order, Outcome.CONNECTED, talk_s, cut_off=cut_off)


def attempt_of(centre: Centre, order: AttemptOrder) -> Attempt:
    """The attempt's row as it stands."""
    with centre.database.read() as tx:
        return tx.get_one(Attempt, order.attempt)


def lead_of(centre: Centre, order: AttemptOrder | LeadWork) -> Lead:
    """The row of the lead that the order or the work is for."""
    with centre.database.read() as tx:
        return tx.get_one(Lead, order.lead)
