"""How far what the engines say can be trusted, in words that say what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from dialer.core.dashboard.view import (
    CallsOnDashboard,
    EngineCondition,
    EngineOnDashboard,
    EngineStateOnDashboard,
)
from dialer.core.sentence import Sentence

# The engine writes about twice a second; five silent seconds are no accident any more.
SILENT_AFTER_S: Final = 5.0
UP: Final = "engine up"  # the label where nothing is to be said
READY: Final = "ready"  # the one state of the link in which orders can be given
SEVERITY: Final[tuple[EngineCondition, ...]] = ("up", "asking", "down", "silent")  # the worst one last


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineHeard:
    """What the engine of one PBX said last, and how long ago."""

    pbx: str
    age_s: float
    said: EngineOnDashboard


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    state: EngineCondition
    label: str
    banner: str | None = None


def judge_engines(engines: Sequence[EngineHeard], calls: CallsOnDashboard) -> EngineStateOnDashboard:
    """One state for all engines: that of the worst, with a banner where somebody has to act.

    Figures of an engine that cannot be trusted, or does not say them, are those of the database.
    """
    in_database = calls.placed + calls.ringing + calls.answered
    if not engines:
        return EngineStateOnDashboard(
            state="never",
            label="no engine",
            banner=Sentence("No engine has ever led a PBX with this database. Start one: winback engine."),
            reason="",
            leader="",
            in_air=in_database,
            utilisation=None,
            waiting_callers=0,
            campaigns=(),
            age_s=None,
        )
    judged = [(_judge(heard), heard) for heard in engines]
    worst, worst_heard = max(
        judged, key=lambda each: (SEVERITY.index(each[0].state), each[0].label != UP, abs(each[1].age_s))
    )
    used = [heard.said.utilisation for heard in engines if heard.said.utilisation is not None]
    in_air = _sum_if_known([heard.said.calls_on_the_way for heard in engines])
    return EngineStateOnDashboard(
        state=worst.state,
        label=worst.label,
        banner=worst.banner,
        reason=_reasons(engines),
        leader=", ".join(heard.said.engine or "unknown" for heard in engines),
        in_air=in_air if in_air is not None and worst.state == "up" else in_database,
        utilisation=sum(used) / len(used) if used else None,
        waiting_callers=_sum_if_known([heard.said.callers_waiting for heard in engines]),
        campaigns=tuple(campaign for heard in engines for campaign in heard.said.campaigns or ()),
        age_s=worst_heard.age_s,
    )


def _judge(heard: EngineHeard) -> _Judged:
    pbx, link = heard.pbx, heard.said.link or "unknown"
    if heard.age_s < -SILENT_AFTER_S:
        return _Judged(
            state="silent",
            label="clock set back",
            banner=Sentence(
                "The engine of %(pbx)s last spoke %(seconds)s s in the future: this machine's clock was set "
                "back, or those of two machines differ. Set the clocks right: calls follow the hours they "
                "show.",
                pbx=pbx,
                seconds=f"{-heard.age_s:.0f}",
            ),
        )
    if heard.age_s > SILENT_AFTER_S:
        return _Judged(
            state="silent",
            label="engine silent",
            banner=Sentence(
                "The engine of %(pbx)s has said nothing for %(seconds)s s. Nobody is being called until it "
                "or another engine leads; promises stay on the list. What is shown of agents may be old.",
                pbx=pbx,
                seconds=f"{heard.age_s:.0f}",
            ),
        )
    if link != READY:
        return _Judged(
            state="down",
            label=Sentence("PBX link %(link)s", link=link),
            banner=heard.said.fault
            or Sentence(
                "The engine has no working link to %(pbx)s (%(link)s). Nobody new is called until the link "
                "is up and the PBX has been asked what became of the calls on their way.",
                pbx=pbx,
                link=link,
            ),
        )
    if heard.said.ready is False:
        return _Judged(
            state="asking",
            label="asking the PBX",
            banner=Sentence(
                "The link to %(pbx)s is up, and the engine is asking what became of the calls on their way. "
                "Nobody new is called until it knows.",
                pbx=pbx,
            ),
        )
    if heard.said.held:
        return _Judged(state="asking", label="held", banner=heard.said.held)
    if (heard.said.clock_ahead_s or 0.0) > SILENT_AFTER_S:
        return _Judged(
            state="up",
            label="clock set back",
            banner=Sentence(
                "The clock of the engine of %(pbx)s was set back by %(seconds)s s. Calls go on by the time "
                "it had, which comes back to the machine's a minute in twenty.",
                pbx=pbx,
                seconds=f"{heard.said.clock_ahead_s:.0f}",
            ),
        )
    return _Judged(state="up", label=UP)


def _reasons(engines: Sequence[EngineHeard]) -> str:
    if len(engines) == 1:
        return engines[0].said.sentence or ""
    return Sentence.joined(
        Sentence("%(name)s: %(why)s", name=heard.pbx, why=heard.said.sentence or "") for heard in engines
    )


def _sum_if_known(figures: Sequence[int | None]) -> int | None:
    known = [figure for figure in figures if figure is not None]
    return sum(known) if len(known) == len(figures) else None
