"""What a centre consists of, entry by entry: a file, a page, the API and the database hold the same ones.

Each kind is a tuple of entries with an `id` of its own. An entry that is left out of a kind is removed; a
kind that is left out of a file stays as it is.
"""

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, field_validator

from dialer.core.calling.disposition import Disposition
from dialer.core.compliance.windows import is_zone, read_hours
from dialer.pbx_settings import as_composed
from dialer.settings import E164_SHAPE, OWN_PAUSES, PAUSE_REASON

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
SiteId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
#: as `AgentLine` takes them; what Asterisk has no letters for is mapped there. The length is said beside the
#: pattern: letters of every script forty times over are 200 kB of each field's compiled pattern
AgentId = Annotated[
    str,
    StringConstraints(pattern=r"^[^\W_][\w.\u2019'-]*$", max_length=40),
    AfterValidator(as_composed),
]
OneLine = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$", max_length=120)]
Device = Annotated[str, StringConstraints(pattern=r"^web$|^[A-Za-z0-9]{2,20}/[A-Za-z0-9_@./-]{1,95}$")]
Language = Literal["", "en", "sv", "nb", "da", "fi", "de"]
Weight = Annotated[float, Field(gt=0, le=1000)]

USUAL_WEIGHT: Final = 1.0
MOST_STORED: Final = 2**31 - 1  # the largest whole number that a column of PostgreSQL's holds


class CentrePart(BaseModel):
    """One thing the centre has; never changed, only replaced. What was given is in no message."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class NamedPart(CentrePart):
    """One of several of its kind, by an id that no other has."""

    id: str


class StaffAgent(NamedPart):
    """An agent and the phone that reaches them; see `agents` in docs/settings.md."""

    id: AgentId
    name: OneLine = ""
    phone: Device | None = None
    headset: Device | None = None
    hint: OneLine | None = None
    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,8}$")] | None = None
    language: Language = ""
    pbx: SiteId | None = None
    skills: tuple[Slug, ...] = ()

    @property
    def called(self) -> str:
        """What people call them."""
        return self.name or self.id


class StaffTeam(NamedPart):
    """Agents who take the same calls. `queue`: its outbound queue; unset: named by its id.

    `weights` divide the time of agents who are in several teams, 1 where none is said.
    """

    id: Slug
    name: OneLine = ""
    queue: SiteId | None = None
    agents: tuple[AgentId, ...] = ()
    weights: dict[AgentId, Weight] = Field(
        default_factory=dict, json_schema_extra={"additionalProperties": False}
    )

    @field_validator("agents")
    @classmethod
    def _in_order(cls, agents: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(set(agents)))

    @field_validator("weights")
    @classmethod
    def _only_said(cls, weights: dict[str, float]) -> dict[str, float]:
        return {agent: weights[agent] for agent in sorted(weights) if weights[agent] != USUAL_WEIGHT}

    def weight_of(self, agent: str) -> float:
        """How much of this agent's time is this team's, beside what other teams ask for."""
        return self.weights.get(agent, USUAL_WEIGHT)


class CallerQueue(NamedPart):
    """A queue that callers ring in to; `team`: who answers them, unset: everybody.

    `hours` are its own in the place of the centre's; `holidays` are closed beside the centre's. `pbx`: where
    callers reach it, unset: on each.
    """

    id: SiteId
    team: Slug | None = None
    pbx: SiteId | None = None
    hours: Annotated[str, Field(max_length=400)] | None = None
    holidays: tuple[date, ...] = ()
    adopt: bool = False
    music: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,60}$")] | None = None
    announce_every_s: int = Field(0, ge=0, le=MOST_STORED)

    @field_validator("hours")
    @classmethod
    def _read(cls, hours: str | None) -> str | None:
        if hours is not None and not read_hours(hours):
            raise ValueError("no hours: leave them out to have the centre's")
        return hours

    @field_validator("holidays")
    @classmethod
    def _once_each(cls, holidays: tuple[date, ...]) -> tuple[date, ...]:
        return tuple(sorted(set(holidays)))


class PauseReason(NamedPart):
    """What agents may pause for."""

    id: str

    @field_validator("id")
    @classmethod
    def _readable(cls, reason: str) -> str:
        if not PAUSE_REASON.fullmatch(reason) or reason in OWN_PAUSES:
            raise ValueError("no reason to pause: letters, digits and blanks, at most 40")
        return reason


class DispositionWord(NamedPart):
    """The house's own word for what came of a call, and what it means to Winback."""

    id: Slug
    label: OneLine
    meaning: Disposition
    used: bool = True  # a word that is used no more still names the calls of before


class TrunkLine(NamedPart):
    """A way out of the PBX; see `trunks` in docs/settings.md."""

    id: SiteId
    dial: str = "PJSIP/{number}@main"
    channels: int = Field(30, ge=1, le=MOST_STORED)
    calls_per_second: float = Field(5.0, gt=0)
    pbx: SiteId | None = None


class NumberShown(NamedPart):
    """A number that customers see; `team`: whose campaigns show it, unset: anybody's. The first is usual."""

    id: str
    name: OneLine = ""
    team: Slug | None = None

    @field_validator("id")
    @classmethod
    def _a_number(cls, number: str) -> str:
        if not E164_SHAPE.fullmatch(number):
            raise ValueError("not a number in E.164; write it like +442079460001")
        return number


class Centre(CentrePart):
    """What is one for the whole house: the queue of calls that are no team's, hours and holidays."""

    outbound_queue: SiteId = "outbound"
    hours: str = Field("Mon-Sun 00:00-24:00", max_length=400)
    zone: str = "UTC"
    holidays: tuple[date, ...] = ()

    @field_validator("hours")
    @classmethod
    def _read(cls, hours: str) -> str:
        read_hours(hours)
        return hours

    @field_validator("zone")
    @classmethod
    def _a_zone(cls, zone: str) -> str:
        if not is_zone(zone):
            raise ValueError("no time zone: write an IANA name, e.g. Europe/Oslo")
        return zone

    @field_validator("holidays")
    @classmethod
    def _once_each(cls, holidays: tuple[date, ...]) -> tuple[date, ...]:
        return tuple(sorted(set(holidays)))


class Organisation(CentrePart):
    """The whole, as it is at one moment."""

    centre: Centre = Centre()
    agents: tuple[StaffAgent, ...] = ()
    teams: tuple[StaffTeam, ...] = ()
    inbound_queues: tuple[CallerQueue, ...] = ()
    pause_reasons: tuple[PauseReason, ...] = ()
    dispositions: tuple[DispositionWord, ...] = ()
    trunks: tuple[TrunkLine, ...] = ()
    numbers: tuple[NumberShown, ...] = ()

    def team(self, team: str | None) -> StaffTeam | None:
        """The team of this id; None for the whole house, or where there is none of it."""
        return next((each for each in self.teams if each.id == team), None)

    def teams_of(self, agent: str) -> tuple[StaffTeam, ...]:
        """The teams that this agent is in."""
        return tuple(team for team in self.teams if agent in team.agents)

    def words(self) -> tuple[DispositionWord, ...]:
        """The words agents may choose from."""
        return tuple(word for word in self.dispositions if word.used)


#: the kinds that are tuples of entries, and what one of each is called in a sentence
KINDS: Final = {
    "agents": "agent",
    "teams": "team",
    "inbound_queues": "inbound queue",
    "pause_reasons": "pause reason",
    "dispositions": "disposition",
    "trunks": "trunk",
    "numbers": "number shown",
}
#: kinds whose order says something: what is offered first, or is taken where nothing is named
ORDERED: Final = frozenset({"inbound_queues", "pause_reasons", "dispositions", "trunks", "numbers"})
