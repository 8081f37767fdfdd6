"""The organisation as it is at this moment: one frozen view for every room, and the settings that follow.

The database's rows hold from the moment on at which the settings were taken over; before that the settings
do, but for teams, which were in the database earlier.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

import structlog
from pydantic import ValidationError

from dialer.core.calling.policy import policy_from
from dialer.core.organisation.changes import changes_between
from dialer.core.organisation.entries import (
    CallerQueue,
    Centre,
    NumberShown,
    Organisation,
    PauseReason,
    StaffAgent,
    StaffTeam,
    TrunkLine,
)
from dialer.core.organisation.house_words import USUAL_WORDS
from dialer.core.sentence import Plain, Sentence
from dialer.db.queries import audit, organisation
from dialer.db.session import Database, Transaction
from dialer.expected_input import place_of, what_was_expected
from dialer.inbound_settings import InboundSettings
from dialer.pbx_settings import AgentSettings, TeamSettings, TrunkSettings
from dialer.settings import Settings, SettingsUnusable

log = structlog.get_logger()

DeclaredT = TypeVar("DeclaredT")
EntryT = TypeVar("EntryT")

GLANCE_S: Final = 1.0  # how old what a page says of the organisation may be


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """The organisation, the settings that follow from it, and the version they were read at."""

    view: Organisation
    settings: Settings
    version: int
    taken_over: bool


def read_in_force(database: Database, given: Settings) -> InForce:
    """What holds at this moment, where `given` are the process's own settings."""
    with database.read() as tx:
        return in_force(tx, given)


def in_force(tx: Transaction, given: Settings) -> InForce:
    """The same within a transaction. Raises `SettingsUnusable` where the settings can be no organisation."""
    taken_over, version = organisation.is_taken_over(tx), organisation.version(tx)
    if taken_over:
        view = organisation.read(tx)
        return InForce(view=view, settings=settings_of(view, given), version=version, taken_over=True)
    teams = organisation.teams(tx)
    settings = given.model_copy(update={"teams": list(map(_team_setting, teams))}) if teams else given
    return InForce(view=declared_by(settings), settings=settings, version=version, taken_over=False)


def declared_by(settings: Settings) -> Organisation:
    """The organisation that settings declare; raises `SettingsUnusable` with the first fault."""
    queues = settings.queues
    try:
        return Organisation(
            centre=Centre(
                outbound_queue=queues.outbound,
                hours=queues.hours,
                zone=queues.zone,
                holidays=tuple(queues.holidays),
            ),
            agents=_each("agents", settings.agents, lambda agent: StaffAgent(**agent.model_dump())),
            teams=_each("teams", settings.teams, lambda team: StaffTeam(**team.model_dump())),
            inbound_queues=tuple(
                CallerQueue(
                    id=name,
                    team=queues.teams().get(name),
                    pbx=policy.pbx,
                    hours=policy.hours,
                    holidays=tuple(policy.holidays),
                    adopt=queues.adopt,
                    music=queues.music,
                    announce_every_s=queues.announce_every_s,
                )
                for name, policy in queues.callers().items()
            ),
            pause_reasons=_each(
                "pause_reasons", settings.pause_reasons, lambda reason: PauseReason(id=reason)
            ),
            dispositions=USUAL_WORDS,
            trunks=_each("trunks", settings.trunks, _trunk),
            numbers=(NumberShown(id=settings.caller_id),) if settings.caller_id else (),
        )
    except ValidationError as fault:
        raise SettingsUnusable(f"The settings declare no organisation: {sentence_of(fault)}.") from None


def _each(
    table: str, declared: Sequence[DeclaredT], entry_of: Callable[[DeclaredT], EntryT]
) -> tuple[EntryT, ...]:
    """The entries of a table of the settings; a fault names the row, counted from 1."""
    entries = []
    for row, each in enumerate(declared, 1):
        try:
            entries.append(entry_of(each))
        except ValidationError as fault:
            raise SettingsUnusable(f"{table}, number {row}: {sentence_of(fault)}.") from None
    return tuple(entries)


def settings_of(view: Organisation, given: Settings) -> Settings:
    """The settings with this organisation in the place of what they say of one themselves."""
    first, *further = view.inbound_queues
    known = given.queues.callers()
    own = _policy(known[given.queues.inbound], first).model_copy(update={"queue": None, "team": None})
    queues = given.queues.model_copy(
        update={
            "inbound": first.id,
            "outbound": view.centre.outbound_queue,
            "team": first.team,
            "adopt": first.adopt,
            "music": first.music,
            "announce_every_s": first.announce_every_s,
            "policies": [
                *([own] if own != InboundSettings() else []),
                *(_policy(known.get(queue.id, InboundSettings()), queue) for queue in further),
            ],
            "hours": view.centre.hours,
            "zone": view.centre.zone,
            "holidays": list(view.centre.holidays),
        }
    )
    return given.model_copy(
        update={
            "queues": queues,
            "agents": [_agent_setting(agent) for agent in view.agents],
            "teams": [_team_setting(team) for team in view.teams],
            "pause_reasons": [reason.id for reason in view.pause_reasons],
            "trunks": [_trunk_setting(trunk, given) for trunk in view.trunks],
            "caller_id": next((number.id for number in view.numbers if number.team is None), ""),
        }
    )


def _policy(known: InboundSettings, queue: CallerQueue) -> InboundSettings:
    """What settings say of a queue's offers, with its name, team, PBX and hours of the database."""
    return known.model_copy(
        update={
            "queue": queue.id,
            "team": queue.team,
            "pbx": queue.pbx,
            "hours": queue.hours,
            "holidays": list(queue.holidays),
        }
    )


def take_over(database: Database, given: Settings, now: datetime) -> str | None:
    """Take over what the settings say, once: what was done, as one line; None where there was nothing to do.

    Only settings that name agents are an organisation: a centre still being set up goes on in its file.
    """
    if not given.agents:
        return None
    with database.write() as tx:
        organisation.lock(tx)
        if organisation.is_taken_over(tx):
            return None
        found = take_over_in(tx, given, now, actor="first start")
    return (
        f"The organisation of the settings is in the database now ({len(found.agents)} agents, "
        f"{len(found.trunks)} trunks): change it there, `winback setup show`."
    )


def left_behind(database: Database, given: Settings) -> str | None:
    """What to say where the settings still name agents or trunks, and others hold; None where they agree."""
    found = read_in_force(database, given)
    if (
        not found.taken_over
        or not given.agents
        or changes_between(found.view, _declared(given, found.view)) == ()
    ):
        return None
    return (
        "The organisation in the database is not what the settings say, and the database holds: "
        "`winback setup diff` shows how they differ, `winback setup apply` makes it what they say."
    )


def desired_by_settings(given: Settings) -> Callable[[Organisation], Organisation]:
    """The organisation as settings want it; words, and where they name none the teams, stay as they are."""
    return lambda there: _declared(given, there)


def _declared(given: Settings, there: Organisation) -> Organisation:
    """What the settings declare, with the words, and where they name none the teams, that are there."""
    found = declared_by(given)
    kept = {"dispositions": there.dispositions, "teams": found.teams or there.teams}
    return found.model_copy(update=kept)


def take_over_in(tx: Transaction, given: Settings, now: datetime, *, actor: str) -> Organisation:
    """The same within a transaction, whoever asked for it; what the organisation is then."""
    teams = organisation.teams(tx)
    found = declared_by(given)
    found = found.model_copy(update={"teams": teams or found.teams})
    empty = Organisation()
    organisation.keep_centre(tx, found.centre)
    organisation.keep_kind(tx, "teams", teams, found.teams)
    for kind in organisation.ROWS:
        organisation.keep_kind(tx, kind, getattr(empty, kind), getattr(found, kind))
    organisation.changed(tx, taken_over_at=now)
    details = {"agents": len(found.agents), "teams": len(found.teams), "trunks": len(found.trunks)}
    audit.add(tx, now, actor, "organisation.taken-over", "settings", details)
    return found


class House:
    """The organisation in force for one process, read again when it has changed.

    The settings of a process of one PBX (`own_pbx`) hold the agents, trunks and inbound queues of that PBX
    alone. Promises are the whole house's, so the policy they are kept by knows every queue.
    """

    def __init__(self, database: Database, given: Settings, *, own_pbx: bool = False) -> None:
        self._database, self.given = database, given
        self._own_pbx = own_pbx
        self.settings = given
        self._version = -1
        self._view: Organisation | None = None
        self._looked_at = float("-inf")

    @property
    def version(self) -> int:
        """How often the organisation had changed when it was read last."""
        return self._version

    @property
    def view(self) -> Organisation:
        """As it was looked at last."""
        if self._view is None:
            self._view = declared_by(self.settings)
        return self._view

    def glance(self) -> None:
        """Look, if that was not done a moment ago: for whoever is asked many times a second."""
        now = time.monotonic()
        if now - self._looked_at >= GLANCE_S:
            self._looked_at = now
            self.look()

    def look(self) -> bool:
        """Read it again if it has changed, which one small statement tells; whether it had."""
        with self._database.read() as tx:
            if organisation.version(tx) == self._version:
                return False
            found = in_force(tx, self.given)
        first, before = self._version < 0, self.settings
        self.settings = found.settings.of_own_pbx() if self._own_pbx else found.settings
        self._version, self._view = found.version, found.view
        if self.settings != before:
            whole = self.settings.model_copy(update={"queues": found.settings.queues})
            self._database.policy = policy_from(whole)
        if not first:
            log.info("organisation_read_again", version=found.version, agents=len(found.view.agents))
        return True


def shown_by(view: Organisation, team: str | None) -> str:
    """The number that a team's campaigns show where they name none; empty where it has none of its own."""
    return next((number.id for number in view.numbers if team is not None and number.team == team), "")


def sentence_of(fault: ValidationError, values: Mapping[str, Any] | None = None) -> Sentence:
    """Where in these values the first thing is that cannot be, and why."""
    first = fault.errors(include_url=False, include_input=False)[0]
    where = place_of(first["loc"], values)
    why = what_was_expected(first)
    return Sentence("%(where)s: %(why)s", where=where, why=why if isinstance(why, Sentence) else Plain(why))


def _trunk(trunk: TrunkSettings) -> TrunkLine:
    return TrunkLine(
        id=trunk.name,
        dial=trunk.dial,
        channels=trunk.channels,
        calls_per_second=trunk.calls_per_second,
        pbx=trunk.pbx,
    )


def _trunk_setting(trunk: TrunkLine, given: Settings) -> TrunkSettings:
    values: Mapping[str, Any] = trunk.model_dump(exclude={"id"})
    usual = given.pbx.freepbx and trunk.dial == TrunkSettings().dial
    # on FreePBX a dial string that nobody named goes by FreePBX's own routes
    return TrunkSettings(
        name=trunk.id, **{key: value for key, value in values.items() if key != "dial" or not usual}
    )


def _agent_setting(agent: StaffAgent) -> AgentSettings:
    return AgentSettings(**agent.model_dump(exclude={"skills"}))


def _team_setting(team: StaffTeam) -> TeamSettings:
    return TeamSettings(**{**team.model_dump(), "agents": list(team.agents)})
