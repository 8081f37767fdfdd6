"""Decisions and events as plain values, so that a day of pacing can be kept, read and replayed.

A trace is a list of records in the order things happened. The first has `kind` "start" and holds mode,
settings and prior; "decide" holds facts and decision; every other kind is an event. A pacer fed with
the same records decides the same.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from dialer.core.pacing.factory import pacer_for
from dialer.core.pacing.facts import (
    AgentFacts,
    BudgetFacts,
    CallAbandoned,
    CallAnswered,
    CallConnected,
    CallFailed,
    CallInAir,
    Candidate,
    Decision,
    Dialed,
    Explanation,
    Mode,
    Pacer,
    PacingEvent,
    PacingFacts,
    PauseEnded,
    SharedWith,
    TalkEnded,
    WrapUpEnded,
)
from dialer.core.pacing.settings import PacerSettings, PacingPrior

Record = dict[str, Any]

_EVENTS: dict[str, type[PacingEvent]] = {
    "dialed": Dialed,
    "answered": CallAnswered,
    "failed": CallFailed,
    "connected": CallConnected,
    "abandoned": CallAbandoned,
    "talk_ended": TalkEnded,
    "wrap_up_ended": WrapUpEnded,
    "pause_ended": PauseEnded,
}
_KINDS = {event: kind for kind, event in _EVENTS.items()}


def record_start(mode: Mode, settings: PacerSettings, prior: PacingPrior) -> Record:
    """The first record of a trace."""
    return {"kind": "start", "mode": mode, "settings": asdict(settings), "prior": asdict(prior)}


def record_event(event: PacingEvent) -> Record:
    """One thing a pacer was told."""
    return {"kind": _KINDS[type(event)], **asdict(event)}


def record_decision(facts: PacingFacts, decision: Decision) -> Record:
    """One decision with everything it depended on."""
    return {"kind": "decide", "facts": asdict(facts), "decision": asdict(decision)}


def start_pacer(record: Mapping[str, Any]) -> Pacer:
    """A fresh pacer as the trace's first record describes it. Raises KeyError on any other record."""
    settings = PacerSettings(**record["settings"])
    return pacer_for(record["mode"], settings, PacingPrior(**record["prior"]))


def read_event(record: Mapping[str, Any]) -> PacingEvent:
    """The event of a record. Raises KeyError on a kind that is none."""
    event = _EVENTS[record["kind"]]
    return event(**{name: value for name, value in record.items() if name != "kind"})


def read_facts(record: Mapping[str, Any]) -> PacingFacts:
    """The facts of a decision's record."""
    facts = dict(record["facts"])
    facts["agents"] = tuple(AgentFacts(**agent) for agent in facts["agents"])
    facts["calls"] = tuple(CallInAir(**call) for call in facts["calls"])
    facts["candidates"] = tuple(Candidate(**candidate) for candidate in facts["candidates"])
    facts["shared_with"] = tuple(SharedWith(**other) for other in facts.get("shared_with", ()))
    facts["budget"] = BudgetFacts(**facts["budget"])
    return PacingFacts(**facts)


def read_decision(record: Mapping[str, Any]) -> Decision:
    """The decision of a decision's record."""
    decision = record["decision"]
    return Decision(
        dial=tuple(decision["dial"]),
        promises=decision["promises"],
        reason=Explanation(**decision["reason"]),
        look_again_s=decision["look_again_s"],
        fresh=decision.get("fresh", False),
    )
