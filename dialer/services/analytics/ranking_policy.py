"""How lists are ranked, and what is missing for the next way: by risk, or by what a call changes.

The ranking decision decides when a model of effect is trained; its word is kept with that model, and holds
while the model is in use.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from churnmodel.uplift.ranking_policy import (
    ENOUGH_EVENTS,
    ENOUGH_OUTCOMES,
    EXCLUDED_SHARE,
    RankingDecision,
    RankingPolicy,
)
from dialer.core.sentence import Figure, Plain, Sentence
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

    def in_words(self) -> Sentence:
        """One sentence for a page or a command."""
        decision = self.decision
        if decision is None:
            return self._undecided()
        learned = Sentence(
            "model %(model)s learned from %(outcomes)s outcomes of randomised customers, "
            "%(events)s of whom left",
            model=self.model,
            outcomes=Figure(decision.outcomes),
            events=Figure(decision.events),
        )
        if decision.ranking_policy is RankingPolicy.UPLIFT:
            return Sentence(
                "Ranked by what a call changes, without those it is expected to drive away: %(learned)s; it "
                "keeps %(kept)s of 1,000 called more than a ranking by risk "
                "(at least %(least)s, 95 %% sure).",
                learned=learned,
                kept=Figure(1000 * decision.gain, 1),
                least=Figure(1000 * decision.gain_low, 1),
            )
        without = (
            Sentence(
                "without the %(share)s whom a call helps least", share=Figure(EXCLUDED_SHARE, share=True)
            )
            if decision.exclude
            else Sentence("nobody is left out for a poor effect, for the worst are not surely worse")
        )
        return Sentence(
            "Ranked by risk and value, %(without)s: %(learned)s; before uplift may rank, "
            "it needs %(needed)s.",
            without=without,
            learned=learned,
            needed=_needed(decision.missing),
        )

    def _undecided(self) -> Sentence:
        enough = self.outcomes >= ENOUGH_OUTCOMES or self.events >= ENOUGH_EVENTS
        missing = (
            Sentence("`winback train` has to judge them")
            if enough
            else Sentence(
                "%(outcomes)s more, or %(events)s more who left, are needed before uplift may rank",
                outcomes=Figure(ENOUGH_OUTCOMES - self.outcomes),
                events=Figure(ENOUGH_EVENTS - self.events),
            )
        )
        return Sentence(
            "Ranked by risk and value, nobody is left out for a poor effect: %(outcomes)s outcomes of "
            "randomised customers are known, %(events)s of them left; %(missing)s.",
            outcomes=Figure(self.outcomes),
            events=Figure(self.events),
            missing=missing,
        )


def _needed(missing: Sequence[str]) -> str:
    first, *rest = map(Plain, missing or [""])
    return Sentence("%(first)s and %(second)s", first=first, second=rest[0]) if rest else first


def policy_in_use(database: Database) -> RankingPolicy:
    """What lists are ranked by at this moment; nothing is counted for it."""
    card = champion(database, "uplift")
    return RankingPolicy.RISK_MINUS_WORST_30 if card is None else decision_of(card).ranking_policy


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
