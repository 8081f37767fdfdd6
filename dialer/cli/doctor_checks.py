"""What `winback doctor` looks at: everything Winback stands on, and what to do about each fault."""

import asyncio
import socket
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from dialer.bootstrap import NO_SECRET, App, make_clock, make_link, make_pbx_config, open_app
from dialer.cli.findings import Finding
from dialer.cli.list_checks import look_at_lists
from dialer.cli.manager_checks import look_at_port, look_at_refusal
from dialer.cli.site_checks import look_at_caller_id, look_at_site, look_at_ways
from dialer.core.amounts import amount_of
from dialer.db.database_faults import DatabaseFault, DatabaseUnavailable
from dialer.db.migrations.upgrade import UpgradeFault
from dialer.db.session import WAIT_S as DATABASE_WAIT_S
from dialer.jobs.redis import RedisMissing, open_redis, refusal_to_write
from dialer.services.calls.set_aside_facts import facts_set_aside
from dialer.services.campaigns.campaigns import CampaignCard, list_campaigns
from dialer.services.customers.customers import list_batches
from dialer.services.customers.dialing_regions import closed_countries
from dialer.services.promises.outage import held_promises
from dialer.services.promises.promise_faults import promise_faults
from dialer.services.promises.promises import promise_ledger
from dialer.services.schedule.process_restarts import process_restarts
from dialer.services.schedule.schedule import End, list_scheduled_jobs
from dialer.settings import Settings, SettingsUnusable
from telephony.asterisk.adapter import AmiPbx
from telephony.asterisk.ami.actions import CoreSettings
from telephony.asterisk.config.model import AGI_CONNECT_S, AsteriskVersion
from telephony.asterisk.config.render import render
from telephony.asterisk.config_drift import ask_what_runs
from telephony.calls.events import PbxSnapshot
from telephony.errors import LoginRefused, TelephonyError

WAIT_S: Final = 8.0  # for the link to come up
LOCK_WAIT_S: Final = DATABASE_WAIT_S  # what everybody who writes waits out is no fault
NAMED: Final = 5  # promises that a finding names; more do not fit a line
LATELY: Final = timedelta(hours=1)  # an end further back was made good
LATE: Final = timedelta(hours=3)  # training holds a single worker for as long at the very most


REMEDIES: Final = {
    DatabaseFault.LOCKED: "Another program holds it in a transaction: end that, then look again.",
    DatabaseFault.BUSY: "Raise the server's max_connections, or run fewer web processes.",
    DatabaseFault.FULL: "Make room on its disk; what was to be saved meanwhile waits in the engine.",
    DatabaseFault.READ_ONLY: "May this user write to its file and folder? PostgreSQL: is this a standby?",
    DatabaseFault.AWAY: "Is the server up, is WINBACK_DATABASE_URL right, may this machine reach it?",
}


def look_at_everything(settings: Settings) -> list[Finding]:
    """Every finding, in the order in which one depends on another; a part that is down hides no other."""
    stored: list[Finding] = []
    pbx: list[Finding] | None = None
    try:
        with open_app(settings, wait_s=LOCK_WAIT_S, own_pbx=True) as app:
            settings = app.settings
            database = look_at_database(app)
            stored += [look(app) for look in STORED]
            pbx = asyncio.run(look_at_pbx(settings, list_campaigns(app.database)))
    except DatabaseUnavailable as unavailable:
        database = not_working(unavailable)
    except UpgradeFault as fault:
        database = Finding(what="database", ok=False, seen=str(fault))
    if pbx is None:
        pbx = asyncio.run(look_at_pbx(settings))
    return [
        database,
        look_at_redis(settings),
        *stored,
        *pbx,
        *look_at_permits(settings),
    ]


def look_at_database(app: App) -> Finding:
    """Something can be saved; its tables are up to date, or this would not be reached."""
    try:
        app.database.prove_writable()
    except DatabaseUnavailable as unavailable:
        return not_working(unavailable)
    return Finding(what="database", ok=True, seen=app.database.engine.url.render_as_string())


def not_working(unavailable: DatabaseUnavailable) -> Finding:
    """What ails the database, and what to do."""
    return Finding(what="database", ok=False, seen=str(unavailable), remedy=REMEDIES[unavailable.fault])


def look_at_redis(settings: Settings) -> Finding:
    """Redis takes what is written to it, or one can be started here."""
    remedy = "Set WINBACK_REDIS_URL, or install winback[embedded]."
    try:
        with open_redis(settings) as redis_server:
            refusal = refusal_to_write(redis_server)
            if refusal is None:
                return Finding(what="Redis", ok=True, seen=redis_server.shown_as)
            remedy = "No job can be asked for. Give it memory or disk; a replica that only reads will not do."
            return Finding(what="Redis", ok=False, seen=f"takes nothing new: {refusal}", remedy=remedy)
    except RedisMissing as missing:
        return Finding(what="Redis", ok=False, seen=str(missing), remedy=remedy)


def look_at_schedule(app: App) -> Finding:
    """No scheduled job is overdue by more than its worker needs, and none failed last."""
    now = app.clock()
    cards = list_scheduled_jobs(app.database, app.settings, now)
    late = [
        card.scheduled_job.value
        for card in cards
        if card.due_at is not None and card.due_at + LATE < now and not card.at_work
    ]
    failed = [card for card in cards if card.end is End.FAILED]
    if late:
        remedy = "No worker takes them: start `winback worker`, or look why the one of `winback serve` ended."
        return Finding(what="schedule", ok=False, seen=f"overdue: {', '.join(late)}", remedy=remedy)
    if failed:
        seen = "; ".join(f"{card.scheduled_job.value} failed: {card.said}" for card in failed)
        remedy = f"Try it here: `winback schedule run {failed[0].scheduled_job.value}`."
        return Finding(what="schedule", ok=False, seen=seen, remedy=remedy)
    return Finding(what="schedule", ok=True, seen="none is overdue, none failed last")


def look_at_restarts(app: App) -> Finding:
    """No part of `winback serve` ended by itself in the last hour."""
    now = app.clock()
    ended = process_restarts(app.database, now)
    if not ended:
        return Finding(what="processes", ok=True, seen="none ended by itself in the last day")
    seen = "; ".join(
        f"{each.part} ended by itself in the last day: {each.times}, last at {each.last_at:%H:%M} UTC "
        f"({each.last_end})"
        for each in ended
    )
    remedy = "The log of `winback serve` says what came before; signal 9 is often a machine out of memory."
    return Finding(
        what="processes",
        ok=all(now - each.last_at > LATELY for each in ended),
        seen=f"{seen}; started again",
        remedy=remedy,
    )


def look_at_promises(app: App) -> Finding:
    """Every promise has a future and its turn, and the ledger balances (invariant 6)."""
    faults = promise_faults(app.database, app.clock())
    error = promise_ledger(app.database).error
    broken = []
    if faults.stuck:
        broken.append(f"stuck, nothing would ever call them: {_named(faults.stuck)}")
    if faults.overtaken:
        broken.append(f"overtaken by somebody who joined later, in the last day: {_named(faults.overtaken)}")
    if error:
        broken.append(f"unaccounted for in the ledger: {error}")
    held = [card.id for card in held_promises(app.database)]
    if held and not broken:
        return Finding(
            what="promises",
            ok=False,
            seen=f"not called since an outage, before somebody decides: {_named(held)}",
            remedy="Ring or close them on the page of promises, or by `winback callbacks held`.",
        )
    if not broken:
        return Finding(what="promises", ok=True, seen="none is stuck, overtaken or unaccounted for")
    return Finding(
        what="promises",
        ok=False,
        seen="; ".join(broken),
        remedy="This must never be. Call the people on the page of promises by hand, and report it with "
        "the log of the engine.",
    )


def _named(promises: Sequence[int]) -> str:
    """The first few by number, and how many more."""
    shown = ", ".join(f"promise {promise}" for promise in promises[:NAMED])
    more = len(promises) - NAMED
    return f"{shown} and {more} more" if more > 0 else shown


def look_at_facts(app: App) -> Finding:
    """Whatever was heard of a call could be written, in the last day."""
    aside = facts_set_aside(app.database, app.clock())
    if aside.newest_at is None:
        return Finding(what="facts", ok=True, seen="none had to be set aside")
    call = aside.newest_attempt or "a call without an attempt's id"
    newest = (
        f"the newest {aside.newest_kind} of {call} at {aside.newest_at:%Y-%m-%d %H:%M} UTC "
        f"({aside.newest_error})"
    )
    return Finding(
        what="facts",
        ok=aside.lately == 0,
        seen=f"set aside in the last day, as nothing could write them: {aside.lately}; {newest}",
        remedy="Look at that call by hand, and report the row of set_aside_fact with the log of the engine."
        if aside.lately
        else "",
    )


def look_at_imports(app: App) -> Finding:
    """The newest file that was read was read to its end."""
    newest = next(iter(list_batches(app.database, limit=1)), None)
    if newest is None or newest.ended_at is not None:
        return Finding(what="imports", ok=True, seen="none broke off")
    rows = newest.stored.added + newest.stored.changed + newest.stored.unchanged
    going_on = app.clock() - newest.imported_at < LATELY
    return Finding(
        what="imports",
        ok=going_on,
        seen=f"{newest.file_name} {'goes on' if going_on else 'broke off'} after {amount_of(rows, 'row')}",
        remedy="" if going_on else "Import the file again: what is in stays, and the rest comes in.",
    )


def look_at_calendars(app: App) -> Finding:
    """Every country that customers live in has a table of its public holidays."""
    closed = closed_countries(app.database)
    return Finding(
        what="calendars",
        ok=not closed,
        seen=f"no public holidays are known of {', '.join(closed)}: hours.no-calendar" if closed else "known",
        remedy="Numbers there are rung only where the person asked; docs/rules.md says what is known."
        if closed
        else "",
    )


#: what can be said while the database can be read
STORED: Final = (
    look_at_schedule,
    look_at_restarts,
    look_at_promises,
    look_at_facts,
    look_at_imports,
    look_at_calendars,
    look_at_caller_id,
    look_at_lists,
)


async def look_at_pbx(settings: Settings, campaigns: Sequence[CampaignCard] = ()) -> list[Finding]:
    """Look at this Asterisk's folder, log in, read what the engine reads, and look at what was rendered.

    Nothing of it can be said where the settings are none that Asterisk could have.
    """
    try:
        make_pbx_config(settings, secret=None if settings.pbx.secret else NO_SECRET)
        return [*look_at_site(settings), *await look_at_link(settings, campaigns)]
    except SettingsUnusable as fault:
        remedy = "Correct that (`winback setup`, docs/settings.md), render, reload."
        return [Finding(what="configuration", ok=False, seen=str(fault), remedy=remedy)]


async def look_at_link(settings: Settings, campaigns: Sequence[CampaignCard] = ()) -> list[Finding]:
    """Log in, read what the engine reads, and look at what was rendered."""
    if settings.pbx.host is None:
        return [
            Finding(
                what="AMI",
                ok=False,
                seen="no PBX is set",
                remedy="Set WINBACK_PBX__HOST and WINBACK_PBX__SECRET.",
            )
        ]
    if (fault := await asyncio.to_thread(look_at_port, settings)) is not None:
        return [fault]
    link = make_link(settings, make_clock(settings))
    where = f"{settings.pbx.host}:{settings.pbx.port}"
    try:
        await link.start()
        await link.wait_ready(WAIT_S)
    except LoginRefused as refusal:
        return [await asyncio.to_thread(look_at_refusal, settings, refusal)]
    except TelephonyError as error:
        return [
            Finding(
                what="AMI",
                ok=False,
                seen=f"{where} takes connections, and no log-in comes through: {error}",
                remedy="Is Asterisk still starting? Its own log says more (`asterisk -rvvv`).",
            )
        ]
    else:
        return [
            Finding(what="AMI", ok=True, seen=f"logged in at {where}"),
            *await look_inside(settings, link, campaigns),
        ]
    finally:
        await link.close()


async def look_inside(settings: Settings, link: AmiPbx, campaigns: Sequence[CampaignCard]) -> list[Finding]:
    """Permissions, queues, members, ways out, contexts."""
    findings: list[Finding] = []
    try:
        snapshot = await link.snapshot()
    except TelephonyError as error:
        remedy = "The manager user needs `write = …,reporting`: render the configuration again and reload."
        return [Finding(what="permissions", ok=False, seen=str(error), remedy=remedy)]
    findings.append(Finding(what="permissions", ok=True, seen="channels and queues can be read"))
    queues = (*settings.queues.callers(), settings.queues.outbound)
    by_phone = any(agent.phone for agent in settings.agents)
    findings += [look_at_members(queue, snapshot, by_phone=by_phone) for queue in queues]
    findings += await look_at_ways(settings, link, campaigns)
    return [*findings, *await look_at_what_runs(settings, link)]


def look_at_members(queue: str, snapshot: PbxSnapshot, *, by_phone: bool) -> Finding:
    """Every queue needs agents; those with a ringing phone are in it only while logged in."""
    members = sorted({member.agent for member in snapshot.members if member.queue == queue})
    nobody = "nobody is logged in" if by_phone else "no members"
    return Finding(
        what=f"queue {queue}",
        ok=bool(members) or by_phone,
        seen=", ".join(members) or nobody,
        remedy=""
        if members or by_phone
        else "Name agents in winback.toml ([[agents]]), render, `asterisk -rx 'queue reload all'`.",
    )


async def look_at_what_runs(settings: Settings, link: AmiPbx) -> list[Finding]:
    """Version, dialplan, queues and agent pool are what would be rendered, and loaded."""
    version = AsteriskVersion(settings.pbx.version)
    try:
        runs = await ask_version(link)
        found = await ask_what_runs(render(make_pbx_config(settings), version), link)
    except TelephonyError as error:
        return [Finding(what="configuration", ok=False, seen=str(error), remedy="Run doctor again.")]
    right = version == max((known for known in AsteriskVersion if known <= runs), default=version)
    remedy = f"Set WINBACK_PBX__VERSION to fit Asterisk {runs} and render again."
    findings = [Finding(what="version", ok=right, seen=f"Asterisk {runs}", remedy="" if right else remedy)]
    if not found:
        return [*findings, Finding(what="configuration", ok=True, seen="what runs is what is rendered")]
    return findings + [
        Finding(
            what=f"configuration {each.section}",
            ok=False,
            seen=f"what runs is not what would be rendered ({amount_of(len(each.lines) - 2, 'line')})",
            remedy="Run `winback asterisk render`, see that the file is included, "
            f"`asterisk -rx '{each.command}'`; `winback asterisk check` shows the lines.",
        )
        for each in found
    ]


async def ask_version(link: AmiPbx) -> int:
    """The major version of the Asterisk that runs. Raises `TelephonyError`."""
    (answer,) = await link.ask(CoreSettings())
    return int(answer.get("AsteriskVersion").split(".")[0])


def look_at_permits(settings: Settings) -> list[Finding]:
    """Asterisk asks the dial permit at these addresses; each is listened on while its engine runs."""
    asked, own = settings.agi.asked(), settings.agi.own()
    findings = [look_at_address(host, port) for host, port in asked]
    if own not in asked and look_at_address(settings.agi.host, settings.agi.port).ok:
        findings.append(
            Finding(
                what="FastAGI",
                ok=False,
                seen=f"{own[0]}:{own[1]} is this engine's and not among agi.addresses: nobody asks it",
                remedy="Name every engine's host:port in agi.addresses, the same on each machine, and render "
                "again; agi.advertised_host says by which address Asterisk reaches this one.",
            )
        )
    return findings


def look_at_address(host: str, port: int) -> Finding:
    """Somebody answers there."""
    try:
        socket.create_connection((host.strip("[]"), port), timeout=AGI_CONNECT_S).close()
    except OSError as error:
        return Finding(
            what="FastAGI",
            ok=False,
            seen=f"{host}:{port}: {error.strerror or error}",
            remedy="It listens while its `winback serve` or `winback engine` runs: start it, look again.",
        )
    return Finding(what="FastAGI", ok=True, seen=f"answers at {host}:{port}")
