"""Predictive pacing: one more call as long as the harm it may do costs less than the budget's price.

There is no dial level. For each decision the pacer knows how long every call has rung and every agent
has talked or wrapped up, and from the laws learned so far how likely an answer or a free agent is at
each coming moment. A call more is placed while the chance that its answer costs somebody an agent
(`lookahead`) is at most the price that the abandonment budget sets (`budget`).
"""

import math
from dataclasses import dataclass

import numpy as np

from dialer.core.pacing.budget import Budget
from dialer.core.pacing.facts import (
    BudgetFacts,
    CallAbandoned,
    CallAnswered,
    CallFailed,
    CallInAir,
    Candidate,
    Decision,
    Dialed,
    PacingEvent,
    PacingFacts,
    Reason,
    TalkEnded,
    WrapUpEnded,
)
from dialer.core.pacing.horizon import Horizon, Laws, draw_horizon
from dialer.core.pacing.laws import Array
from dialer.core.pacing.leads import choose_leads
from dialer.core.pacing.lookahead import EXACT_TERMS, ExactTail, SmoothTail, worst_from
from dialer.core.pacing.progressive import Supply, count_supply, explain
from dialer.core.pacing.settings import PacingPrior, PacingSettings

COLD_CALLS = 60  # calls that must have ended before the estimates carry anything
WARM_CALLS = 160  # calls after which they carry everything
REDRAW_CALLS = 8  # calls ended (more with more agents) after which the laws are tabled afresh
REDRAW_ENDS = 4  # talks and wrap-ups ended, likewise
LOOK_STEP_S = 0.5  # a risk of so many prices is looked at again after so many of these
LOOK_SOON_S = 0.5
LOOK_LATER_S = 3.0
LOOK_RARELY_S = 5.0
NORMAL_95 = 1.645  # one-sided


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """The facts of one decision as numbers; the lab builds it directly, the engine from `PacingFacts`.

    `free` counts agents who could take a customer now, minus everybody who comes before a lead; it may
    be negative. Ages are seconds.
    """

    free: int
    ringing_s: Array  # ages of the calls to leads in the air
    talking_s: Array
    wrapping_s: Array
    limit: int  # leads and lines that are there at most
    probabilities: Array | None = None  # of the calls in the air, where leads have their own
    candidates: tuple[float, ...] = ()  # chances of the leads that may be rung, in the list's order
    inbound_per_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How many calls to place, and the risk that each of them was let through with."""

    place: int
    risks: tuple[float, ...]  # of each call placed
    next_risk: float  # of the call that was not placed
    price: float
    look_again_s: float
    places: tuple[int, ...] | None = None  # of the leads to ring in the list; None: from its head


@dataclass(slots=True, kw_only=True)
class Outlook:
    """The tabled laws and how much had been seen when they were drawn."""

    horizon: Horizon
    calls: int = 0
    ends: int = 0


class PredictivePacer:
    """Look-ahead pacing for teams of any size; never fewer calls than one per free agent."""

    def __init__(self, settings: PacingSettings, prior: PacingPrior) -> None:
        self._settings = settings
        self._laws = Laws.start(settings, prior)
        self._budget = Budget(settings.target, legal_limit=settings.legal_limit)
        self._answered_today: int | None = None
        self._outlook: Outlook | None = None
        self._offered: list[float] = []

    @property
    def budget(self) -> Budget:
        """The abandonment budget, for the live page and the trace."""
        return self._budget

    @property
    def laws(self) -> Laws:
        """What was learned, for the live page and the trace."""
        return self._laws

    def decide(self, facts: PacingFacts) -> Decision:
        self._read_book(facts.budget)
        supply = count_supply(facts)
        verdict = self.weigh(read_situation(facts, supply, self._rate_of_leads()))
        numbers = {
            "free_agents": float(supply.free),
            "calls_in_air": float(supply.leads_in_air),
            "waiting_callers": float(facts.waiting_callers),
            "due_promises": float(facts.due_promises),
            "placed": float(verdict.place),
            "next_risk": verdict.next_risk,
            "price": verdict.price,
            "credit": self._budget.credit,
            "abandoned_today": float(facts.budget.abandoned_today),
            "answered_today": float(facts.budget.answered_today),
            "share_today_at_most": upper_share(facts.budget.abandoned_today, facts.budget.answered_today),
            "answer_rate": self._laws.ring.rate.value,
            "talk_mean_s": self._laws.talk.mean_s,
        }
        return Decision(
            dial=tuple(facts.candidates[place].lead for place in verdict.places or range(verdict.place)),
            promises=supply.promises,
            reason=Reason(numbers=numbers, sentence=explain_price(supply, facts, verdict)),
            look_again_s=verdict.look_again_s,
        )

    def weigh(self, situation: Situation) -> Verdict:
        """How many more calls the price allows; at least one per free agent, unless live callers are due.

        Where live callers share the agents, one of them may take the agent that a call was placed for, so
        even the first call has a risk; then the target itself is the least price, and outbound yields.
        """
        in_air = len(situation.ringing_s)
        floor = min(situation.limit, max(0, situation.free - in_air))
        price = self._budget.price * self._warmth()
        if situation.inbound_per_s > 0.0:
            floor, price = 0, max(price, self._settings.target)
        busy = len(situation.talking_s) + len(situation.wrapping_s)
        risks = [0.0] * floor
        self._offered = risks
        if price <= 0.0 or situation.free + busy <= 0 or situation.limit <= floor:
            return Verdict(
                place=floor, risks=tuple(risks), next_risk=1.0, price=price, look_again_s=LOOK_RARELY_S
            )
        horizon = self._draw(situation)
        tail = self._tail(horizon, situation)
        if situation.candidates:
            return self._choose(horizon, situation, tail, price)
        placed = horizon.placed
        for _ in range(floor):
            tail.add(placed)
        risk = worst_from(tail.chances())
        while risk <= price and len(risks) < situation.limit:
            risks.append(risk)
            tail.add(placed)
            risk = worst_from(tail.chances())
        return Verdict(
            place=len(risks),
            risks=tuple(risks),
            next_risk=risk,
            price=price,
            look_again_s=min(LOOK_LATER_S, max(LOOK_SOON_S, LOOK_STEP_S * risk / price)),
        )

    def _choose(
        self, horizon: Horizon, situation: Situation, tail: ExactTail | SmoothTail, price: float
    ) -> Verdict:
        ratio = self._laws.ring.rate.ratio
        choice = choose_leads(
            tail,
            horizon.shapes.placed,
            [min(0.98, ratio * level) for level in situation.candidates],
            free=situation.free,
            agents=situation.free + len(situation.talking_s) + len(situation.wrapping_s),
            price=price,
            limit=situation.limit,
        )
        self._offered = list(choice.risks)
        return Verdict(
            place=len(choice.places),
            risks=choice.risks,
            next_risk=choice.next_risk,
            price=price,
            look_again_s=min(LOOK_LATER_S, max(LOOK_SOON_S, LOOK_STEP_S * choice.next_risk / price)),
            places=choice.places,
        )

    def observe(self, event: PacingEvent) -> None:
        laws = self._laws
        match event:
            case Dialed(for_promise=False):
                if self._offered:
                    self._budget.let_through(self._offered.pop(0), self._likely(event.answer_probability))
            case CallAnswered(for_promise=False):
                laws.ring.learn(event.ring_s, answered=True, expected=event.answer_probability)
                self._budget.answered()
            case CallFailed(for_promise=False):
                laws.ring.learn(event.ring_s, answered=False, expected=event.answer_probability)
            case CallAbandoned():
                self._budget.abandoned()
            case TalkEnded():
                laws.talk.learn(event.talk_s)
            case WrapUpEnded():
                laws.wrap.learn(event.wrap_s)
            case _:
                pass

    def _rate_of_leads(self) -> float | None:
        """What to take for a lead of unknown probability; None where leads are not told apart."""
        if not self._settings.lead_level:
            return None
        return self._laws.ring.rate.value / self._laws.ring.rate.ratio

    def _likely(self, probability: float | None) -> float:
        if probability is None or not self._settings.lead_level:
            return self._laws.ring.rate.value
        return min(0.98, self._laws.ring.rate.ratio * probability)

    def _calibrated(self, probabilities: Array) -> Array:
        return np.minimum(0.98, self._laws.ring.rate.ratio * probabilities)

    def _read_book(self, book: BudgetFacts) -> None:
        """Start where the book says the day stands; notice when it begins again."""
        if self._answered_today is None:
            self._budget.resume(answered=book.answered_today, abandoned=book.abandoned_today)
        elif book.answered_today < self._answered_today:
            self._budget.begin_day()
        self._answered_today = book.answered_today

    def _warmth(self) -> float:
        """How far the estimates carry, 0..1."""
        seen = self._laws.ring.rate.seen
        return min(1.0, max(0.0, (seen - COLD_CALLS) / (WARM_CALLS - COLD_CALLS)))

    def _draw(self, situation: Situation) -> Horizon:
        laws, kept = self._laws, self._outlook
        calls, ends = laws.ring.rate.seen, laws.talk.seen + laws.wrap.seen
        agents = len(situation.talking_s) + len(situation.wrapping_s)
        if (
            kept is not None
            and calls - kept.calls < REDRAW_CALLS + agents
            and ends - kept.ends < REDRAW_ENDS + agents
        ):
            return kept.horizon
        warmth = self._warmth()
        horizon = draw_horizon(
            laws,
            rate=laws.ring.rate.cautious(1.0 - warmth),
            patience_s=self._settings.patience_s,
            talking_s=situation.talking_s,
            wrapping_s=situation.wrapping_s,
        )
        self._outlook = Outlook(horizon=horizon, calls=calls, ends=ends)
        return horizon

    def _tail(self, horizon: Horizon, situation: Situation) -> ExactTail | SmoothTail:
        ringing, talking, wrapping = situation.ringing_s, situation.talking_s, situation.wrapping_s
        busy = len(talking) + len(wrapping)
        agents = situation.free + busy
        arrivals = situation.inbound_per_s * horizon.moments_s if situation.inbound_per_s > 0.0 else None
        if busy + len(ringing) <= EXACT_TERMS:
            answers = (
                horizon.ringing.rows(ringing)
                if situation.probabilities is None
                else horizon.shapes.chances(ringing, self._calibrated(situation.probabilities))
            )
            terms = np.concatenate(
                (
                    answers,
                    horizon.still_talking.rows(talking),
                    horizon.still_wrapping.rows(wrapping),
                )
            )
            return ExactTail(terms, agents=agents, arrivals=arrivals)
        if situation.probabilities is None:
            sums = horizon.ringing.sums(ringing)
        else:
            sums = add_moments(horizon.shapes.chances(ringing, self._calibrated(situation.probabilities)))
        sums = sums + horizon.still_talking.sums(talking)
        mean, variance, third = (sums + horizon.still_wrapping.sums(wrapping)).reshape(3, -1)
        if arrivals is not None:
            mean, variance, third = mean + arrivals, variance + arrivals, third + arrivals
        return SmoothTail(mean=mean, variance=variance, third=third, agents=agents)


def read_situation(facts: PacingFacts, supply: Supply, unknown: float | None = None) -> Situation:
    """The numbers of one decision, read from the engine's facts.

    With `unknown`, leads are told apart by their own probability, and that is taken where one has none.
    """
    now = facts.now_s
    limit = max(0, min(facts.lines_free - supply.promises, len(facts.candidates)))
    leads = [call for call in facts.calls if not call.for_promise]
    ringing = [call.age_s for call in leads if not call.answered]
    return Situation(
        free=supply.left - (len(leads) - len(ringing)),  # who answered has a claim on an agent already
        ringing_s=np.array(ringing),
        talking_s=np.array([now - agent.since_s for agent in facts.agents if agent.state == "talking"]),
        wrapping_s=np.array([now - agent.since_s for agent in facts.agents if agent.state == "wrapping_up"]),
        limit=limit,
        probabilities=None
        if unknown is None
        else np.array([known(call, unknown) for call in leads if not call.answered]),
        candidates=()
        if unknown is None
        else tuple(known(candidate, unknown) for candidate in facts.candidates),
        inbound_per_s=facts.inbound_per_s,
    )


def known(lead: CallInAir | Candidate, unknown: float) -> float:
    """A lead's own probability of answering, or `unknown`."""
    return unknown if lead.answer_probability is None else lead.answer_probability


def add_moments(chances: Array) -> Array:
    """Mean, variance and third moment of a sum of yes-or-no variables, side by side for each moment."""
    spread = chances * (1.0 - chances)
    return np.asarray(
        np.add.reduce(np.concatenate((chances, spread, spread * (1.0 - 2.0 * chances)), axis=1), axis=0)
    )


def upper_share(hits: int, count: int) -> float:
    """Upper end of the one-sided 95 % Wilson interval of hits / count; 1 where nothing is known."""
    if count <= 0:
        return 1.0
    share, square = min(1.0, hits / count), NORMAL_95**2
    spread = math.sqrt(share * (1.0 - share) / count + square / (4.0 * count * count))
    return min(1.0, (share + square / (2.0 * count) + NORMAL_95 * spread) / (1.0 + square / count))


def explain_price(supply: Supply, facts: PacingFacts, verdict: Verdict) -> str:
    """One sentence: why so many and not one more."""
    head = f"{supply.free} free, {supply.leads_in_air} ringing"
    if verdict.price <= 0.0 or len(facts.candidates) <= verdict.place:
        return explain(supply, facts, placed=verdict.place, wanted=verdict.place)
    if verdict.place and verdict.risks[-1] > 0.0:
        return (
            f"{head}: {verdict.place} more; an answer too many has a chance of {verdict.risks[-1]:.1%}, "
            f"the budget allows {verdict.price:.1%}."
        )
    if verdict.place:
        return f"{head}: {verdict.place} more, an agent is there for each."
    return (
        f"{head}: an answer to one more call would find no agent with a chance of {verdict.next_risk:.1%}, "
        f"the budget allows {verdict.price:.1%}."
    )
