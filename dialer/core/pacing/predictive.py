"""Predictive pacing: one more call as long as the harm it may do costs less than the budget's price.

The question. How many phones are to be rung now, so that agents wait as little as can be and at most a
stated share of those who answer meet silence?

The method. There is no dial level. The campaign has taught, so far, when people answer and how long talks
and wrap-ups last; the pacer knows for how long every call has rung and every agent has been busy
(`snapshot`). From both follow chances for each coming moment (`forecast`), from these the risk of one more
call (`lookahead`). A call is placed while its risk is at most the price of an abandonment, which the budget
sets: low in debt, high with savings (`budget`). That is the shadow price of one constraint, "at most this
share abandoned" (its Lagrange multiplier): at the best price every call is worth placing that costs less,
and none that costs more, whatever the team's size. So nothing here is tuned for a number of agents.

Why not the obvious ways. Raising and lowering a dial level by the share abandoned so far acts minutes after
the cause, and swings; it has to be slow in small teams and fast in large ones. Ringing so that the expected
number of answers equals the expected number of free agents ignores the spread, which in a team of five is
everything.

What is uncertain. Until `COLD_CALLS` have ended the estimates carry nothing, and one call is placed for each
free agent; from `WARM_CALLS` on they carry everything; in between the price is scaled. Drawing the tables
afresh costs more than a decision, so it is done after every `REDRAW_CALLS` calls or `REDRAW_ENDS` ends and
not at each.

What breaks if this is changed. A decision has to be the same for the same facts: recorded days are replayed
against it. The risk must never be taken at the moment of the answer alone, since then several calls that are
each harmless add up to one that is not. And every call that is placed weighs
on the next one of the same decision, or the same free agent would be counted on twice.
"""

import math
from dataclasses import dataclass

import numpy as np

from dialer.core.pacing.budget import Budget, Pricing
from dialer.core.pacing.estimators import Array
from dialer.core.pacing.explanation import explain_price, upper_share
from dialer.core.pacing.facts import (
    BudgetFacts,
    CallAbandoned,
    CallAnswered,
    CallFailed,
    Decision,
    Dialed,
    Explanation,
    PacingEvent,
    PacingFacts,
    PauseEnded,
    Standing,
    TalkEnded,
    WrapUpEnded,
)
from dialer.core.pacing.forecast import Estimators, Forecast, draw_forecast
from dialer.core.pacing.leads import choose_leads
from dialer.core.pacing.lookahead import worst_from
from dialer.core.pacing.progressive import count_supply
from dialer.core.pacing.settings import PacerSettings, PacingPrior
from dialer.core.pacing.sharing import common_price
from dialer.core.pacing.snapshot import Outlook, Snapshot, look_ahead, take_snapshot

COLD_CALLS = 60  # calls that must have ended before the estimates carry anything
WARM_CALLS = 160  # calls after which they carry everything
COLD_ANSWERS = 6  # answers, likewise: calls alone say nothing of how often people answer on a day like this
WARM_ANSWERS = 24
REDRAW_CALLS = 8  # calls ended (more with more agents) after which the distributions are tabled afresh
REDRAW_ENDS = 4  # talks and wrap-ups ended, likewise
SHARED_LEAST = 0.5  # least price over target where live callers share the agents, however deep in debt
PROBES = 3  # calls at a time: a dozen of them, which end a silence, take two minutes
LOOK_STEP_S = 0.5  # a risk of so many prices is looked at again after so many of these
LOOK_SOON_S = 0.5
LOOK_LATER_S = 3.0
LOOK_RARELY_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskBound:
    """How many calls to place, and the risk that each of them was let through with."""

    count: int  # calls to place
    risks: tuple[float, ...]  # of each call placed
    next_risk: float  # of the call that was not placed
    price: float
    look_again_s: float
    indices: tuple[int, ...] | None = None  # of the leads to ring in the list; None: from its head
    coming_back: float = 0.0  # agents now on a pause who are expected back in time
    closing: int = 0  # agents who said that their talk is about to end, and are taken at their word
    silent_calls: int = 0  # since people stopped picking up


@dataclass(slots=True, kw_only=True)
class Drawn:
    """The tabled distributions and how much had been seen when they were drawn."""

    forecast: Forecast
    calls: int = 0
    ends: int = 0


class PredictivePacer:
    """Look-ahead pacing for teams of any size; never fewer calls than one per free agent."""

    def __init__(
        self,
        settings: PacerSettings,
        prior: PacingPrior,
        *,
        estimators: Estimators | None = None,
        budget: Pricing | None = None,
    ) -> None:
        """`estimators` and `budget` stand in for what would be learned, to compare with what is known."""
        self._settings = settings
        self._estimators = estimators or Estimators.start(settings, prior)
        self._budget = budget or Budget(settings.target, legal_limit=settings.legal_limit)
        self._answered_today: int | None = None
        self._drawn: Drawn | None = None
        self._fresh = False
        self._offered: list[float] = []
        self._held = False  # by the budgets of other campaigns on the same agents

    @property
    def budget(self) -> Pricing:
        """The abandonment budget, for the dashboard and the trace."""
        return self._budget

    @property
    def estimators(self) -> Estimators:
        """What was learned, for the dashboard and the trace."""
        return self._estimators

    @property
    def standing(self) -> Standing:
        """For the other campaigns on the same agents."""
        rate = self._estimators.ring.rate
        return Standing(answer_rate=rate.value, price=self._budget.price, silent=rate.silent_calls > 0)

    def decide(self, facts: PacingFacts) -> Decision:
        self._fresh = False
        self._read_budget(facts.budget)
        supply = count_supply(facts, self._settings.ring_s)
        bound = self.weigh(take_snapshot(facts, supply, self._rate_of_leads()))
        numbers = {
            "free_agents": float(supply.free),
            "calls_in_air": float(supply.leads_in_air),
            "waiting_callers": float(facts.waiting_callers),
            "due_promises": float(facts.due_promises),
            "agents_leaving": float(supply.leaving_soon),
            "agents_coming_back": bound.coming_back,
            "agents_closing": float(bound.closing),
            "silent_calls": float(bound.silent_calls),
            "callers_expected_per_minute": 60.0 * facts.inbound_per_s,
            "placed": float(bound.count),
            "next_risk": bound.next_risk,
            "price": bound.price,
            "credit": self._budget.credit,
            "abandoned_today": float(facts.budget.abandoned_today),
            "answered_today": float(facts.budget.answered_today),
            "share_today_at_most": upper_share(facts.budget.abandoned_today, facts.budget.answered_today),
            "answer_rate": self._estimators.ring.rate.value,
            "talk_mean_s": self._estimators.talk.distribution.mean_s,
        }
        sentence = explain_price(
            supply,
            facts,
            risks=bound.risks,
            next_risk=bound.next_risk,
            price=bound.price,
            coming_back=bound.coming_back,
            closing=bound.closing,
            silent_calls=bound.silent_calls,
        )
        return Decision(
            dial=tuple(facts.candidates[index].lead for index in bound.indices or range(bound.count)),
            promises=supply.promises,
            reason=Explanation(numbers=numbers, sentence=sentence),
            look_again_s=bound.look_again_s,
            fresh=self._fresh,
        )

    def weigh(self, snapshot: Snapshot) -> RiskBound:
        """How many more calls the price allows; at least one per free agent, unless live callers are due.

        Where live callers share the agents, one of them may take the agent that a call was placed for, so
        even the first call has a risk. Then the price is never under the target, or half of it in deep debt,
        so that calls go on and pay the debt back, and outbound yields. With a target of 0 there is no price,
        and one call per free agent is rung as ever.

        While nobody picks up there is never more than one call per free agent: what rings when that is over
        is answered as usual, all of it in the same moment. Where other campaigns keep the agents busy, a few
        calls at their common price find out when that is.
        """
        self._fresh |= self._budget.provide_for(snapshot.agents)
        in_air = len(snapshot.ringing_s)
        silent = self._estimators.ring.rate.silent_calls
        unclaimed = max(0, snapshot.free - in_air)
        limit = min(snapshot.limit, max(unclaimed, probes(snapshot))) if silent else snapshot.limit
        floor = min(limit, unclaimed)
        own = self._budget.price
        common = common_price(own, snapshot.share, snapshot.shared_with)
        self._held = common < own
        price = common * self._warmth()
        if snapshot.inbound_per_s > 0.0 and self._settings.target > 0.0:
            ease = max(SHARED_LEAST, min(1.0, math.exp(self._budget.credit)))
            floor, price = 0, max(price, ease * self._settings.target)
        risks = [0.0] * floor
        self._offered = risks
        if price <= 0.0 or snapshot.agents <= 0 or limit <= floor:
            return RiskBound(
                count=floor,
                risks=tuple(risks),
                next_risk=1.0,
                price=price,
                look_again_s=LOOK_RARELY_S,
                silent_calls=silent,
            )
        forecast = self._draw(snapshot)
        outlook = look_ahead(
            forecast, snapshot, estimators=self._estimators, probabilities=self._chances(snapshot, forecast)
        )
        if snapshot.candidates:
            return self._choose(forecast, snapshot, outlook, price, limit)
        tail, placed = outlook.tail, forecast.placed
        for _ in range(floor):
            tail.add(placed)
        risk = worst_from(tail.chances())
        while risk <= price and len(risks) < limit:
            risks.append(risk)
            tail.add(placed)
            risk = worst_from(tail.chances())
        return RiskBound(
            count=len(risks),
            risks=tuple(risks),
            next_risk=risk,
            price=price,
            look_again_s=look_again(risk, price),
            coming_back=outlook.coming_back,
            closing=outlook.closing,
            silent_calls=silent,
        )

    def _choose(
        self, forecast: Forecast, snapshot: Snapshot, outlook: Outlook, price: float, limit: int
    ) -> RiskBound:
        ratio = self._estimators.ring.rate.ratio
        choice = choose_leads(
            outlook.tail,
            forecast.shapes.placed,
            [min(0.98, ratio * level) for level in snapshot.candidates],
            free=snapshot.free,
            agents=outlook.agents,
            price=price,
            limit=limit,
        )
        self._offered = list(choice.risks)
        return RiskBound(
            count=len(choice.indices),
            risks=choice.risks,
            next_risk=choice.next_risk,
            price=price,
            look_again_s=look_again(choice.next_risk, price),
            indices=choice.indices,
            coming_back=outlook.coming_back,
            closing=outlook.closing,
            silent_calls=self._estimators.ring.rate.silent_calls,
        )

    def observe(self, event: PacingEvent) -> None:
        estimators = self._estimators
        match event:
            case Dialed(for_promise=False):
                risk = self._offered.pop(0) if self._offered else None
                if (
                    risk is not None and not estimators.ring.rate.silent_calls
                ):  # nobody answers what rings then
                    likely = self._likely(event.answer_probability)
                    self._budget.let_through(risk, likely, held=self._held)
            case CallAnswered(for_promise=False):
                estimators.ring.learn(event.ring_s, answered=True, expected=event.answer_probability)
                self._budget.answered()
            case CallFailed(for_promise=False):
                estimators.ring.learn(event.ring_s, answered=False, expected=event.answer_probability)
            case CallAbandoned():
                self._budget.abandoned()
            case TalkEnded():
                estimators.talk.learn(event.talk_s, event.agent)
                estimators.talk_closings.learn(event.agent, event.closing_s)
            case WrapUpEnded():
                estimators.wrap.learn(event.wrap_s, event.agent)
                estimators.wrap_closings.learn(event.agent, event.closing_s)
            case PauseEnded():
                estimators.pauses.learn(event.reason, event.pause_s)
            case _:
                pass

    def _rate_of_leads(self) -> float | None:
        """What to take for a lead of unknown probability; None where leads are not told apart."""
        if not self._settings.lead_level:
            return None
        return self._estimators.ring.rate.value / self._estimators.ring.rate.ratio

    def _likely(self, probability: float | None) -> float:
        if probability is None or not self._settings.lead_level:
            return self._estimators.ring.rate.value
        return min(0.98, self._estimators.ring.rate.ratio * probability)

    def _chances(self, snapshot: Snapshot, forecast: Forecast) -> Array | None:
        """The chances of an answer of the calls in the air; None where all have this campaign's."""
        ratio = self._estimators.ring.rate.ratio
        own = snapshot.probabilities
        chances = None if own is None else np.minimum(0.98, ratio * own)
        others = snapshot.others_rates
        if others is None:
            return chances
        return np.where(np.isnan(others), forecast.rate if chances is None else chances, others)

    def _read_budget(self, budget: BudgetFacts) -> None:
        """Start where the database says the day stands; notice when it begins again."""
        if self._answered_today is None:
            self._budget.resume(answered=budget.answered_today, abandoned=budget.abandoned_today)
            self._fresh = True
        elif budget.answered_today < self._answered_today:
            self._budget.begin_day()
            self._fresh = True
        self._answered_today = budget.answered_today

    def _warmth(self) -> float:
        """How far the estimates carry, 0..1."""
        rate = self._estimators.ring.rate
        calls = (rate.seen - COLD_CALLS) / (WARM_CALLS - COLD_CALLS)
        answers = (rate.answers - COLD_ANSWERS) / (WARM_ANSWERS - COLD_ANSWERS)
        return min(1.0, max(0.0, min(calls, answers)))

    def _draw(self, snapshot: Snapshot) -> Forecast:
        estimators, kept = self._estimators, self._drawn
        calls, ends = estimators.ring.rate.seen, estimators.ends
        agents = len(snapshot.talking_s) + len(snapshot.wrapping_s)
        if (
            kept is not None
            and calls - kept.calls < REDRAW_CALLS + agents
            and ends - kept.ends < REDRAW_ENDS + agents
        ):
            return kept.forecast
        estimators.talk.agent_effects.settle()
        estimators.wrap.agent_effects.settle()
        estimators.talk_closings.ahead.agent_effects.settle()
        estimators.wrap_closings.ahead.agent_effects.settle()
        forecast = draw_forecast(
            estimators,
            rate=estimators.ring.rate.cautious(1.0 - self._warmth()),
            patience_s=self._settings.patience_s,
            talking=snapshot.talking(estimators),
            wrapping=snapshot.wrapping(estimators),
            paused=snapshot.paused,
        )
        self._drawn = Drawn(forecast=forecast, calls=calls, ends=ends)
        self._fresh = True
        return forecast


def probes(snapshot: Snapshot) -> int:
    """Calls that a campaign whose customers do not pick up may have in the air beside busy other ones."""
    if not snapshot.shared_with:
        return 0
    others = snapshot.others_rates
    own = len(snapshot.ringing_s) if others is None else int(np.isnan(others).sum())
    return max(0, PROBES - own)


def look_again(risk: float, price: float) -> float:
    """Seconds until a call that is too dear at this moment is worth another look."""
    return min(LOOK_LATER_S, max(LOOK_SOON_S, LOOK_STEP_S * risk / price))
