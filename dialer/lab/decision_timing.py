"""How long one decision takes, from facts to reason."""

import statistics
import time

import numpy as np

from dialer.core.pacing.facts import (
    AgentFacts,
    AgentState,
    CallAnswered,
    CallFailed,
    CallInAir,
    Candidate,
    PacingFacts,
    TalkEnded,
    WrapUpEnded,
)
from dialer.core.pacing.predictive import PredictivePacer
from dialer.core.pacing.progressive import count_supply
from dialer.core.pacing.settings import PacerSettings, PacingPrior
from dialer.core.pacing.snapshot import take_snapshot

TALKING, WRAPPING = 0.85, 0.12  # of the agents; the rest is ready
CLOSING_S = 10.0  # before the end, agents say that it is about to come
SPEAKING = 200  # agents who are heard in the lessons
LESSONS = 600  # calls the pacer has learned from before it is timed
ANSWERED_EACH = 4
SAYING_SO = 10  # every tenth agent has just said so


def teach(pacer: PredictivePacer, rng: np.random.Generator) -> None:
    """A pacer that has seen a morning."""
    for number in range(LESSONS):
        ring_s = float(rng.uniform(3.0, 20.0))
        if number % ANSWERED_EACH:
            pacer.observe(CallFailed(at_s=0.0, attempt="", ring_s=27.0))
            continue
        pacer.observe(CallAnswered(at_s=0.0, attempt="", ring_s=ring_s))
        agent = f"agent-{number % SPEAKING}"
        talk_s, wrap_s = float(rng.lognormal(5.0, 0.7)), float(rng.lognormal(2.9, 0.5))
        pacer.observe(TalkEnded(at_s=0.0, agent=agent, talk_s=talk_s, closing_s=CLOSING_S))
        pacer.observe(WrapUpEnded(at_s=0.0, agent=agent, wrap_s=wrap_s, closing_s=CLOSING_S))


def busy_floor(agents: int, calls: int, rng: np.random.Generator) -> PacingFacts:
    """A full floor: most agents talk, the air is full of calls."""
    states: list[AgentState] = [
        "talking" if share < TALKING else "wrapping_up" if share < TALKING + WRAPPING else "ready"
        for share in rng.random(agents)
    ]
    return PacingFacts(
        now_s=1000.0,
        mode="predictive",
        agents=tuple(
            AgentFacts(
                agent=f"agent-{number}",
                state=state,
                since_s=1000.0 - float(rng.uniform(0.0, 300.0)),
                closing_s=CLOSING_S / 2.0 if state != "ready" and number % SAYING_SO == 0 else None,
            )
            for number, state in enumerate(states)
        ),
        calls=tuple(CallInAir(attempt=f"wb-{n}", age_s=float(rng.uniform(0.0, 27.0))) for n in range(calls)),
        candidates=tuple(Candidate(lead=f"lead-{n}", answer_probability=0.3) for n in range(200)),
    )


def measure_decisions(*, agents: int, calls: int, decisions: int, seed: int = 1) -> dict[str, float]:
    """Median and 95th percentile of one decision, and the median of its weighing alone, in milliseconds."""
    rng = np.random.default_rng(seed)
    settings = PacerSettings(target=0.03)
    pacer = PredictivePacer(settings, PacingPrior())
    teach(pacer, rng)
    took: list[float] = []
    weighed: list[float] = []
    for _ in range(decisions):
        facts = busy_floor(agents, calls, rng)
        start = time.perf_counter()
        pacer.decide(facts)
        took.append(time.perf_counter() - start)
        snapshot = take_snapshot(facts, count_supply(facts, settings.ring_s))
        start = time.perf_counter()
        pacer.weigh(snapshot)
        weighed.append(time.perf_counter() - start)
    took.sort()
    return {
        "agents": agents,
        "calls": calls,
        "decisions": decisions,
        "median_ms": 1000.0 * statistics.median(took),
        "p95_ms": 1000.0 * took[int(0.95 * len(took))],
        "weigh_ms": 1000.0 * statistics.median(weighed),
    }
