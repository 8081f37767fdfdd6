"""Predictive pacing: one more call as long as the harm it may do costs less than the budget's price.

There is no dial level. For each decision the pacer knows how long every call has rung and every agent
has talked or wrapped up, and from the laws learned so far how likely an answer or a free agent is at
each coming moment. A call more is placed while the chance that its answer costs somebody an agent
(`lookahead`) is at most the price that the abandonment budget sets (`budget`).
"""

import math
from dataclasses import dataclass

import numpy as np

from dialer.core.pacing.budget import Budget, Pricing
from dialer.core.pacing.facts import (
    BudgetFacts,
    CallAbandoned,
    CallAnswered,
    CallFailed,
    Decision,
    Dialed,
    PacingEvent,
    PacingFacts,
    PauseEnded,
    Reason,
    TalkEnded,
    WrapUpEnded,
)
from dialer.core.pacing.horizon import Horizon, Laws, draw_horizon
from dialer.core.pacing.laws import Array
from dialer.core.pacing.leads import choose_leads
from dialer.core.pacing.lookahead import worst_from
from dialer.core.pacing.progressive import count_supply
from dialer.core.pacing.reason import explain_price, upper_share
from dialer.core.pacing.settings import PacingPrior, PacingSettings
from dialer.core.pacing.situation import Outlook, Situation, look_ahead, read_situation

COLD_CALLS = 60  # calls that must have ended before the estimates carry anything
WARM_CALLS = 160  # calls after which they carry everything
REDRAW_CALLS = 8  # calls ended (more with more agents) after which the laws are tabled afresh
REDRAW_ENDS = 4  # talks and wrap-ups ended, likewise
SHARED_LEAST = 0.5  # least price over target where live callers share the agents, however deep in debt
LOOK_STEP_S = 0.5  # a risk of so many prices is looked at again after so many of these
LOOK_SOON_S = 0.5
LOOK_LATER_S = 3.0
LOOK_RARELY_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How many calls to place, and the risk that each of them was let through with."""

    place: int
    risks: tuple[float, ...]  # of each call placed
    next_risk: float  # of the call that was not placed
    price: float
    look_again_s: float
    places: tuple[int, ...] | None = None  # of the leads to ring in the list; None: from its head
    coming_back: float = 0.0  # agents now on a pause who are expected back in time
    closing: int = 0  # agents who said that their talk is about to end, and are taken at their word


@dataclass(slots=True, kw_only=True)
class Drawn:
    """The tabled laws and how much had been seen when they were drawn."""

    horizon: Horizon
    calls: int = 0
    ends: int = 0


class PredictivePacer:
    """Look-ahead pacing for teams of any size; never fewer calls than one per free agent."""

    def __init__(
        self,
        settings: PacingSettings,
        prior: PacingPrior,
        *,
        laws: Laws | None = None,
        budget: Pricing | None = None,
    ) -> None:
        """`laws` and `budget` stand in for what would be learned, to compare with what is known."""
        self._settings = settings
        self._laws = laws or Laws.start(settings, prior)
        self._budget = budget or Budget(settings.target, legal_limit=settings.legal_limit)
        self._answered_today: int | None = None
        self._drawn: Drawn | None = None
        self._fresh = False
        self._offered: list[float] = []

    @property
    def budget(self) -> Pricing:
        """The abandonment budget, for the live page and the trace."""
        return self._budget

    @property
    def laws(self) -> Laws:
        """What was learned, for the live page and the trace."""
        return self._laws

    def decide(self, facts: PacingFacts) -> Decision:
        self._fresh = False
        self._read_book(facts.budget)
        supply = count_supply(facts, self._settings.ring_s)
        verdict = self.weigh(read_situation(facts, supply, self._rate_of_leads()))
        numbers = {
            "free_agents": float(supply.free),
            "calls_in_air": float(supply.leads_in_air),
            "waiting_callers": float(facts.waiting_callers),
            "due_promises": float(facts.due_promises),
            "agents_leaving": float(supply.leaving_soon),
            "agents_coming_back": verdict.coming_back,
            "agents_closing": float(verdict.closing),
            "callers_expected_per_minute": 60.0 * facts.inbound_per_s,
            "placed": float(verdict.place),
            "next_risk": verdict.next_risk,
            "price": verdict.price,
            "credit": self._budget.credit,
            "abandoned_today": float(facts.budget.abandoned_today),
            "answered_today": float(facts.budget.answered_today),
            "share_today_at_most": upper_share(facts.budget.abandoned_today, facts.budget.answered_today),
            "answer_rate": self._laws.ring.rate.value,
            "talk_mean_s": self._laws.talk.law.mean_s,
        }
        sentence = explain_price(
            supply,
            facts,
            risks=verdict.risks,
            next_risk=verdict.next_risk,
            price=verdict.price,
            coming_back=verdict.coming_back,
            closing=verdict.closing,
        )
        return Decision(
            dial=tuple(facts.candidates[place].lead for place in verdict.places or range(verdict.place)),
            promises=supply.promises,
            reason=Reason(numbers=numbers, sentence=sentence),
            look_again_s=verdict.look_again_s,
            fresh=self._fresh,
        )

    def weigh(self, situation: Situation) -> Verdict:
        """How many more calls the price allows; at least one per free agent, unless live callers are due.

        Where live callers share the agents, one of them may take the agent that a call was placed for, so
        even the first call has a risk. Then the price is never under the target, or half of it in deep debt,
        so that calls go on and pay the debt back, and outbound yields. With a target of 0 there is no price,
        and one call per free agent is rung as ever.
        """
        self._fresh |= self._budget.provide_for(situation.agents)
        in_air = len(situation.ringing_s)
        floor = min(situation.limit, max(0, situation.free - in_air))
        price = self._budget.price * self._warmth()
        if situation.inbound_per_s > 0.0 and self._settings.target > 0.0:
            ease = max(SHARED_LEAST, min(1.0, math.exp(self._budget.credit)))
            floor, price = 0, max(price, ease * self._settings.target)
        risks = [0.0] * floor
        self._offered = risks
        if price <= 0.0 or situation.agents <= 0 or situation.limit <= floor:
            return Verdict(
                place=floor, risks=tuple(risks), next_risk=1.0, price=price, look_again_s=LOOK_RARELY_S
            )
        horizon = self._draw(situation)
        probabilities = situation.probabilities
        outlook = look_ahead(
            horizon,
            situation,
            laws=self._laws,
            probabilities=None if probabilities is None else self._calibrated(probabilities),
        )
        if situation.candidates:
            return self._choose(horizon, situation, outlook, price)
        tail, placed = outlook.tail, horizon.placed
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
            look_again_s=look_again(risk, price),
            coming_back=outlook.coming_back,
            closing=outlook.closing,
        )

    def _choose(self, horizon: Horizon, situation: Situation, outlook: Outlook, price: float) -> Verdict:
        ratio = self._laws.ring.rate.ratio
        choice = choose_leads(
            outlook.tail,
            horizon.shapes.placed,
            [min(0.98, ratio * level) for level in situation.candidates],
            free=situation.free,
            agents=outlook.agents,
            price=price,
            limit=situation.limit,
        )
        self._offered = list(choice.risks)
        return Verdict(
            place=len(choice.places),
            risks=choice.risks,
            next_risk=choice.next_risk,
            price=price,
            look_again_s=look_again(choice.next_risk, price),
            places=choice.places,
            coming_back=outlook.coming_back,
            closing=outlook.closing,
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
                laws.talk.learn(event.talk_s, event.agent)
                laws.talk_closings.learn(event.agent, event.closing_s)
            case WrapUpEnded():
                laws.wrap.learn(event.wrap_s, event.agent)
                laws.wrap_closings.learn(event.agent, event.closing_s)
            case PauseEnded():
                laws.pauses.learn(event.reason, event.pause_s)
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
            self._fresh = True
        elif book.answered_today < self._answered_today:
            self._budget.begin_day()
            self._fresh = True
        self._answered_today = book.answered_today

    def _warmth(self) -> float:
        """How far the estimates carry, 0..1."""
        seen = self._laws.ring.rate.seen
        return min(1.0, max(0.0, (seen - COLD_CALLS) / (WARM_CALLS - COLD_CALLS)))

    def _draw(self, situation: Situation) -> Horizon:
        laws, kept = self._laws, self._drawn
        calls, ends = laws.ring.rate.seen, laws.ends
        agents = len(situation.talking_s) + len(situation.wrapping_s)
        if (
            kept is not None
            and calls - kept.calls < REDRAW_CALLS + agents
            and ends - kept.ends < REDRAW_ENDS + agents
        ):
            return kept.horizon
        laws.talk.habits.settle()
        laws.wrap.habits.settle()
        laws.talk_closings.ahead.habits.settle()
        laws.wrap_closings.ahead.habits.settle()
        horizon = draw_horizon(
            laws,
            rate=laws.ring.rate.cautious(1.0 - self._warmth()),
            patience_s=self._settings.patience_s,
            talking=situation.talking(laws),
            wrapping=situation.wrapping(laws),
            paused=situation.paused,
        )
        self._drawn = Drawn(horizon=horizon, calls=calls, ends=ends)
        self._fresh = True
        return horizon


def look_again(risk: float, price: float) -> float:
    """Seconds until a call that is too dear at this moment is worth another look."""
    return min(LOOK_LATER_S, max(LOOK_SOON_S, LOOK_STEP_S * risk / price))
