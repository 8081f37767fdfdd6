"""What has to be done for the organisation to be as declared, said before it is done; and what cannot be."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum, StrEnum

from dialer.core.calling.disposition import Disposition
from dialer.core.organisation.entries import KINDS, ORDERED, CentrePart, NamedPart, Organisation, StaffTeam
from dialer.core.sentence import Sentence, Several


class EntryAct(StrEnum):
    """What happens to an entry; the value ends the action's name in the audit."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    ORDERED = "ordered"  # a kind's entries stand in another order


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryChange:
    """One entry that is not as declared; `words` say what is done about it."""

    kind: str
    id: str
    act: EntryAct
    words: str
    before: CentrePart | None = None
    after: CentrePart | None = None


def changes_between(there: Organisation, wanted: Organisation) -> tuple[EntryChange, ...]:
    """What makes the organisation that is there the one that is wanted; nothing more."""
    found: list[EntryChange] = []
    if there.centre != wanted.centre:
        words = Sentence("the centre: %(changes)s", changes=_told(there.centre, wanted.centre))
        found.append(
            EntryChange(
                kind="centre",
                id="centre",
                act=EntryAct.CHANGED,
                words=words,
                before=there.centre,
                after=wanted.centre,
            )
        )
    for kind, called in KINDS.items():
        found += _of_kind(kind, called, getattr(there, kind), getattr(wanted, kind))
    return tuple(found)


def _of_kind(
    kind: str, called: str, there: Sequence[NamedPart], wanted: Sequence[NamedPart]
) -> list[EntryChange]:
    now, then = ({str(entry.id): entry for entry in entries} for entries in (there, wanted))
    found = [
        EntryChange(kind=kind, id=key, act=act, words=words, before=now.get(key), after=then.get(key))
        for key in sorted(now.keys() | then.keys())
        for act, words in _change(called, key, now.get(key), then.get(key))
    ]
    stay = [key for key in now if key in then]
    if kind in ORDERED and stay != [key for key in then if key in now]:
        found.append(
            EntryChange(
                kind=kind,
                id=kind,
                act=EntryAct.ORDERED,
                words=Sentence(
                    "%(kind)ss stand in this order: %(names)s", kind=Sentence(called), names=", ".join(then)
                ),
            )
        )
    return found


def _change(
    called: str, key: str, before: CentrePart | None, after: CentrePart | None
) -> Iterator[tuple[EntryAct, str]]:
    kind = Sentence(called)
    if after is None:
        yield EntryAct.REMOVED, Sentence("%(kind)s %(key)s is removed", kind=kind, key=key)
    elif before is None:
        added = Sentence("%(kind)s %(key)s is added%(as_what)s", kind=kind, key=key, as_what=_as_what(after))
        yield EntryAct.ADDED, added
    elif before != after:
        told = _of_team(before, after) if isinstance(after, StaffTeam) else _told(before, after)
        yield EntryAct.CHANGED, Sentence("%(kind)s %(key)s: %(changes)s", kind=kind, key=key, changes=told)


def _as_what(entry: CentrePart) -> str:
    if isinstance(entry, StaffTeam):
        return Sentence(" with %(agents)s", agents=", ".join(entry.agents) or Sentence("nobody"))
    said = [
        f"{_name(field)} {_text(value)}"
        for field, value in entry
        if field != "id" and value != type(entry).model_fields[field].default
    ]
    return f" ({', '.join(said)})" if said else ""


def _told(before: CentrePart, after: CentrePart) -> str:
    now, then = dict(before), dict(after)
    return ", ".join(
        f"{_name(field)} {_text(now[field])} → {_text(then[field])}"
        for field in then
        if now[field] != then[field]
    )


def _of_team(before: CentrePart, after: StaffTeam) -> str | Several:
    assert isinstance(before, StaffTeam)  # noqa: S101 - of one kind
    was, are = set(before.agents), set(after.agents)
    weighed = sorted(
        agent for agent in are if before.weight_of(agent) != after.weight_of(agent) and agent in was
    )
    said = [
        *(Sentence("%(agent)s joins", agent=agent) for agent in sorted(are - was)),
        *(Sentence("%(agent)s leaves", agent=agent) for agent in sorted(was - are)),
        *(
            Sentence("%(agent)s weighs %(weight)s", agent=agent, weight=f"{after.weight_of(agent):g}")
            for agent in weighed
        ),
    ]
    if after.name != before.name:
        said.append(Sentence("it is called %(name)s", name=after.name or after.id))
    if after.queue != before.queue:
        said.append(
            Sentence("its queue is %(queue)s", queue=after.queue)
            if after.queue
            else Sentence("its queue is named by its id")
        )
    return Several(said) if said else Sentence("its weights are written otherwise")


def _name(field: str) -> str:
    return field.replace("_", " ")


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_text, value)) or "none"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, date):
        return value.isoformat()
    return "none" if value is None or not str(value) else str(value)


def fault_of(
    there: Organisation,
    wanted: Organisation,
    *,
    seen_agents: Collection[str] = (),
    at_work: Mapping[str, str] | None = None,
    led: Collection[str] = (),
) -> str | None:
    """Why this organisation cannot be, in one sentence; None where it can.

    `seen_agents` were seen on a PBX and may be in teams though nobody entered them. `at_work`: what each
    agent who is logged in does; none of them may be taken out, or go to another phone or PBX. `led`: the
    PBXs that have an engine.
    """
    for kind, called in KINDS.items():
        keys = [entry.id for entry in getattr(wanted, kind)]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            return f"{called} {twice} stands there twice"
    return (
        _strange_names(wanted, set(seen_agents))
        or _left_without(wanted)
        or _without_callers(wanted, set(led))
        or _gone_from_work(there, wanted, at_work or {})
    )


def _strange_names(wanted: Organisation, seen: set[str]) -> str | None:
    known = {agent.id for agent in wanted.agents} | seen
    for team in wanted.teams:
        strange = sorted({*team.agents, *team.weights} - known)
        if strange:
            return f"nobody knows the agent {strange[0]!r} of team {team.id}: not entered, and never seen"
        outside = sorted(set(team.weights) - set(team.agents))
        if outside:
            return f"team {team.id} weighs {outside[0]}, who is not in it"
    teams = {team.id for team in wanted.teams}
    for kind in ("inbound_queues", "numbers"):
        for entry in getattr(wanted, kind):
            if entry.team is not None and entry.team not in teams:
                return f"{KINDS[kind]} {entry.id}: there is no team {entry.team!r}"
    return None


def _left_without(wanted: Organisation) -> str | None:
    if not wanted.pause_reasons:
        return "agents need at least one reason to pause for"
    if not wanted.trunks:
        return "there must be a trunk: without one nobody is called"
    if not wanted.inbound_queues:
        return "there must be an inbound queue"
    meanings = {meaning.value for meaning in Disposition}
    for word in wanted.dispositions:
        if word.id in meanings and word.id != word.meaning.value:
            return f"disposition {word.id} is a meaning's own name and cannot mean {word.meaning.value!r}"
    missing = sorted(set(Disposition) - {word.meaning for word in wanted.words()})
    if missing:
        return f"no word in use means {missing[0].value!r}: every meaning needs one"
    return None


def _without_callers(wanted: Organisation, led: set[str]) -> str | None:
    """A PBX on which no caller could be put in a queue: its engine would have nowhere to look."""
    reached = {queue.pbx for queue in wanted.inbound_queues}
    if None in reached:
        return None
    named = {agent.pbx for agent in wanted.agents} | {trunk.pbx for trunk in wanted.trunks}
    missing = sorted((led | {pbx for pbx in named if pbx is not None}) - reached)
    return f"there is no inbound queue on PBX {missing[0]}: one needs this pbx, or none" if missing else None


def _gone_from_work(there: Organisation, wanted: Organisation, at_work: Mapping[str, str]) -> str | None:
    then = {agent.id: agent for agent in wanted.agents}
    for agent in there.agents:
        after = then.get(agent.id)
        if agent.id in at_work and (after is None or (after.phone, after.pbx) != (agent.phone, agent.pbx)):
            doing = at_work[agent.id].replace("_", " ")
            return f"agent {agent.id} is at work at this moment ({doing}): log them out first"
    return None
