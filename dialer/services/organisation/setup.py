"""The organisation changed: compared with what is wanted, judged, and made so as one, audited."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from dialer.core.agents.state import AgentState
from dialer.core.organisation.changes import EntryAct, EntryChange, changes_between, fault_of
from dialer.core.organisation.entries import KINDS, CentrePart, Organisation
from dialer.db.queries import agents, audit, leases, organisation
from dialer.db.session import Database, Transaction
from dialer.services.organisation.organisation import in_force, sentence_of, settings_of, take_over_in
from dialer.services.organisation.setup_file import SetupRefused
from dialer.settings import Settings

#: what the organisation that is there is to become; raises `SetupRefused`
DesiredState = Callable[[Organisation], Organisation]
#: why Asterisk could not be configured for these settings; None where it can
PbxFault = Callable[[Settings], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What has to be done, and the settings before and after it."""

    changes: tuple[EntryChange, ...]
    wanted: Organisation
    before: Settings
    after: Settings


def differences(database: Database, given: Settings, desired: DesiredState, *, pbx_fault: PbxFault) -> Plan:
    """What `apply_setup` would do; raises `SetupRefused` where it would not do it."""
    with database.read() as tx:
        return _judged(tx, given, desired, pbx_fault)


def apply_setup(
    database: Database,
    given: Settings,
    desired: DesiredState,
    *,
    now: datetime,
    actor: str,
    pbx_fault: PbxFault,
) -> Plan:
    """Make it so, all of it or nothing, audited entry by entry; what was done.

    Where the settings were never taken over they are now. Holds from the next request and the engine's next
    look on. Raises `SetupRefused` where it cannot be.
    """
    with database.write() as tx:
        organisation.lock(tx)
        plan = _judged(tx, given, desired, pbx_fault)
        if plan.changes and not organisation.is_taken_over(tx):
            take_over_in(tx, given, now, actor=actor)
        if plan.changes:
            _carry_out(tx, plan, now, actor)
        return plan


def _judged(tx: Transaction, given: Settings, desired: DesiredState, pbx_fault: PbxFault) -> Plan:
    there = in_force(tx, given)
    wanted = desired(there.view)
    mirrored = agents.all_of(tx)
    led = leases.led(tx)  # on a PBX that nobody leads nobody is at work, whatever was seen there last
    at_work = {
        agent.id: agent.state.value
        for agent in mirrored
        if agent.state is not AgentState.OFFLINE and agent.pbx in led
    }
    seen = {agent.id for agent in mirrored}
    fault = fault_of(there.view, wanted, seen_agents=seen, at_work=at_work, led=led)
    changes = changes_between(there.view, wanted)
    try:
        after = settings_of(wanted, given) if fault is None else given
    except ValidationError as invalid:
        raise SetupRefused(sentence_of(invalid)) from None
    fault = fault or _still_used(tx, changes) or (pbx_fault(after) if changes else None)
    if fault is not None:
        raise SetupRefused(fault)
    return Plan(changes=changes, wanted=wanted, before=there.settings, after=after)


def _still_used(tx: Transaction, changes: tuple[EntryChange, ...]) -> str | None:
    for change in changes:
        if change.kind == "teams" and change.act is EntryAct.REMOVED:
            # somebody who is for no team is for all of them: that must not come by itself
            left = organisation.users_for(tx, change.id)
            if left:
                return (
                    f"team {change.id} cannot be removed while users are for it: {', '.join(left)}; "
                    "give them another team first (`winback users role`)"
                )
            calling = organisation.campaigns_of(tx, change.id)
            if calling:
                return f"team {change.id} cannot be removed while campaigns are its own: {', '.join(calling)}"
    return None


def _carry_out(tx: Transaction, plan: Plan, now: datetime, actor: str) -> None:
    there = organisation.read(tx)
    organisation.keep_centre(tx, plan.wanted.centre)
    for kind in ("teams", *(kind for kind in KINDS if kind != "teams")):
        organisation.keep_kind(tx, kind, getattr(there, kind), getattr(plan.wanted, kind))
    for change in plan.changes:
        if change.kind == "teams" and change.act is EntryAct.REMOVED:
            organisation.remove_team(tx, change.id)  # last: nothing names it any more
        kind = KINDS.get(change.kind, change.kind).replace(" ", "-")
        audit.add(tx, now, actor, f"{kind}.{change.act.value}", change.id, _details(change))
    organisation.changed(tx)


def _details(change: EntryChange) -> Mapping[str, Any]:
    def told(entry: CentrePart | None) -> Any:
        return None if entry is None else entry.model_dump(mode="json")

    return {"words": change.words, "before": told(change.before), "after": told(change.after)}
