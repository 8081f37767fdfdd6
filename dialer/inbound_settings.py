"""The settings of single inbound queues: whom each offers a call back, and how it is kept."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from callbacks.offer_policy import FirstLeg, OfferBy


class InboundSettings(BaseModel):
    """How one inbound queue offers calls back, and keeps them; what is unset is as in `callbacks`."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    queue: str | None = Field(
        None, description="the queue's name, another for each table; unset: the one of `queues.inbound`"
    )
    team: str | None = Field(
        None, description="the team that answers it; unset: everybody, and for the first queues.team"
    )
    pbx: str | None = Field(
        None, description="the PBX, by its `pbx.name`, that callers reach it on; unset: each"
    )
    hours: str | None = Field(
        None, description="when it is answered, written as queues.hours; unset: queues.hours"
    )
    holidays: list[date] = Field(
        [], description="days on which nobody answers it, besides those of queues.holidays"
    )
    offer: OfferBy = Field(
        OfferBy.KEY,
        description="`key`: by key while waiting; `default`: from default_from_s on a call is booked for "
        "whoever does not press 2 to stay; `never`",
    )
    short_wait_s: float | None = Field(
        None,
        ge=0,
        description="staying is quicker below this median wait; unset: callbacks.short_wait_s, seconds",
    )
    tell_from_s: int | None = Field(
        None,
        ge=0,
        description="a wait that may be so long is told first; unset: callbacks.tell_from_s",
    )
    default_from_s: int = Field(
        600, ge=60, description='with offer = "default": from this median wait on, seconds'
    )
    first_offer_s: int | None = Field(
        None,
        ge=1,
        description="when callers first hear of the key, from Asterisk 18 on, seconds; unset: as often",
    )
    offer_every_s: int = Field(30, ge=5, description="how often callers hear of the key, seconds")
    language: str = Field(
        "",
        pattern=r"^([A-Za-z]{2,3}([_-][A-Za-z0-9]{1,10}){0,2})?$",
        description="folder of sounds its callers hear; unset: as the trunk or menu before it says",
    )
    return_call: FirstLeg = Field(
        FirstLeg.CUSTOMER,
        description="`customer-first`, or `agent-first`: an agent hears who and why, and then it rings",
    )
    choose_time: bool = Field(
        False, description="callers may choose a time instead of their turn, among free hours read out"
    )
    record_reason: bool = Field(
        False, description="callers may say their name and reason once a call is promised, after a consent"
    )
