"""What people and programs may send about offers, bounded; one model for the form and the API alike."""

from datetime import date
from typing import Annotated, Final

from pydantic import Field

from dialer.core.retention.allowance import OfferTerms
from dialer.core.retention.contact_reason import ContactReason
from dialer.services.retention.offer_list import OfferDraft
from dialer.web.person_inputs import CallInput
from dialer.web.schemas import Blank, Input, Money, Printable, Words

#: more than anybody gives in a day, and a number that every database holds
MOST: Final = 100_000
Count = Annotated[int, Field(ge=0, le=MOST)]
Limit = Annotated[Count | None, Blank, Field(description="none: without a limit")]


class OfferFields(Input):
    """An offer as a manager writes it."""

    name: Annotated[Words, Field(max_length=60)]
    words: Annotated[Printable, Field(max_length=1000, description="to say to the customer")] = ""
    cost: Annotated[Money, Field(description="of one that is taken")] = 0.0
    margin: Annotated[
        Money | None, Blank, Field(description="a customer who takes it still brings a year")
    ] = None
    per_customer: Limit = None
    per_agent: Limit = None
    per_team: Limit = None
    per_day: Limit = None
    valid_from: Annotated[date | None, Blank] = None
    valid_until: Annotated[date | None, Blank, Field(description="the last day")] = None
    campaigns: tuple[Annotated[int, Field(ge=1, le=2**31 - 1)], ...] = ()

    def draft(self) -> OfferDraft:
        """The same as the service takes it."""
        return OfferDraft(
            name=self.name,
            words=self.words,
            cost=self.cost,
            margin=self.margin,
            terms=OfferTerms(
                per_customer=self.per_customer,
                per_agent=self.per_agent,
                per_team=self.per_team,
                per_day=self.per_day,
                valid_from=self.valid_from,
                valid_until=self.valid_until,
                campaigns=frozenset(self.campaigns),
            ),
        )


class GiveInput(CallInput):
    """Which offer an agent gives in which call, and why."""

    offer: Annotated[int, Field(ge=1, le=2**31 - 1)]
    reason: ContactReason


class WithdrawInput(Input):
    """Which given offer an agent takes off the call again."""

    given: Annotated[int, Field(ge=1, le=2**31 - 1)]


class DecideInput(WithdrawInput):
    """A supervisor's word on a request."""

    allow: bool


class ClosedInput(Input):
    """Whether agents see an offer no more."""

    closed: bool
