"""The settings of the PBX and of whom it rings: links, trunks, agents, queues and sounds."""

import re
import unicodedata
from datetime import date
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    field_validator,
    model_validator,
)

from callbacks.offer_policy import OfferBy
from dialer.inbound_settings import InboundSettings
from telephony.asterisk.config.model import MOST_AGI
from telephony.asterisk.config.names import DEFAULT_PREFIX, PREFIX_SHAPE, Names

Language = Literal["en", "sv", "nb", "da", "fi", "de"]
ADDRESS: Final = re.compile(
    r"(?:[A-Za-z0-9.-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\]):(?P<port>[0-9]{1,5})", re.ASCII
)
IN_PAGE: Final = "web"  # named as an agent's phone: their page is it
MAX_PORT: Final = 65535
SoundLanguage = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}([_-][A-Za-z0-9]{1,10}){0,2}$")]
SoundName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_/-]{1,120}$")]


def as_composed(agent: str) -> str:
    """An agent's id in one of the ways in which a letter with its mark can be written."""
    return unicodedata.normalize("NFC", agent)


class Table(BaseModel):
    """A table of settings: no other keys, and what was given is in no message, since it may be a secret."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class PbxSettings(Table):
    """Where the Asterisk is and how Winback logs in to its manager interface."""

    name: str = Field("pbx", description="one engine leads each PBX; the name keeps them apart")
    host: str | None = Field(None, description="address of Asterisk's manager interface; unset: no PBX")
    port: int = Field(5038, ge=1, le=65535, description="port of the manager interface")
    prefix: str = Field(
        DEFAULT_PREFIX,
        pattern=f"^{PREFIX_SHAPE}$",
        description="what everything rendered into Asterisk is called by: letters, digits and hyphens; "
        "one of its own for each Winback on the same Asterisk",
    )
    username: str = Field(
        "", description="manager user, as rendered by `winback asterisk render`; unset: the prefix"
    )
    code_stem: str = Field(
        "*5",
        pattern=r"^[*#0-9]{1,6}$",
        description="what the agents' feature codes begin with; 1 to 4 and the agent's code follow",
    )
    secret: SecretStr | None = Field(None, description="the manager user's secret, 8 characters or more")
    tls: bool = Field(False, description="speak TLS to the manager interface")
    tls_ca: Path | None = Field(
        None,
        description="file of the authority that signed Asterisk's certificate; unset: those trusted here",
    )
    challenge: bool = Field(True, description="log in by MD5 challenge, so the secret never travels")
    action_timeout_s: float = Field(5.0, gt=0, description="deadline for an answer to any action, seconds")
    lease_s: float = Field(
        10.0, ge=1, description="after an engine has died, another leads this much later, seconds"
    )
    folder: Path = Field(
        Path("/etc/asterisk"),
        description="Asterisk's configuration; on this machine doctor looks there for music and prompts",
    )
    version: Literal[16, 18, 20, 22] = Field(22, description="Asterisk's major version")
    permit: list[str] = Field(
        ["127.0.0.1/32"],
        min_length=1,
        description="networks from which the rendered manager user may log in: every engine's machine",
    )
    freepbx: bool = Field(
        default=False,
        description="a FreePBX: only `_custom` files are written, and calls go out through from-internal",
    )
    enable_ami: bool = Field(
        default=False,
        description="render what switches the manager interface on; off: manager.conf's [general] decides",
    )

    @property
    def names(self) -> Names:
        """What everything of ours is called on it."""
        return Names(self.prefix, freepbx=self.freepbx)

    @property
    def user(self) -> str:
        """The manager user's name."""
        return self.username or self.prefix

    @field_validator("permit")
    @classmethod
    def _networks(cls, permit: list[str]) -> list[str]:
        return [str(ip_network(network)) for network in permit]


class AgiSettings(Table):
    """Where Winback's FastAGI server listens: the dial permit and the callback dialogue."""

    host: str = Field("127.0.0.1", description="address to listen on; Asterisk must reach it")
    port: int = Field(4573, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    advertised_host: str | None = Field(None, description="address Asterisk is told; unset: the one above")
    addresses: list[str] = Field(
        [],
        max_length=MOST_AGI,
        description="host:port of every engine of this PBX, in the order in which the dialplan asks them; "
        "unset: this engine's alone",
    )

    allowed: list[IPv4Network | IPv6Network] = Field(
        [],
        description="networks the dialplan may ask from, e.g. 10.0.0.0/24; unset: this machine and pbx.host",
    )

    @field_validator("addresses")
    @classmethod
    def _readable_addresses(cls, addresses: list[str]) -> list[str]:
        for address in addresses:
            found = ADDRESS.fullmatch(address)
            if found is None or not 0 < int(found["port"]) <= MAX_PORT:
                raise ValueError(f"not host:port: {address!r}; write 10.1.2.3:4573 or [2001:db8::1]:4573")
        if len(set(addresses)) != len(addresses):
            raise ValueError("every address is there only once")
        return addresses

    def own(self) -> tuple[str, int]:
        """Where this engine is asked."""
        return self.advertised_host or self.host, self.port

    def asked(self) -> tuple[tuple[str, int], ...]:
        """Where the dialplan asks, one after the other."""
        found = [address.rpartition(":") for address in self.addresses]
        return tuple((host, int(port)) for host, _, port in found) or (self.own(),)


class TrunkSettings(Table):
    """One way out of the PBX."""

    name: str = Field("main", description="the trunk's name, as campaigns and the dialplan use it")
    dial: str = Field("PJSIP/{number}@main", description="dial string; {number} is digits without +")
    channels: int = Field(30, ge=1, description="calls at once")
    calls_per_second: float = Field(5.0, gt=0, description="new calls a second")
    pbx: str | None = Field(None, description="the PBX, by its `pbx.name`, that it leads out of; unset: each")


class AgentSettings(Table):
    """One agent on the PBX."""

    id: Annotated[str, AfterValidator(as_composed)] = Field(
        description="who the agent is everywhere: 1 to 40 letters and digits of any script, dots, hyphens, "
        "underscores, apostrophes; Asterisk is given a name that stands for what it has no letters for"
    )
    name: str = Field("", description="the agent's name on the pages")
    phone: str | None = Field(
        None,
        description="device that rings, e.g. PJSIP/101, or web: the agent's page; unset: standing connection",
    )
    headset: str | None = Field(
        None,
        description="phone rung once to set up the standing connection, or web: the agent's page; "
        "unset: the agent dials *51",
    )
    hint: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9_*#-]{1,40}@[A-Za-z0-9_-]{1,80}$",
        description="hint that tells whether the phone is free, e.g. 102@ext-local; unset: the phone itself",
    )
    code: str | None = Field(None, description="digits dialled after a feature code to log in or pause")
    language: Language | Literal[""] = Field(
        "", description="of the reasons on the agent's page; unset: the page's"
    )
    pbx: str | None = Field(None, description="the PBX, by its `pbx.name`, that reaches them; unset: any")

    @property
    def in_page(self) -> bool:
        """Whether the agent's page is their phone, or their headset."""
        return IN_PAGE in {self.phone, self.headset}


class TeamSettings(Table):
    """Agents who take the same calls, from an outbound queue of their own."""

    id: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$", description="short name: letters a to z, digits, - and _"
    )
    name: str = Field("", description="the team's name on the pages")
    queue: str | None = Field(None, description="its outbound queue; unset: team_ and the id")
    agents: list[Annotated[str, AfterValidator(as_composed)]] = Field([], description="ids of its agents")
    weights: dict[Annotated[str, AfterValidator(as_composed)], Annotated[float, Field(gt=0)]] = Field(
        default_factory=dict,
        description="by agent: how much of a shared agent's time is this team's; 1 where none is said",
    )


class QueueSettings(Table):
    """The two kinds of queue: callers ring in to one, answered customers are handed to the other."""

    inbound: str = Field(
        "support", description="where callers ring in; unset with a `pbx.prefix`: that and _support"
    )
    team: str | None = Field(
        None, description="the team that answers it and keeps the promises made there; unset: everybody"
    )
    outbound: str = Field(
        "outbound",
        description="where answered customers are handed to agents; unset with a `pbx.prefix`: likewise",
    )
    adopt: bool = Field(
        default=False,
        description="the inbound queue is the site's own: not rendered, and the site puts one line in it",
    )
    music: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9_.-]{1,60}$",
        description="music on hold class of the rendered queues; unset: Asterisk's default",
    )
    announce_every_s: int = Field(
        0, ge=0, description="how often a caller is told their place in the rendered queue; 0: never"
    )
    hours: str = Field(
        "Mon-Sun 00:00-24:00", description="when agents are there, e.g. Mon-Fri 08:00-20:00, Sat 09:00-14:00"
    )
    zone: str = Field(
        "UTC", description="time zone of these hours and of the day on the dashboard, IANA name"
    )
    holidays: list[date] = Field(
        [], description="days on which no agent is there, as 2026-12-25; no call and no slot is on them"
    )
    policies: list[InboundSettings] = []

    @model_validator(mode="after")
    def _one_policy_a_queue(self) -> Self:
        """Refuse what no queue could do."""
        named = [policy.queue or self.inbound for policy in self.policies]
        twice = {name for name in named if named.count(name) > 1}
        if twice or self.outbound in named:
            raise ValueError(
                f"queues.policies: {min(twice or {self.outbound})} is a queue already; name another"
            )
        for policy in self.policies:
            if self.adopt and policy.offer is not OfferBy.KEY:
                raise ValueError(
                    "queues.policies: in the site's own queues (queues.adopt) calls are offered by key "
                    'alone; leave offer = "key"'
                )
        return self

    def teams(self) -> dict[str, str]:
        """Which team answers an inbound queue; those that everybody answers are not in it."""
        found = {name: policy.team for name, policy in self.callers().items()}
        found[self.inbound] = found[self.inbound] or self.team
        return {name: team for name, team in found.items() if team}

    def shared(self) -> tuple[str, ...]:
        """The queues that every agent is a member of."""
        theirs = self.teams()
        return (*(name for name in self.callers() if name not in theirs), self.outbound)

    def callers(self) -> dict[str, InboundSettings]:
        """How each inbound queue is run, the one of `queues.inbound` first."""
        named = {policy.queue or self.inbound: policy for policy in self.policies}
        return {self.inbound: named.pop(self.inbound, InboundSettings()), **named}

    def of_pbx(self, pbx: str) -> Self:
        """The same with the inbound queues of this PBX alone; raises ValueError where it has none."""
        teams = self.teams()
        here = {
            name: policy.model_copy(update={"queue": name, "team": teams.get(name)})
            for name, policy in self.callers().items()
            if policy.pbx in {None, pbx}
        }
        if len(here) == len(self.callers()):
            return self
        if not here:
            raise ValueError(f"there is no inbound queue on PBX {pbx}: one of them needs this `pbx`, or none")
        first = next(iter(here))
        return self.model_copy(
            update={"inbound": first, "team": teams.get(first), "policies": list(here.values())}
        )


class SoundSettings(Table):
    """What is heard on a customer's line besides the talk, and what is kept; see docs/asterisk.md."""

    languages: list[SoundLanguage] = Field(
        [],
        description="folders of sounds that have your prompts, e.g. en, nb; a campaign's call speaks the "
        "customer's language where it is among them, else the PBX's own",
    )
    record: bool = Field(False, description="record talks, once both sides have heard the consent prompt")
    consent: SoundName = Field("winback/consent", description="the consent prompt's sound")
    folder: Path = Field(
        Path("/var/lib/asterisk/sounds"),
        description="Asterisk's folder of sounds as this machine sees it: what callers said is deleted there",
    )
    reasons_d: int = Field(
        7, ge=0, description="days after a promise's end until what its caller said is deleted"
    )
    recordings: Path | None = Field(
        None,
        description="Asterisk's folder of recordings as this machine sees it, usually "
        "/var/spool/asterisk/monitor; unset: none are shown",
    )
    recordings_d: int = Field(90, ge=0, description="days until a recording is deleted; 0: never")
    machine_hint: bool = Field(
        False, description="hint at answering machines on the agent's page; a call never waits for it"
    )


class WhisperSettings(Table):
    """What an agent hears before the bridge, as sound names; the customer waits for as long as it lasts."""

    callback: SoundName | None = Field(
        None, description="before a promised call, e.g. winback/whisper_callback; unset: nothing"
    )
    campaign: SoundName | None = Field(None, description="before a campaign's call, likewise")
    campaigns: dict[str, SoundName] = Field({}, description="by campaign name, instead of the one above")
    caller: SoundName | None = Field(None, description="before a caller who rang in")
