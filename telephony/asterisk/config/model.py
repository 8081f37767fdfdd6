"""What an Asterisk has to be told about this centre, as one bounded value.

Everything here ends up in a configuration file, where a line break, a semicolon or a bracket in the
wrong place is a directive of its own. So every text is checked on construction, by what it is:
`ValueError` names the field and the rule.
"""

import re
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from telephony.asterisk.config.names import AGENT_ID, PLAIN_ID, USUAL, Names, name_in_asterisk


class AsteriskVersion(IntEnum):
    """The long-term releases that configuration is rendered for."""

    V16 = 16
    V18 = 18
    V20 = 20
    V22 = 22


# `_` first would make an extension a pattern
# with the prefix before it, in which there may be capitals and hyphens
_QUEUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}", re.ASCII)
_LABEL = re.compile(r"[\w .,'\u2019()&/+-]{1,80}")
_DIAL = re.compile(r"[A-Za-z0-9]{2,20}/[A-Za-z0-9_{}@./+:-]{1,200}", re.ASCII)
_DEVICE = re.compile(r"[A-Za-z0-9]{2,20}/[A-Za-z0-9_@./-]{1,100}", re.ASCII)
_HINT = re.compile(r"[A-Za-z0-9_*#-]{1,40}@[A-Za-z0-9_-]{1,80}", re.ASCII)
_SOUND = re.compile(r"[A-Za-z0-9_/-]{1,120}", re.ASCII)
_SECRET = re.compile(r"[A-Za-z0-9_.~+/=-]{8,128}", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]{1,255}", re.ASCII)
_MUSIC = re.compile(r"[A-Za-z0-9_.-]{1,60}", re.ASCII)
_USER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}", re.ASCII)
_CODE_STEM = re.compile(r"[*#0-9]{1,6}", re.ASCII)
_CODE = re.compile(r"[0-9]{1,8}", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z0-9_-]{1,25}", re.ASCII)
_NETWORK = re.compile(r"[0-9A-Fa-f.:]{2,45}(/[0-9.]{1,15})?", re.ASCII)
_CODEC = re.compile(r"[a-z0-9]{2,20}", re.ASCII)
_DIALLED = re.compile(r"\+?[0-9XZN]{1,20}", re.ASCII)
#: of a number that a page may dial: an office's extensions are let through, a country's numbers are not
MOST_OPEN_DIGITS: Final = 4
_CONTEXT = re.compile(r"[A-Za-z0-9_-]{1,79}", re.ASCII)
_MAX_PORT = 65535
_LONGEST_CONTEXT: Final = 79  # AST_MAX_CONTEXT, less its end
#: seconds after which res_agi gives up an address that does not answer (MAX_AGI_CONNECT)
AGI_CONNECT_S: Final = 2.0
#: FastAGI addresses a dialplan asks one after the other: a call that waits out all of them but one is still
#: within what an order has for its permit on top of the ring time
MOST_AGI: Final = 4


def _bounded(what: str, text: str, rule: re.Pattern[str]) -> None:
    if not rule.fullmatch(text):
        raise ValueError(f"{what} {text!r} must match {rule.pattern}")


def _refuse_secret(secret: str) -> None:
    if not _SECRET.fullmatch(secret):
        raise ValueError("the manager secret must be 8 to 128 letters A to Z, digits and _ . ~ + / = -")


def _named(what: str, text: str) -> None:
    if not PLAIN_ID.fullmatch(text):
        raise ValueError(
            f"{what} {text!r} must be 1 to 40 letters A to Z, digits, dots, hyphens and underscores, a "
            "letter or digit first, since Asterisk has it in extensions and devices"
        )


def _as_compared(name: str) -> str:
    """A name as Asterisk compares extensions: without hyphens, capitals like small letters."""
    return name.replace("-", "").casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A host and a TCP port."""

    host: str
    port: int

    def __post_init__(self) -> None:
        _bounded("host", self.host, _HOST)
        if not 0 < self.port <= _MAX_PORT:
            raise ValueError(f"port {self.port} must lie between 1 and {_MAX_PORT}")

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLine:
    """An agent and the way to reach them.

    Without `phone` the agent keeps a standing connection (AgentLogin) and is bridged without
    ringing; with one, for example `PJSIP/101`, that phone rings, and the agent is a member of the
    queues only while logged in. `headset` is the phone that is rung to set up a standing connection.
    `code` is what is dialled after a feature code to log in, pause, resume and log out; without one
    there are no feature codes for this agent.
    """

    id: str
    name: str
    phone: str | None = None
    headset: str | None = None
    code: str | None = None
    hint: str | None = None  # extension@context whose hint says whether a phone is free, instead of itself
    in_page: bool = False  # the phone or headset is the agent's page, an endpoint that is rendered
    team_queues: tuple[str, ...] = ()  # that this agent serves beside those that every agent serves
    names: Names = USUAL

    def __post_init__(self) -> None:
        if not AGENT_ID.fullmatch(self.id):
            raise ValueError(
                f"agent id {self.id!r} must be 1 to 40 letters, digits, dots, hyphens, underscores and "
                "apostrophes, a letter or digit first; blanks and all else may stand in `name`"
            )
        _bounded("agent name", self.name, _LABEL)
        for what, device in (("agent phone", self.phone), ("agent headset", self.headset)):
            if device is not None:
                _bounded(what, device, _DEVICE)
        if self.code is not None:
            _bounded("agent code", self.code, _CODE)
        if self.hint is not None:
            _bounded("agent hint", self.hint, _HINT)

    @property
    def called(self) -> str:
        """The agent's name in queues and extensions: the id wherever Asterisk takes it."""
        return name_in_asterisk(self.id)

    @property
    def interface(self) -> str:
        """The queue member's interface."""
        return (
            self.phone if self.phone is not None else f"Local/{self.called}@{self.names.context('agents')}/n"
        )

    @property
    def state_interface(self) -> str:
        """The device whose state says whether the agent can take a call."""
        if self.phone is None:
            return f"Agent:{self.pool_id}"
        return self.phone if self.hint is None else f"hint:{self.hint}"

    @property
    def pool_id(self) -> str:
        """What this agent is called in Asterisk's agent pool."""
        return self.names.pool_id(self.id)

    @property
    def own_queue(self) -> str:
        """The queue for customers whom this agent and nobody else is to talk with."""
        return self.names.own_queue(self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    """A way out. `dial` holds `{number}` once, for example `PJSIP/{number}@acme`."""

    name: str
    dial: str
    channels: int | None = None  # calls at a time that the carrier sells; None = no limit here

    def __post_init__(self) -> None:
        _named("trunk name", self.name)
        _bounded("trunk dial string", self.dial.replace("{number}", "0", 1), _DIAL)
        if self.dial.count("{number}") != 1 or re.search(r"[{}]", self.dial.replace("{number}", "")):
            raise ValueError(f"trunk dial string {self.dial!r} must hold {{number}} exactly once")
        if self.channels is not None and self.channels < 1:
            raise ValueError("a trunk without channels is not a trunk")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompts:
    """Sound files by their Asterisk names, without extension."""

    information: str = "winback/information"  # to a customer for whom no agent was free in time
    offer: str | None = "winback/offer"  # to a waiting caller: "press 1 to be called back"
    consent: str = "winback/consent"  # to both sides, before anything is recorded
    caller: str | None = None  # to the agent, before a caller who rang in is bridged

    def __post_init__(self) -> None:
        for what in (self.information, self.offer, self.consent, self.caller):
            if what is not None:
                _bounded("sound", what, _SOUND)


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundQueue:
    """How callers get into one of our inbound queues, and how they hear of the callback offer."""

    name: str
    asks: bool = False  # an engine is asked on the way in: it tells the wait, or books a call by default
    offers: bool = True  # by key, while they wait
    first_offer_s: int | None = None  # from Asterisk 18 on; None: after the first `offer_every_s`
    offer_every_s: int = 30  # how often a waiting caller hears the offer
    language: str = ""  # of all sounds; "": as it was before
    shared: bool = True  # every agent is a member; else those who name it among their `team_queues`

    def __post_init__(self) -> None:
        _bounded("queue", self.name, _QUEUE)
        if self.language:
            _bounded("language", self.language, _LANGUAGE)
        if self.offer_every_s < 1 or (self.first_offer_s is not None and self.first_offer_s < 1):
            raise ValueError("times are whole seconds, one or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePhones:
    """How the phones in agents' pages reach this Asterisk, and what they may dial."""

    secure: bool = True  # the web socket is wss; ws is for one machine alone
    codecs: tuple[str, ...] = ("opus", "ulaw")
    numbers: str | None = None  # the site's context that numbers are dialled in; None: numbers are not
    dial: tuple[str, ...] = ()  # those numbers, or patterns of them; any other is not dialled

    def __post_init__(self) -> None:
        if not self.codecs:
            raise ValueError("phones in pages need a codec")
        for codec in self.codecs:
            _bounded("codec", codec, _CODEC)
        if self.numbers is not None:
            _bounded("context", self.numbers, _CONTEXT)
        if bool(self.dial) != (self.numbers is not None):
            raise ValueError("numbers that a page may dial need a context, and a context needs numbers")
        for pattern in self.dial:
            _bounded("number", pattern, _DIALLED)
            if sum(digit in "XZN" for digit in pattern) > MOST_OPEN_DIGITS:
                raise ValueError(f"number {pattern!r}: at most {MOST_OPEN_DIGITS} digits may be X, Z or N")


@dataclass(frozen=True, slots=True, kw_only=True)
class PbxConfig:
    """Everything the rendered configuration depends on."""

    names: Names = USUAL
    user: str
    secret: str = field(repr=False)
    ami: Endpoint
    agi: tuple[Endpoint, ...]  # every engine's, in the order in which they are asked
    agents: tuple[AgentLine, ...]
    trunks: tuple[Trunk, ...]
    permit: tuple[str, ...] = ("127.0.0.1/32",)
    enable_ami: bool = False  # switch the manager interface on, and bind it; else the site's [general] holds
    inbound_queue: str = "support"  # the first of them
    inbound: tuple[InboundQueue, ...] = ()  # all of them, that one first; empty: it alone, by the words below
    outbound_queues: tuple[str, ...] = ("outbound",)
    team_queues: tuple[str, ...] = ()  # outbound queues of some agents; each says which are its own
    adopt: bool = False  # the inbound queue is the site's own, and is not rendered
    page_phones: PagePhones = PagePhones()
    music: str | None = None  # the rendered queues' class; None: Asterisk's default
    announce_every_s: int = 0  # how often callers are told their place; 0: never
    tell_wait: bool = False  # callers hear how long it takes on their way into a queue of ours
    prompts: Prompts = field(default_factory=Prompts)
    code_stem: str = "*5"  # what the feature codes begin with
    record: bool = False
    whisper: bool = False  # the agent hears a sound that the dial permit names, before the bridge
    machine_hint: bool = False
    survey: bool = False  # who is still there when the agent has hung up is asked one question by key
    agent_ring_s: int = 15  # how long an agent's phone rings for a live caller
    connect_within_s: int = 2  # the legal bound from answer to agent
    offer_every_s: int = 30  # how often a waiting caller hears the offer

    @property
    def callers_queues(self) -> tuple[InboundQueue, ...]:
        """Every inbound queue, the first one first."""
        return self.inbound or (
            InboundQueue(name=self.inbound_queue, asks=self.tell_wait, offer_every_s=self.offer_every_s),
        )

    @property
    def inbound_names(self) -> tuple[str, ...]:
        """What they are called."""
        return tuple(queue.name for queue in self.callers_queues)

    def offer_context(self, queue: str) -> str:
        """The context in which a caller of this queue finds the callback offer, behind the key."""
        return self.names.context("offer" if queue == self.inbound_queue else f"offer-{queue}")

    def queues(self) -> tuple[str, ...]:
        """Every queue that is rendered."""
        inbound = () if self.adopt else self.inbound_names
        own = tuple(agent.own_queue for agent in self.agents)
        return (*inbound, *self.outbound_queues, *self.team_queues, *own)

    def queues_of(self, agent: AgentLine) -> tuple[str, ...]:
        """Every queue this agent is a member of while logged in."""
        shared = (queue.name for queue in self.callers_queues if queue.shared)
        return (*shared, *self.outbound_queues, *agent.team_queues, agent.own_queue)

    @property
    def agents_in_page(self) -> tuple[AgentLine, ...]:
        """The agents whose page is their phone."""
        return tuple(agent for agent in self.agents if agent.in_page)

    def __post_init__(self) -> None:
        _bounded("manager user", self.user, _USER)
        if any(agent.names != self.names for agent in self.agents):
            raise ValueError("agents and the rest carry one prefix")
        if self.names.freepbx:
            self._check_freepbx()
        _refuse_secret(self.secret)
        self._check_phones()
        if not 0 < len(self.agi) <= MOST_AGI or len(set(self.agi)) != len(self.agi):
            raise ValueError(f"the dialplan asks one to {MOST_AGI} FastAGI addresses, each of them once")
        _bounded("feature codes' beginning", self.code_stem, _CODE_STEM)
        if self.music is not None:
            _bounded("music class", self.music, _MUSIC)
        for network in self.permit:
            _bounded("permitted network", network, _NETWORK)
        self._check_queues()
        for what, names in (
            ("agent id", [agent.called for agent in self.agents]),
            ("agent code", [agent.code for agent in self.agents if agent.code]),
            ("trunk", [trunk.name for trunk in self.trunks]),
            ("queue", [*self.inbound_names, *self.outbound_queues, *self.team_queues]),
        ):
            if len({_as_compared(name) for name in names}) != len(names):
                raise ValueError(
                    f"every {what} must be there only once; Asterisk overlooks hyphens and capital letters"
                )
        for seconds in (self.agent_ring_s, self.connect_within_s, self.offer_every_s):
            if seconds < 1:
                raise ValueError("times are whole seconds, one or more")

    def _check_freepbx(self) -> None:
        if self.agents_in_page:
            raise ValueError("on FreePBX an agent's page is no phone: make a WebRTC extension there, name it")
        if any(agent.phone is None for agent in self.agents):
            raise ValueError("on FreePBX there is no agent pool, so every agent needs a phone")

    def _check_phones(self) -> None:
        """Refuse a phone of two agents: whose talk it is could not be told."""
        whose: dict[str, str] = {}
        for agent in self.agents:
            other = whose.setdefault(agent.interface, agent.id)
            if other != agent.id:
                both = f"agents {other} and {agent.id} have the same phone {agent.interface}"
                raise ValueError(f"{both}, and one phone is one agent")

    def _check_queues(self) -> None:
        if self.inbound_names[0] != self.inbound_queue:
            raise ValueError(f"the first inbound queue is {self.inbound_queue!r}")
        for queue in self.inbound_names:
            if len(self.offer_context(queue)) > _LONGEST_CONTEXT:
                raise ValueError(f"queue {queue!r}: too long a name for the context of its callback offer")
        teams = {*self.team_queues, *(queue.name for queue in self.callers_queues if not queue.shared)}
        strange = {queue for agent in self.agents for queue in agent.team_queues} - teams
        if strange:
            raise ValueError(f"queue {min(strange)!r} of an agent is no team's")
        for queue in (*self.inbound_names, *self.outbound_queues, *self.team_queues):
            _bounded("queue", queue, _QUEUE)
            if queue.startswith(own := self.names.before_agent):
                raise ValueError(f"queue {queue!r}: names that begin with {own} are agents' own")
