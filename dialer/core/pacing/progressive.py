"""One call per free agent: the floor below which no other pacing may fall."""

from dataclasses import dataclass

from dialer.core.pacing.facts import Decision, PacingEvent, PacingFacts, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """Agents who could take a customer now, after those who come first have taken theirs.

    `capacity` counts agents that are ready, reserved, or being rung for somebody counted as waiting;
    `promised` counts calls in the air with an agent of their own; `promises` is how many due promises
    may be rung; `left` is what is left for leads, before calls to leads already in the air, and is
    negative while more people wait than agents are there; `free` is the same, never below 0.
    """

    capacity: int
    leads_in_air: int
    promised: int
    promises: int
    left: int

    @property
    def free(self) -> int:
        """Agents for leads, 0 or more."""
        return max(0, self.left)


def count_supply(facts: PacingFacts) -> Supply:
    """Who is free for leads: agents minus live callers, promises in the air and promises due."""
    ready = reserved = being_rung = 0
    for agent in facts.agents:
        if agent.state == "ready":
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
    )


class ProgressivePacer:
    """One call for each free agent not already promised to somebody; nobody is ever abandoned by it.

    A promise is rung only on an agent of its own. With calls already in the air on somebody's free
    agent, the agent counts as taken.
    """

    def decide(self, facts: PacingFacts) -> Decision:
        supply = count_supply(facts)
        unclaimed = supply.capacity - facts.waiting_callers - supply.promised - supply.leads_in_air
        promises = max(0, min(supply.promises, unclaimed))
        wanted = max(0, supply.free - supply.leads_in_air)
        placed = max(0, min(wanted, facts.lines_free - promises, len(facts.candidates)))
        numbers = {
            "free_agents": float(supply.free),
            "calls_in_air": float(supply.leads_in_air),
            "waiting_callers": float(facts.waiting_callers),
            "due_promises": float(facts.due_promises),
            "wanted": float(wanted),
            "placed": float(placed),
        }
        return Decision(
            dial=tuple(candidate.lead for candidate in facts.candidates[:placed]),
            promises=promises,
            reason=Reason(numbers=numbers, sentence=explain(supply, facts, placed=placed, wanted=wanted)),
        )

    def observe(self, event: PacingEvent) -> None:
        """One call per free agent needs no estimates."""


class PreviewPacer:
    """Rings nobody by itself: an agent reads about the customer and starts the call."""

    def decide(self, facts: PacingFacts) -> Decision:
        supply = count_supply(facts)
        return Decision(
            dial=(),
            promises=supply.promises,
            reason=Reason(
                numbers={"free_agents": float(supply.free), "due_promises": float(facts.due_promises)},
                sentence="Preview: agents start their own calls.",
            ),
        )

    def observe(self, event: PacingEvent) -> None:
        """A preview needs no estimates."""


def explain(supply: Supply, facts: PacingFacts, *, placed: int, wanted: int) -> str:
    """One sentence a team lead understands: what holds the number where it is."""
    if placed:
        return f"{supply.free} free, {supply.leads_in_air} ringing: {placed} more."
    if wanted and not facts.candidates:
        return "Agents are free, but no lead may be rung now."
    if wanted:
        return "Agents are free, but no line is."
    if facts.waiting_callers or facts.due_promises:
        return "Waiting callers and due promises come first."
    if supply.leads_in_air:
        return f"{supply.leads_in_air} ringing for {supply.free} free agents."
    return "No agent is free."
