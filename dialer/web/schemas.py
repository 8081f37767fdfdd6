"""What people and programs may send, bounded; one model for the form and the API alike.

Unknown fields are refused, text has a length and no control characters, and a number has a range.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
)
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import CoreSchema, no_info_before_validator_function

from callbacks.refusals import Refusal, Rule
from dialer.core.calling.campaign import CampaignEvent
from dialer.import_settings import SOURCE_NAME
from dialer.services.customers.person_rights import ErasureGround
from dialer.web.errors import RequestError, refuse
from telephony.asterisk.config.chanspy import ListenMode
from telephony.numbers import E164, NumberError

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _strip(value: object) -> object:
    """A space before or after what was meant is a slip of the thumb."""
    return value.strip() if isinstance(value, str) else value


def no_truth(value: object) -> object:
    """Refuse what Python would take for 0 or 1, and JSON Schema for no number at all."""
    if isinstance(value, bool):
        raise PydanticCustomError("number", "Input should be a number")
    return value


def written_day(value: object) -> object:
    """Refuse a number, which Python would take for seconds since 1970."""
    if isinstance(value, date) or (isinstance(value, str) and DAY.fullmatch(value)):
        return value
    raise PydanticCustomError("day", "Input should be a day, as 2026-11-28")


def _blank_is_none(value: object) -> object:
    """An empty form field says nothing."""
    return None if isinstance(value, str) and not value.strip() else value


class _Blank:
    """Reads an empty field as none, and says in the API's description that it may be empty."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_before_validator_function(_blank_is_none, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        described = handler(core)
        return {**described, "anyOf": [*described["anyOf"], {"type": "string", "pattern": r"^\s*$"}]}


Strip = BeforeValidator(_strip)
# No control characters: PostgreSQL refuses NUL, and a note needs no escape sequences. They stand in a
# pattern, so that the API's description tells them too. A text area may send tabs and line ends.
Printable = Annotated[str, Field(pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"), Strip]
Line = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]*$"), Strip]
# something that is not only blanks; U+0085 is one to Python, and none to those who read the API's description
Words = Annotated[
    str, Field(pattern=r"^[^\s\x00-\x1f\x7f\x85]([^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f\x85])?$"), Strip
]
Blank = _Blank()
# as long as its column: String(43) and the pattern that the dialplan accepts
AttemptId = Annotated[str, StringConstraints(pattern=r"^wb-[0-9a-z]{8,40}$")]
# of a live caller's channel, as Asterisk makes them: a system's name, seconds and a number
ChannelId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,149}$")]
# ids as sites have them, of any script (`Zoë`); of ASCII only what they may hold
AgentId = Annotated[
    str,
    StringConstraints(pattern=r"^[^\x00-/:-@\[-`{-\x7f][^\x00-\x1f!-&(-*,:-?\[-^`{-\x7f]*$", max_length=60),
]
Number = Annotated[str, Field(pattern=r"^\+?[0-9 ()./-]{3,30}$"), Strip]
Day = Annotated[date, BeforeValidator(written_day)]
Share = Annotated[float, Field(ge=0, le=1), BeforeValidator(no_truth)]
HeldOut = Annotated[float, Field(ge=0, le=0.9), BeforeValidator(no_truth)]
Money = Annotated[float, Field(ge=-1e9, le=1e9), BeforeValidator(no_truth)]
# a quote or a backslash would end the name inside a JSON path
ColumnName = Annotated[str, Field(max_length=120, pattern=r'^[^"\\\x00-\x1f\x7f]+$'), Strip]
ColumnValue = Annotated[Line, Field(max_length=200)]
# a PBX by its `pbx.name`, which is the site's own word
NamedPbx = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]+$", max_length=60)]
PbxName = Annotated[str, Field(max_length=60, pattern=r"^[A-Za-z0-9_-]+$")]
CallerId = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$")]
SourceNamed = Annotated[str, Field(pattern=SOURCE_NAME), Strip]
WORD_ID: Final = r"^[a-z0-9][a-z0-9_-]{0,39}$"  # as the organisation's file has them
YEARS: Final = (2000, 2200)  # outside of these a moment is a slip of the pen, and arithmetic on it overflows


def _each_line(given: object) -> object:
    """A form's one field holds a condition a line."""
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        return given
    return [line for each in given for line in each.splitlines() if line.strip()]


class Input(BaseModel):
    """Whatever comes in: only the fields that are named."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DispositionFields(Input):
    """What the agent says came of a call."""

    disposition: Annotated[
        str,
        Field(pattern=WORD_ID),
        Field(description="one of the house's words by its id, or a meaning: its first word in use"),
    ]
    note: Annotated[Printable, Field(max_length=2000)] = ""
    call_again_at: Annotated[
        datetime | None,
        Blank,
        Field(description="without an offset: on the customer's own clock"),
    ] = None


class DispositionInput(DispositionFields):
    """The same over the API, which names the agent."""

    agent: AgentId


class DispositionForm(DispositionFields):
    """The same from the agent's own page: it names the call, since a new one may have come meanwhile."""

    attempt: AttemptId


class LiveDispositionInput(DispositionFields):
    """The same over the API, which names the agent."""

    agent: AgentId


class LiveDispositionForm(DispositionFields):
    """The same from the agent's own page; the call is in the field in which all forms of a word have it."""

    attempt: ChannelId


class DraftForm(Input):
    """What an agent has typed about a talk and not sent: kept as it is, understood later."""

    attempt: AttemptId
    note: Annotated[Printable, Field(max_length=2000)] = ""
    call_again_at: Annotated[str, Field(pattern=r"^[0-9T:-]{0,32}$")] = ""


class LiveDraftForm(DraftForm):
    """The same of a live caller's call."""

    attempt: ChannelId


class LiveUndoForm(Input):
    """An agent takes back what they said of a live caller's call."""

    attempt: ChannelId


class LookForForm(Input):
    """Who a live caller may be, in the agent's words: a name, a number, or the company's own id."""

    attempt: ChannelId
    who: Annotated[Line, Field(max_length=120)] = ""


class LinkFields(Input):
    """Which customer a live caller is; none: the link was a slip, and is taken off."""

    customer: Annotated[int | None, Field(ge=1, le=2**31 - 1), Blank] = None


class LinkInput(LinkFields):
    """The same over the API, which names the agent."""

    agent: AgentId


class LinkForm(LinkFields):
    """The same from the agent's own page."""

    attempt: ChannelId


class UndoForm(Input):
    """An agent takes back what they said of a call."""

    attempt: AttemptId


class ClosingInput(Input):
    """An agent says that the talk, or the wrap-up after it, is about to end."""

    agent: AgentId


class ClosingForm(Input):
    """The same from the agent's own page."""

    attempt: AttemptId


class WishInput(Input):
    """An agent wants to go on, to have longer for the wrap-up, or to log in."""

    wish: Literal["resume", "longer", "log_in"]


class LeaveInput(Input):
    """An agent plans a pause or the end of work, or stays after all."""

    kind: Literal["pause", "log_out", "stay"]
    reason: Annotated[Line, Field(max_length=40, description="one of the centre's `pause_reasons`")] = ""
    at: Annotated[
        time | None,
        Blank,
        Field(description="the next such hour on the centre's clock; none: as soon as no customer is there"),
    ] = None


class FloorQuery(Input):
    """Which agents the floor shows: those with this in their name, of this team."""

    who: Annotated[Line, Field(max_length=60)] = ""
    team: Annotated[str | None, Field(max_length=60), Blank] = None


class DirectionInput(Input):
    """What a supervisor decides about an agent or tells them, and why: audited, and said to the agent."""

    act: Literal["pause", "resume", "log_out", "tell"]
    why: Annotated[Words, Field(min_length=3, max_length=120)]
    reason: Annotated[Line, Field(max_length=40, description="of a pause: one of `pause_reasons`")] = ""


class ListenInput(Input):
    """How a supervisor wants to be on an agent's call; `phone`, where nobody logs in: as which agent."""

    mode: ListenMode
    phone: Annotated[AgentId | None, Blank] = None


class PreviewInput(Input):
    """What an agent does about the customer they read about; it names the lead, since it may be another."""

    lead: Annotated[int, Field(ge=1, le=2**31 - 1)]
    act: Literal["call", "skip"]
    reason: Annotated[Line, Field(max_length=60)] = ""


class ScoreFilterInput(Input):
    """Who is on a list by their score, most expected gain first."""

    min_risk: Annotated[Share | None, Blank] = None
    min_gain: Annotated[Money | None, Blank] = None
    top: Annotated[int, Field(ge=1, le=1_000_000)] = 500


class ListFilterInput(ScoreFilterInput):
    """Who is on a list: a filter over scores and the customers' own columns."""

    attribute: Annotated[ColumnName | None, Blank] = None
    equals: Annotated[ColumnValue | None, Blank] = None
    where: Annotated[
        list[Annotated[Line, Field(max_length=400)]],
        BeforeValidator(_each_line),
        Field(
            max_length=20,
            description="conditions such as monthly_charge >= 60, contract = A | B, ends in next 60 days, "
            "@last_contact not in last 30 days",
        ),
    ] = []
    any_of: Annotated[bool, Field(description="one of these conditions is enough")] = False
    with_left: Annotated[bool, Field(description="also customers who are known to have left")] = False
    not_on: Annotated[
        list[Annotated[int, Field(ge=1, le=2**31 - 1)]],
        Field(max_length=50, description="campaigns on whose lists nobody of this one may be"),
    ] = []


class FilterInput(ListFilterInput):
    """The same, and what of it is left to chance."""

    holdout_share: HeldOut | None = None  # without: by the settings, as is the next
    explore_share: Share | None = None


class PrefilledInput(ScoreFilterInput):
    """What a plan settled, for the form of a new campaign."""

    max_attempts: Annotated[int, Field(ge=1, le=20)] = 3
    like: Annotated[int | None, Field(ge=1, le=2**31 - 1, description="the campaign to copy"), Blank] = None
    list: Annotated[int | None, Field(ge=1, le=2**31 - 1, description="the saved list to use"), Blank] = None
    told: Annotated[str, Field(max_length=20, description="see `dialer.web.flash`")] = ""


class PlanInput(ScoreFilterInput):
    """A list that is thought about, and the hours there are to call it."""

    agents: Annotated[float, Field(ge=0.5, le=1000)] = 8
    hours: Annotated[float, Field(ge=0.5, le=1000, description="of each agent, over the campaign")] = 6
    attempts: Annotated[int, Field(ge=1, le=20, description="at one customer")] = 3


class StaffingInput(Input):
    """A coming day of the inbound queue, and how soon people are to be served on it."""

    day: Annotated[date | None, Blank] = None
    within_min: Annotated[float, Field(ge=0, le=120, description="served within, minutes")] = 5.0
    share: Annotated[float, Field(ge=0.5, le=0.99, description="of callers and promises")] = 0.8


class CampaignEventInput(Input):
    """Start, pause, finish or reopen."""

    event: Literal[CampaignEvent.START, CampaignEvent.PAUSE, CampaignEvent.FINISH, CampaignEvent.REOPEN]


class CampaignMoveForm(CampaignEventInput):
    """The same from the pages, which ask before a campaign is finished."""

    sure: bool = False


class CancelInput(Input):
    """Why a promise is cancelled; the reason stays on record."""

    reason: Annotated[Words, Field(min_length=3, max_length=80)]


class AssignInput(Input):
    """The agent who is to call, or nothing for whoever is free."""

    agent: Annotated[AgentId | None, Blank] = None


class HeldInput(Input):
    """What is to become of the promises that an outage made overdue."""

    decision: Literal["ring", "close"]


class FollowUpInput(Input):
    """What was done about a promise that could not be kept."""

    note: Annotated[Words, Field(min_length=3, max_length=200)]


class BlockInput(Input):
    """Why a number is not called back, or is again; the reason stays on record."""

    reason: Annotated[Words, Field(min_length=3, max_length=200)]


class RectifyInput(Input):
    """What is right about a customer; a field that is not sent, or empty numbers, stay as they are."""

    name: Annotated[Line, Field(max_length=200)] | None = None
    zone: Annotated[Line, Field(max_length=64)] | None = None
    language: Annotated[Line, Field(max_length=8)] | None = None
    numbers: Annotated[
        Printable, Field(max_length=200, description="in order, with commas or line ends between")
    ] = ""
    reason: Annotated[Words, Field(min_length=3, max_length=200)]


class EraseInput(Input):
    """Why a customer is erased, and once more who."""

    ground: ErasureGround
    confirm: Annotated[Line, Field(max_length=120, description="the company's own id of the customer, again")]


class DoNotCallInput(Input):
    """A number nobody may ring for marketing."""

    number: Number
    reason: Annotated[Words, Field(min_length=3, max_length=200)]


class RemoveInput(Input):
    """A number to take off the do-not-call list."""

    number: Number


class MomentInput(Input):
    """The moment at which the rules are asked."""

    at: Annotated[
        datetime | None, Blank, Field(description="without an offset: on the centre's clock; none: now")
    ] = None


class ExplainInput(MomentInput):
    """Of whom the rules are asked, for which campaign, and when."""

    person: Annotated[Words, Field(max_length=120, description="a number, or the company's own id")]
    campaign: Annotated[ColumnValue | None, Blank, Field(description="by name or number; none: all")] = None


class WhoInput(Input):
    """A customer looked for, by number or by the company's own id."""

    who: Annotated[Words, Field(max_length=120)]


def on_customers_clock(at: datetime | None, zones: Sequence[str]) -> datetime | None:
    """The moment meant: as it stands with an offset, else on the clock of the first zone, UTC without one.

    Raises `RequestError` for a moment that this clock skips or that no calendar of calls holds.
    """
    if at is None:
        return None
    if not YEARS[0] <= at.year < YEARS[1]:
        raise RequestError("time.not-on-the-clock", "That year is not one to call in.")
    if at.tzinfo is not None:
        return at.astimezone(UTC)
    clock = ZoneInfo(zones[0]) if zones else UTC
    meant = at.replace(tzinfo=clock).astimezone(UTC)
    # an hour that spring skips does not come back the same from UTC
    if meant.astimezone(clock).replace(tzinfo=None) != at:
        raise RequestError("time.not-on-the-clock", "The clocks skip that moment where the customer is.")
    return meant


def as_e164(text: str, region: str) -> str:
    """The number in E.164 with its plus; raises `RequestError` where it is none."""
    try:
        return E164.parse(text, region=region).e164
    except NumberError as error:
        raise refuse(Refusal(rule=Rule(error.rule))) from None
