"""The facts of one decision as numbers, and the sum of chances that pacing looks at the tail of."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dialer.core.pacing.agent_effects import Handling
from dialer.core.pacing.closing_signals import ClosingSignals
from dialer.core.pacing.estimators import Array
from dialer.core.pacing.facts import AgentFacts, CallInAir, Candidate, PacingFacts, SharedWith
from dialer.core.pacing.forecast import AgeTable, Busy, Estimators, Forecast, ToldEnding
from dialer.core.pacing.lookahead import EXACT_TERMS, ExactTail, SmoothTail
from dialer.core.pacing.progressive import LEAVES_SOON_S, Supply, leaves_within


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What one decision rests on; the lab builds it directly, the engine from `PacingFacts`.

    `free` counts agents who could take a customer now and will stay, minus everybody who comes before a
    lead; it may be negative. Ages are seconds. `talkers` and `wrappers` name the agents of `talking_s` and
    `wrapping_s` in the same order (empty: nobody's own habits are known); the `…_closing_s` are in that order
    the seconds since each said that the talk or wrap-up is about to end, nan for who has not (None: nobody
    has); the `…_stay_s` say for how long each of them stays at work, infinite where nothing is planned (None:
    for nobody). `leaving_s` is how long each further free agent stays who will soon be gone.
    """

    free: int
    ringing_s: Array  # ages of the calls to leads in the air
    talking_s: Array
    wrapping_s: Array
    limit: int  # leads and lines that are there at most
    talkers: Sequence[str] = ()
    wrappers: Sequence[str] = ()
    talking_closing_s: Array | None = None
    wrapping_closing_s: Array | None = None
    talking_stay_s: Array | None = None
    wrapping_stay_s: Array | None = None
    leaving_s: Sequence[float] = ()
    paused: Sequence[tuple[str, float]] = ()  # reason and elapsed seconds of everybody who may come back
    probabilities: Array | None = None  # of the calls in the air, where leads have their own
    candidates: tuple[float, ...] = ()  # chances of the leads that may be rung, in the list's order
    inbound_per_s: float = 0.0
    others_rates: Array | None = None  # answer rates of other campaigns' calls in the air, nan for own ones
    share: float = 1.0
    shared_with: tuple[SharedWith, ...] = ()

    @property
    def agents(self) -> int:
        """Everybody who is free or may come free."""
        busy = len(self.talking_s) + len(self.wrapping_s)
        return self.free + busy + len(self.leaving_s) + len(self.paused)

    def talking(self, estimators: Estimators) -> Busy:
        """Who talks, each at the own pace."""
        return busy(
            self.talking_s, self.talkers, self.talking_closing_s, estimators.talk, estimators.talk_closings
        )

    def wrapping(self, estimators: Estimators) -> Busy:
        """Who wraps up, each at the own pace."""
        return busy(
            self.wrapping_s, self.wrappers, self.wrapping_closing_s, estimators.wrap, estimators.wrap_closings
        )


def busy(
    ages_s: Array,
    agents: Sequence[str],
    closing_s: Array | None,
    handling: Handling,
    closings: ClosingSignals,
) -> Busy:
    """These agents with their own pace, and their own way of saying that it is about to end."""
    return Busy(
        ages_s=ages_s,
        indices=handling.agent_effects.indices(agents),
        closing_s=closing_s,
        closing_indices=closings.ahead.agent_effects.indices(agents),
        shares=closings.shares(agents) if closings.known and agents else None,
    )


def take_snapshot(facts: PacingFacts, supply: Supply, unknown: float | None = None) -> Snapshot:
    """The numbers of one decision, read from the engine's facts.

    With `unknown`, leads are told apart by their own probability, and that is taken where one has none.
    """
    now = facts.now_s
    limit = max(0, min(facts.lines_free - supply.promises, len(facts.candidates)))
    leads = [call for call in facts.calls if not call.for_promise]
    ringing = [call for call in leads if not call.answered]
    talking = [agent for agent in facts.agents if agent.state == "talking"]
    wrapping = [agent for agent in facts.agents if agent.state == "wrapping_up"]
    return Snapshot(
        free=supply.left - (len(leads) - len(ringing)),  # who answered has a claim on an agent already
        ringing_s=np.array([call.age_s for call in ringing]),
        talking_s=np.array([now - agent.since_s for agent in talking]),
        wrapping_s=np.array([now - agent.since_s for agent in wrapping]),
        limit=limit,
        talkers=[agent.agent for agent in talking],
        wrappers=[agent.agent for agent in wrapping],
        talking_closing_s=closings(talking),
        wrapping_closing_s=closings(wrapping),
        talking_stay_s=stays(talking, now),
        wrapping_stay_s=stays(wrapping, now),
        leaving_s=supply.leaving_s,
        paused=on_a_pause(facts.agents, now),
        probabilities=None if unknown is None else np.array(chances(ringing, unknown)),
        candidates=() if unknown is None else tuple(chances(facts.candidates, unknown)),
        inbound_per_s=facts.inbound_per_s,
        others_rates=others_rates(ringing),
        share=facts.share,
        shared_with=facts.shared_with,
    )


def on_a_pause(agents: Sequence[AgentFacts], now_s: float) -> list[tuple[str, float]]:
    """The reason and the seconds so far of every pause whose agent will be back and stay."""
    return [
        (agent.reason, now_s - agent.since_s)
        for agent in agents
        if agent.state == "paused" and agent.reason and not leaves_within(agent, now_s, LEAVES_SOON_S)
    ]


def chances(leads: Sequence[CallInAir] | Sequence[Candidate], unknown: float) -> list[float]:
    """The leads' own probabilities of answering, or `unknown`."""
    return [known(lead, unknown) for lead in leads]


def others_rates(ringing: Sequence[CallInAir]) -> Array | None:
    """The answer rates of other campaigns' calls, nan for own ones; None where all are own ones."""
    if all(call.others_rate is None for call in ringing):
        return None
    return np.array([np.nan if call.others_rate is None else call.others_rate for call in ringing])


def stays(agents: Sequence[AgentFacts], now_s: float) -> Array | None:
    """For how long each of them stays at work; None where nobody plans to leave soon."""
    if not any(leaves_within(agent, now_s, LEAVES_SOON_S) for agent in agents):
        return None
    return np.array([np.inf if agent.leaves_s is None else agent.leaves_s - now_s for agent in agents])


def closings(agents: Sequence[AgentFacts]) -> Array | None:
    """The seconds since each said that it is about to end, nan for who has not; None where nobody has."""
    if all(agent.closing_s is None for agent in agents):
        return None
    return np.array([np.nan if agent.closing_s is None else agent.closing_s for agent in agents])


def known(lead: CallInAir | Candidate, unknown: float) -> float:
    """A lead's own probability of answering, or `unknown`."""
    return unknown if lead.answer_probability is None else lead.answer_probability


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """The tail of one situation, the agents it compares with, and what is known of those not free now.

    `coming_back` of them are on a pause and expected back, `closing` say that they are about to be done.
    """

    tail: ExactTail | SmoothTail
    agents: int
    coming_back: float
    closing: int


def look_ahead(
    forecast: Forecast, snapshot: Snapshot, *, estimators: Estimators, probabilities: Array | None
) -> Outlook:
    """Calls in the air answered, plus agents not free, by each moment: their sum's tail.

    Somebody who plans to leave is not free from then on. Somebody on a pause counts as an agent who is
    not free unless back by then. `probabilities` are those of the calls in the air, calibrated.
    """
    moments = forecast.moments_s
    talking, wrapping = snapshot.talking(estimators), snapshot.wrapping(estimators)
    others: list[Array] = []
    coming_back = 0.0
    if snapshot.leaving_s:
        gone = moments >= np.array(snapshot.leaving_s)[:, None]
        others.append(gone.astype(np.float64))
    if snapshot.paused and forecast.still_paused:
        away = still_away(forecast, snapshot.paused)
        coming_back = float(len(away) - away[:, -1].sum())
        others.append(away)
    here = len(talking.ages_s) + len(wrapping.ages_s)
    extra = sum(len(rows) for rows in others)
    agents = snapshot.free + here + extra
    arrivals = snapshot.inbound_per_s * moments if snapshot.inbound_per_s > 0.0 else None
    closing = count_closing(forecast.told_talking, talking) + count_closing(forecast.told_wrapping, wrapping)
    if here + extra + len(snapshot.ringing_s) <= EXACT_TERMS:
        answers = (
            forecast.ringing.rows(snapshot.ringing_s)
            if probabilities is None
            else forecast.shapes.chances(snapshot.ringing_s, probabilities)
        )
        terms = np.concatenate(
            (
                answers,
                not_free(
                    forecast.still_talking,
                    forecast.told_talking,
                    talking,
                    snapshot.talking_stay_s,
                    moments,
                ),
                not_free(
                    forecast.still_wrapping,
                    forecast.told_wrapping,
                    wrapping,
                    snapshot.wrapping_stay_s,
                    moments,
                ),
                *others,
            )
        )
        return Outlook(
            tail=ExactTail(terms, agents=agents, arrivals=arrivals),
            agents=agents,
            coming_back=coming_back,
            closing=closing,
        )
    sums = (
        forecast.ringing.sums(snapshot.ringing_s)
        if probabilities is None
        else add_moments(forecast.shapes.chances(snapshot.ringing_s, probabilities))
    )
    sums = sums + sum_not_free(
        forecast.still_talking, forecast.told_talking, talking, snapshot.talking_stay_s, moments
    )
    sums = sums + sum_not_free(
        forecast.still_wrapping, forecast.told_wrapping, wrapping, snapshot.wrapping_stay_s, moments
    )
    for rows in others:
        sums = sums + add_moments(rows)
    mean, variance, third = sums.reshape(3, -1)
    if arrivals is not None:
        mean, variance, third = mean + arrivals, variance + arrivals, third + arrivals
    return Outlook(
        tail=SmoothTail(mean=mean, variance=variance, third=third, agents=agents),
        agents=agents,
        coming_back=coming_back,
        closing=closing,
    )


def not_free(
    table: AgeTable, told: ToldEnding | None, busy: Busy, stay_s: Array | None, moments: Array
) -> Array:
    """The chance of each agent not to be free at each moment; 1 from the moment of a planned leave on."""
    rows = table.rows(busy.ages_s, busy.indices) if told is None else told.rows(table, busy)
    return rows if stay_s is None else np.where(moments >= stay_s[:, None], 1.0, rows)


def sum_not_free(
    table: AgeTable, told: ToldEnding | None, busy: Busy, stay_s: Array | None, moments: Array
) -> Array:
    """Mean, variance and third moment of how many are not free at each moment."""
    if told is not None:
        return add_moments(not_free(table, told, busy, stay_s, moments))
    if stay_s is None:
        return table.sums(busy.ages_s, busy.indices)
    soon = stay_s <= moments[-1]
    parts = [
        Busy(ages_s=busy.ages_s[part], indices=None if busy.indices is None else busy.indices[part])
        for part in (soon, ~soon)
    ]
    return add_moments(not_free(table, None, parts[0], stay_s[soon], moments)) + table.sums(
        parts[1].ages_s, parts[1].indices
    )


def still_away(forecast: Forecast, paused: Sequence[tuple[str, float]]) -> Array:
    """The chance of each paused agent, of whose reason enough is known, not to be back by each moment."""
    rows = [
        table.rows(np.array([age for why, age in paused if why == reason]))
        for reason, table in forecast.still_paused.items()
    ]
    return np.concatenate(rows)


def count_closing(told: ToldEnding | None, busy: Busy) -> int:
    """How many say that it is about to end and are taken at their word."""
    return 0 if told is None else len(busy.closing.ages_s)


def add_moments(chances: Array) -> Array:
    """Mean, variance and third moment of a sum of yes-or-no variables, side by side for each moment."""
    spread = chances * (1.0 - chances)
    return np.asarray(
        np.add.reduce(np.concatenate((chances, spread, spread * (1.0 - 2.0 * chances)), axis=1), axis=0)
    )
