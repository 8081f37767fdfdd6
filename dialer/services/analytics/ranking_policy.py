"""How lists are ranked, and what is missing for the next way: by risk, or by what a call changes.

The ranking decision decides when a model of effect is trained; its word is kept with that model, and holds
while the model is in use.
"""

from dataclasses import dataclass

from churnmodel.uplift.ranking_policy import (
    ENOUGH_EVENTS,
    ENOUGH_OUTCOMES,
    EXCLUDED_SHARE,
    RankingDecision,
    RankingPolicy,
)
from dialer.db.queries import assignments
from dialer.db.session import Database
from dialer.services.analytics.models import ModelCard, champion


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The ranking policy that lists are ranked by, and its evidence."""

    ranking_policy: RankingPolicy
    outcomes: int  # known of customers whom chance could have left out; of a model, those it learned from
    events: int  # of them, how many left
    model: int | None = None  # of effect, in use
    decision: RankingDecision | None = None  # what it decided, on which evidence

    def in_words(self) -> str:
        """One sentence for a page or a command."""
        decision = self.decision
        if decision is None:
            enough = self.outcomes >= ENOUGH_OUTCOMES or self.events >= ENOUGH_EVENTS
            missing = (
                "`winback train` has to judge them"
                if enough
                else f"{ENOUGH_OUTCOMES - self.outcomes:,} more, or {ENOUGH_EVENTS - self.events:,} more who "
                "left, are needed before uplift may rank"
            )
            return (
                "Ranked by risk and value, nobody is left out for a poor effect: "
                f"{self.outcomes:,} outcomes of randomised customers are known, {self.events:,} of them "
                f"left; {missing}."
            )
        learned = (
            f"model {self.model} learned from {decision.outcomes:,} outcomes of randomised customers, "
            f"{decision.events:,} of whom left"
        )
        if decision.ranking_policy is RankingPolicy.UPLIFT:
            return (
                "Ranked by what a call changes, without those it is expected to drive away: "
                f"{learned}; it keeps {1000 * decision.gain:.1f} of 1,000 called more than a ranking by risk "
                f"(at least {1000 * decision.gain_low:.1f}, 95 % sure)."
            )
        without = (
            f"without the {EXCLUDED_SHARE:.0%} whom a call helps least"
            if decision.exclude
            else "nobody is left out for a poor effect, for the worst are not surely worse"
        )
        lacking = " and ".join(decision.missing)
        return f"Ranked by risk and value, {without}: {learned}; before uplift may rank, it needs {lacking}."


def ranking(database: Database) -> Ranking:
    """How lists are ranked at this moment."""
    card = champion(database, "uplift")
    if card is None:
        with database.read() as tx:
            outcomes, events = assignments.count_randomised(tx)
        return Ranking(ranking_policy=RankingPolicy.RISK_MINUS_WORST_30, outcomes=outcomes, events=events)
    decision = decision_of(card)
    return Ranking(
        ranking_policy=decision.ranking_policy,
        outcomes=decision.outcomes,
        events=decision.events,
        model=card.id,
        decision=decision,
    )


def decision_of(card: ModelCard) -> RankingDecision:
    """What was decided when a model of effect was trained."""
    return RankingDecision.from_dict(card.metrics["gate"])
