"""What comes in about a campaign's terms, and about whom to list again."""

import re
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from dialer.core.calling.call_order import CalledFirst
from dialer.core.calling.disposition import Disposition
from dialer.web.schemas import (
    Blank,
    CallerId,
    ColumnName,
    Day,
    FilterInput,
    Input,
    Line,
    ListFilterInput,
    PbxName,
    Printable,
    Words,
    no_truth,
)

MOST_CALLER_IDS: Final = 50  # numbers of one pool; each wants somebody who answers it
#: what may have come of calls whose customers are listed again
RecycledWord = Literal[
    Disposition.OFFER_MADE, Disposition.LOST, Disposition.CUT_OFF, Disposition.CALL_AGAIN, Disposition.SERVED
]


def _each_number(given: object) -> object:
    """A form's one field holds the numbers of a pool between commas or blanks."""
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        return given
    return [number for each in given for number in re.split(r"[\s,;]+", each) if number]


class CampaignTermsInput(Input):
    """What of a campaign can be changed later: its words, its numbers, its hours, how it is dialled."""

    name: Annotated[Words, Field(max_length=120)]
    trunk: Annotated[PbxName | None, Blank] = None
    caller_id: Annotated[CallerId | None, Blank] = None
    caller_ids: Annotated[list[CallerId], BeforeValidator(_each_number)] = Field(
        default_factory=list,
        max_length=MOST_CALLER_IDS,
        description="a pool, of which each customer always sees one",
    )
    local_presence: Annotated[
        bool, Field(description="of the pool the number that begins most like the customer's own")
    ] = False
    script: Annotated[Printable, Field(max_length=4000)] = ""
    offer: Annotated[Printable, Field(max_length=1000)] = ""
    mode: Literal["preview", "progressive", "predictive", "reserved"] = "progressive"
    abandon_target: Annotated[float, Field(ge=0, le=0.03)] = 0.025
    max_attempts: Annotated[int, Field(ge=1, le=20)] = 3
    ring_s: Annotated[int, Field(ge=15, le=120)] = 30
    hours: Annotated[
        Line, Field(max_length=400, description="Mon-Fri 09:00-20:00, Sat 10:00-16:00; empty: at any hour")
    ] = ""
    starts_on: Annotated[Day | None, Blank] = None
    ends_on: Annotated[Day | None, Blank] = None
    call_order: Annotated[CalledFirst, Field(description="whom of the list it calls first")] = (
        CalledFirst.GAIN
    )
    order_column: Annotated[
        ColumnName | None, Blank, Field(description="by_day: the column whose days it goes by")
    ] = None
    share: Annotated[
        Annotated[float, Field(gt=0, le=100)] | None,
        BeforeValidator(no_truth),
        Blank,
        Field(description="of the customers its team reaches; without: by pacing.shares, or 1"),
    ] = None


class CampaignInput(CampaignTermsInput, FilterInput):
    """A campaign to be: its reason, its words, its rules, and who is on its list."""

    purpose: Literal["marketing", "service"] = "marketing"
    team: Annotated[PbxName | None, Blank, Field(description="whose agents call; without: everybody")] = None
    queue: Annotated[PbxName | None, Blank] = None


class CampaignForm(CampaignInput):
    """The same from the page, which can keep the list by a name too."""

    save_as: Annotated[Words | None, Blank, Field(max_length=120)] = None
    replace: bool = False


class SavedListInput(ListFilterInput):
    """A list to be kept by its name; `replace`: in place of the one there is."""

    name: Annotated[Words, Field(max_length=120)]
    replace: bool = False


class KeptListForm(ListFilterInput):
    """A campaign's form of which only the list is kept; the rest of it goes on being written."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    save_as: Annotated[Words, Field(max_length=120)]
    replace: bool = False


class CampaignTermsForm(CampaignTermsInput):
    """The same from the page, which says first what it means."""

    sure: bool = False


class RecyclingInput(Input):
    """Whom to put on a list again, and after how many days without a call of this campaign."""

    words: list[RecycledWord] = Field(default_factory=list)
    unreached: Annotated[bool, Field(description="also those at whom every attempt was made in vain")] = False
    days: Annotated[int, Field(ge=1, le=730)] = 30


class RecyclingForm(RecyclingInput):
    """The same from the page, which says first how many that are."""

    sure: bool = False
