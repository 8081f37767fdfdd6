"""One call per free agent: the floor below which no other pacing may fall."""

from dataclasses import dataclass

from dialer.core.pacing.facts import AgentFacts, Decision, Explanation, PacingEvent, PacingFacts
from dialer.core.sentence import Sentence

LEAVES_SOON_S = 60.0  # planned leaves further ahead than any call placed now is answered
AT_WORK = frozenset({"ready", "reserved", "ringing", "talking", "wrapping_up"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """Agents who could take a customer now, after those who come first have taken theirs.

    `capacity` counts agents that are ready, reserved, or being rung for somebody counted as waiting; not
    the ready ones who plan to leave while a call placed now may still ring: `leaving_s` is how long each of
    those stays, and `leaving_soon` how many agents at work in all leave within a minute;
    `promised` counts calls in the air with an agent of their own; `promises` is how many due promises
    may be rung; `left` is what is left for leads, before calls to leads already in the air, and is
    negative while more people wait than agents are there; `free` is the same, never below 0.
    """

    capacity: int
    leads_in_air: int
    promised: int
    promises: int
    left: int
    leaving_s: tuple[float, ...] = ()
    leaving_soon: int = 0

    @property
    def free(self) -> int:
        """Agents for leads, 0 or more."""
        return max(0, self.left)

    @property
    def leaving_words(self) -> str:
        """A sentence about who leaves; empty where nobody does."""
        if not self.leaving_soon:
            return ""
        if self.leaving_soon == 1:
            return Sentence("1 agent leaves within a minute: not counted on.")
        return Sentence("%(agents)s agents leave within a minute: not counted on.", agents=self.leaving_soon)


def leaves_within(agent: AgentFacts, now_s: float, within_s: float) -> bool:
    """Whether this agent plans to be gone within so many seconds, or should be gone already."""
    return agent.leaves_s is not None and agent.leaves_s - now_s <= within_s


def count_supply(facts: PacingFacts, ring_s: float) -> Supply:
    """Who is free for leads: agents minus live callers, promises in the air and promises due.

    A call placed now may ring for `ring_s`; who leaves before that is not there for it.
    """
    ready = reserved = being_rung = leaving_soon = 0
    leaving_s: list[float] = []
    now = facts.now_s
    for agent in facts.agents:
        if agent.leaves_s is not None and agent.state in AT_WORK:
            leaving_soon += leaves_within(agent, now, LEAVES_SOON_S)
        if agent.state == "ready":
            if agent.leaves_s is not None and leaves_within(agent, now, ring_s):
                leaving_s.append(max(0.0, agent.leaves_s - now))
            else:
                ready += 1
        elif agent.state == "reserved":
            reserved += 1
        elif agent.state == "ringing":
            being_rung += 1
    promised = answered = 0
    for call in facts.calls:
        promised += call.for_promise
        answered += call.answered
    leads_in_air = len(facts.calls) - promised
    # an agent whose phone rings serves somebody who is still counted as waiting, or nobody we know of
    capacity = ready + reserved + min(being_rung, answered + facts.waiting_callers)
    left = capacity - facts.waiting_callers - promised
    # a promise needs an agent of its own who is ready now; live callers are served before it
    promises = max(0, min(facts.due_promises, left, ready))
    return Supply(
        capacity=capacity,
        leads_in_air=leads_in_air,
        promised=promised,
        promises=max(0, min(promises, facts.lines_free)),
        left=left - facts.due_promises,
        leaving_s=tuple(leaving_s),
        leaving_soon=leaving_soon,
    )


class ProgressivePacer:
    """One call for each free agent not already promised to somebody; nobody is ever abandoned by it.

    A promise is rung only on an agent of its own. With calls already in the air on somebody's free
    agent, the agent counts as taken.
    """

    def __init__(self, ring_s: float) -> None:
        self._ring_s = ring_s

    @property
    def standing(self) -> None:
        """Nothing: each call keeps an agent of its own."""
        return None

    def decide(self, facts: PacingFacts) -> Decision:
        supply = count_supply(facts, self._ring_s)
        unclaimed = supply.capacity - facts.waiting_callers - supply.promised - supply.leads_in_air
        promises = max(0, min(supply.promises, unclaimed))
        wanted = max(0, supply.free - supply.leads_in_air)
        placed = max(0, min(wanted, facts.lines_free - promises, len(facts.candidates)))
        numbers = {
            "free_agents": float(supply.free),
            "calls_in_air": float(supply.leads_in_air),
            "waiting_callers": float(facts.waiting_callers),
            "due_promises": float(facts.due_promises),
            "agents_leaving": float(supply.leaving_soon),
            "wanted": float(wanted),
            "placed": float(placed),
        }
        return Decision(
            dial=tuple(candidate.lead for candidate in facts.candidates[:placed]),
            promises=promises,
            reason=Explanation(
                numbers=numbers, sentence=explain(supply, facts, placed=placed, wanted=wanted)
            ),
        )

    def observe(self, event: PacingEvent) -> None:
        """One call per free agent needs no estimates."""


class PreviewPacer:
    """Rings nobody by itself: an agent reads about the customer and starts the call."""

    def __init__(self, ring_s: float) -> None:
        self._ring_s = ring_s

    @property
    def standing(self) -> None:
        """Nothing: each call keeps an agent of its own."""
        return None

    def decide(self, facts: PacingFacts) -> Decision:
        supply = count_supply(facts, self._ring_s)
        return Decision(
            dial=(),
            promises=supply.promises,
            reason=Explanation(
                numbers={"free_agents": float(supply.free), "due_promises": float(facts.due_promises)},
                sentence=Sentence("Preview: agents start their own calls."),
            ),
        )

    def observe(self, event: PacingEvent) -> None:
        """A preview needs no estimates."""


def explain(supply: Supply, facts: PacingFacts, *, placed: int, wanted: int) -> Sentence:
    """One sentence a team lead understands: what holds the number where it is; a second on who leaves."""
    return Sentence.joined([_why(supply, facts, placed=placed, wanted=wanted), supply.leaving_words])


def _why(supply: Supply, facts: PacingFacts, *, placed: int, wanted: int) -> Sentence:
    free, ringing = supply.free, supply.leads_in_air
    if placed:
        return Sentence(
            "%(free)s free, %(ringing)s ringing: %(placed)s more.", free=free, ringing=ringing, placed=placed
        )
    if wanted and not facts.candidates:
        return Sentence("Agents are free, but no lead may be rung now.")
    if wanted:
        return Sentence("Agents are free, but no line is.")
    if facts.waiting_callers or facts.due_promises:
        return Sentence("Waiting callers and due promises come first.")
    if ringing:
        return Sentence("%(ringing)s ringing for %(free)s free agents.", ringing=ringing, free=free)
    if supply.promised:
        return Sentence(
            "%(promised)s promised calls are on their way to the agents who are free.",
            promised=supply.promised,
        )
    if supply.leaving_s:
        return Sentence("Whoever is free leaves before a call could be answered.")
    return Sentence("No agent is free.")
