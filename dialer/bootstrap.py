"""The one place where things are put together: settings become a database, a clock and a link."""

import re
import threading
import time
import tomllib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import structlog

from callbacks.offer_policy import OfferBy
from churnmodel.data.words import ANSWERS, HEADINGS, learn_words
from dialer.core.calling.policy import inbound_policies, policy_from
from dialer.db.migrations.upgrade import is_current, upgrade
from dialer.db.privacy import path_of
from dialer.db.session import WAIT_S, Database
from dialer.logs import set_up_logs
from dialer.pbx_settings import IN_PAGE, AgiSettings, PbxSettings, TrunkSettings, WhisperSettings
from dialer.services.organisation.organisation import House, read_in_force
from dialer.settings import SettingMissing, Settings, SettingsUnusable
from dialer.web_settings import PhoneSettings
from telephony.asterisk.config.model import (
    AgentLine,
    AsteriskVersion,
    Endpoint,
    InboundQueue,
    PagePhones,
    PbxConfig,
    Prompts,
    Trunk,
)

if TYPE_CHECKING:
    from telephony.asterisk.adapter import AmiPbx
    from telephony.asterisk.own_parts import OwnParts

log = structlog.get_logger()

Clock = Callable[[], datetime]

SET_BACK: Final = timedelta(seconds=2)  # time servers correct less without anybody's noticing
# of the time that passes, while this clock is ahead of the machine's: a quarter of an hour is given back in
# five hours, and a talk measured meanwhile is shorter by no more than a twentieth
GIVEN_BACK: Final = 0.05
# a phone, or what a queue of FreePBX calls it by
FREEPBX_PHONE: Final = re.compile(r"(?:PJSIP/|SIP/|Local/)(?P<extension>[0-9]{2,10})(?:@from-queue/n)?")
NO_SECRET: Final = "x" * 16  # where a configuration is only looked at
CHANGES_CHANNEL: Final = "winback:changes"  # the channel on which whoever changed something says so


@dataclass(slots=True, kw_only=True)
class App:
    """What every process stands on; `settings` are those in force, with the database's organisation."""

    settings: Settings
    database: Database
    clock: Clock
    redis_url: str | None = None  # where the notifier hangs; None: pages look by themselves
    house: House | None = None  # None: the settings alone hold, whatever the database says

    def is_outdated_by(self, version: int) -> bool:
        """Whether the organisation, seen in this version, is another than the one that was taken over."""
        return self.house is not None and version != self.house.version

    def renew(self) -> bool:
        """Take over the organisation where it has changed; whether it had. One small statement otherwise."""
        if self.house is None or not self.house.look():
            return False
        self.settings = self.house.settings
        return True


@contextmanager
def open_app(
    settings: Settings, *, upgraded: bool = False, wait_s: float = WAIT_S, own_pbx: bool = False
) -> Iterator[App]:
    """Open the database, bring its tables up to date, and close it at the end.

    `upgraded` says that the tables were brought up to date a moment ago: asking again takes the database's
    lock for a while, which is too much for what is done every minute. `wait_s` is how long a writer waits for
    another one. `own_pbx`: of several PBXs this process knows the agents and trunks of its own alone. Raises
    `DatabaseUnavailable` and `UpgradeFault`.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    set_up_logs(settings.log_level)
    read_words(settings)
    if not upgraded:
        upgrade(settings.database())
    database = Database(settings.database(), policy_from(settings), wait_s=wait_s)
    try:
        app = App(
            settings=settings,
            database=database,
            clock=make_clock(settings),
            redis_url=settings.redis_url,
            house=House(database, settings, own_pbx=own_pbx),
        )
        app.renew()
        yield app
    finally:
        database.close()


def settings_in_force(given: Settings | None = None) -> Settings:
    """The settings with the organisation of the database in them, for who asks before anything is opened.

    A database that is not there yet, or of an older version, has no organisation and stays as it is.
    Raises `DatabaseUnavailable` and `NewerTables`.
    """
    given = given or Settings()
    url = given.database()
    path = path_of(url)
    if (path is not None and not path.exists()) or not is_current(url):
        return given
    database = Database(url)
    try:
        return read_in_force(database, given).settings
    finally:
        database.close()


def read_words(settings: Settings) -> None:
    """Add the house's own words of customer files to the process's dictionary.

    Raises:
        SystemExit: the file cannot be read, or has a name that is none; with what to do.
    """
    if settings.words is None:
        return
    try:
        learn_words(tomllib.loads(settings.words.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, AttributeError) as fault:
        raise SystemExit(f"words: {settings.words} is no TOML file of lists of words: {fault}") from fault
    except KeyError as unknown:
        names = ", ".join((*ANSWERS, *HEADINGS))
        raise SystemExit(f"words: {settings.words} has {unknown}; the names are {names}") from unknown


def make_clock(settings: Settings) -> Clock:
    """The real time in UTC, or a demo's: shifted so that it started at the given moment."""
    return SteadyClock(timedelta(seconds=settings.clock_shift_s))


class SteadyClock:
    """The real time in UTC, which never runs back: what one process measures by it is never negative.

    Where the machine's clock is set back, time goes on here a twentieth slower than it passes, until the
    machine's clock is there too. Where that is set forward, this one follows at once.
    """

    def __init__(
        self,
        shift: timedelta = timedelta(0),
        *,
        wall: Clock = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._shift, self._wall, self._monotonic = shift, wall, monotonic
        self._read_at = monotonic()
        self._zero = wall() - timedelta(seconds=self._read_at)
        self._lock = threading.Lock()
        self._told = False

    def __call__(self) -> datetime:
        """This moment."""
        with self._lock:
            wall, monotonic = self._wall(), self._monotonic()
            passed, self._read_at = monotonic - self._read_at, monotonic
            ahead = self._zero + timedelta(seconds=monotonic) - wall
            if ahead > SET_BACK and not self._told:
                self._told = True
                log.error("clock_set_back", by_s=ahead.total_seconds())
            given_back = min(
                ahead, timedelta(seconds=GIVEN_BACK * passed)
            )  # all of it, where that is less than nothing
            self._zero -= given_back
            self._told = self._told and ahead > given_back
            return wall + ahead - given_back + self._shift

    @property
    def ahead_s(self) -> float:
        """How far the machine's clock was set back since this process began, seconds."""
        now = self()
        return max(0.0, (now - self._shift - self._wall()).total_seconds())


def make_link(settings: Settings, clock: Clock) -> "AmiPbx":
    """The link to the PBX; nothing is opened before its `start()`."""
    from telephony.asterisk.adapter import AmiPbx  # noqa: PLC0415 - pages never speak to a PBX
    from telephony.asterisk.ami.transport import LinkSettings, LoginWay  # noqa: PLC0415 - as above

    pbx = settings.pbx
    return AmiPbx(
        LinkSettings(
            host=pbx_host(settings),
            port=pbx.port,
            username=pbx.user,
            secret=secret_of(settings),
            tls=pbx.tls,
            tls_ca=None if pbx.tls_ca is None else str(pbx.tls_ca),
            login=LoginWay.CHALLENGE if pbx.challenge else LoginWay.PLAIN,
            action_timeout_s=pbx.action_timeout_s,
        ),
        clock=clock,
        own=link_parts(settings),
    )


def inbound_queues(settings: Settings) -> tuple[InboundQueue, ...]:
    """How callers get into each inbound queue; a site's own one is entered by the site's dialplan."""
    policies = inbound_policies(settings)
    return tuple(
        InboundQueue(
            name=name,
            asks=policies[name].speaks_first and not settings.queues.adopt,
            offers=queue.offer is not OfferBy.NEVER,
            shared=name not in settings.queues.teams(),
            first_offer_s=queue.first_offer_s,
            offer_every_s=queue.offer_every_s,
            language=queue.language,
        )
        for name, queue in settings.queues.callers().items()
    )


def pbx_host(settings: Settings) -> str:
    """The manager interface's address; raises `SettingMissing` where there is none."""
    if settings.pbx.host is None:
        raise SettingMissing("pbx.host", "not set, and without it there is no Asterisk to dial with")
    return settings.pbx.host


def secret_of(settings: Settings) -> str:
    """The manager user's secret; raises `SettingMissing` where there is none."""
    if settings.pbx.secret is None:
        raise SettingMissing("pbx.secret", "not set, and Asterisk's manager interface asks for it")
    return settings.pbx.secret.get_secret_value()


def agent_lines(settings: Settings) -> tuple[AgentLine, ...]:
    """The agents and the way to reach each."""
    with usable():
        return tuple(
            AgentLine(
                id=agent.id,
                name=agent.name or agent.id,
                phone=device_of(agent.phone, agent.id, settings),
                headset=device_of(agent.headset, agent.id, settings),
                in_page=agent.in_page,
                code=agent.code,
                hint=agent.hint or (freepbx_hint(agent.phone) if settings.pbx.freepbx else None),
                team_queues=queues_of_teams(
                    settings, {team.id for team in settings.teams if agent.id in team.agents}
                ),
                names=settings.pbx.names,
            )
            for agent in settings.agents
        )


def queues_of_teams(settings: Settings, teams: Collection[str]) -> tuple[str, ...]:
    """The queues that are these teams' alone: their outbound ones, and the inbound ones they answer."""
    theirs = settings.queues.teams().items()
    return (
        *(settings.queue_of(team.id) for team in settings.teams if team.id in teams),
        *(queue for queue, team in theirs if team in teams),
    )


def device_of(named: str | None, agent: str, settings: Settings) -> str | None:
    """The device that a setting names for an agent: their page's own endpoint where it is the page."""
    return f"PJSIP/{settings.pbx.names.page_phone(agent)}" if named == IN_PAGE else named


def link_parts(settings: Settings) -> "OwnParts":
    """What of ours the link to the PBX may name and hear of."""
    from telephony.asterisk.own_parts import OwnParts  # noqa: PLC0415 - pages never speak to a PBX

    queues = settings.queues
    return OwnParts(agent_lines(settings), queues.shared(), settings.pbx.names, queues.teams())


def freepbx_hint(phone: str | None) -> str | None:
    """The hint FreePBX keeps of a phone: busy, away, do not disturb; None for what is no extension of its."""
    found = FREEPBX_PHONE.fullmatch(phone or "")
    return None if found is None else f"{found['extension']}@ext-local"


def dial_of(trunk: TrunkSettings, pbx: PbxSettings) -> str:
    """A trunk's dial string: on FreePBX through its own routes, unless the settings say otherwise."""
    named = not pbx.freepbx or "dial" in trunk.model_fields_set
    return trunk.dial if named else "Local/{number}@from-internal/n"


@contextmanager
def usable() -> Iterator[None]:
    """Say in one sentence, as `SettingsUnusable`, which setting Asterisk could not be configured with."""
    try:
        yield
    except ValueError as fault:
        raise SettingsUnusable(f"Asterisk cannot be configured so: {fault}.") from None


def page_phones(phone: PhoneSettings) -> PagePhones:
    """How agents' pages reach this Asterisk."""
    secure = not phone.address.startswith("ws:")
    return PagePhones(
        secure=secure, codecs=tuple(phone.codecs), numbers=phone.numbers, dial=tuple(phone.dial)
    )


def pbx_fault(settings: Settings) -> str | None:
    """Why Asterisk could not be configured for these settings; None where it can. Needs no secret."""
    try:
        looked_at(settings)
    except SettingsUnusable as fault:
        return str(fault)
    return None


def looked_at(settings: Settings) -> PbxConfig:
    """The configuration without the secret, and with a port where a free one is taken."""
    agi = settings.agi.model_copy(update={"port": settings.agi.port or AgiSettings().port})
    return make_pbx_config(settings.model_copy(update={"agi": agi}), secret=NO_SECRET)


def to_be_rendered(before: Settings, after: Settings) -> str | None:
    """What Asterisk has to be rendered and reloaded for after the organisation changed; None: nothing."""
    from telephony.asterisk.config.reloading import reload_commands  # noqa: PLC0415 - seldom asked of a page
    from telephony.asterisk.config.render import render  # noqa: PLC0415 - as above

    old, new = (looked_at(each) for each in (before, after))
    version, names = AsteriskVersion(after.pbx.version), after.pbx.names
    commands = reload_commands(render(old, version), render(new, version), names)
    if not commands:
        return None
    queues = [f"queue {queue} is new" for queue in new.queues() if queue not in old.queues()]
    queues += [f"queue {queue} is gone" for queue in old.queues() if queue not in new.queues()]
    what = ", ".join(queues) or "Asterisk has something else"
    how = ", ".join(f"asterisk -rx '{command}'" for command in commands)
    return f"{what[0].upper()}{what[1:]}: run `winback asterisk render {after.pbx.folder}`, then {how}."


def make_pbx_config(settings: Settings, *, secret: str | None = None) -> PbxConfig:
    """What Asterisk is to be configured for; with another secret, to be looked at and never rendered."""
    pbx, agi = settings.pbx, settings.agi
    with usable():
        return PbxConfig(
            names=pbx.names,
            code_stem=pbx.code_stem,
            user=pbx.user,
            secret=secret or secret_of(settings),
            ami=Endpoint(host="127.0.0.1" if pbx.host is None else pbx.host, port=pbx.port),
            agi=tuple(Endpoint(host=host, port=port) for host, port in agi.asked()),
            permit=tuple(pbx.permit),
            enable_ami=pbx.enable_ami,
            agents=agent_lines(settings),
            trunks=tuple(
                Trunk(name=trunk.name, dial=dial_of(trunk, pbx), channels=trunk.channels)
                for trunk in settings.trunks
            ),
            inbound_queue=settings.queues.inbound,
            inbound=inbound_queues(settings),
            outbound_queues=(settings.queues.outbound,),
            team_queues=tuple(settings.queue_of(team.id) for team in settings.teams),
            adopt=settings.queues.adopt,
            page_phones=page_phones(settings.web.phone),
            music=settings.queues.music,
            announce_every_s=settings.queues.announce_every_s,
            prompts=Prompts(consent=settings.sound.consent, caller=settings.whisper.caller),
            record=settings.sound.record,
            machine_hint=settings.sound.machine_hint,
            survey=settings.survey.by_key,
            whisper=settings.whisper != WhisperSettings(),
        )
