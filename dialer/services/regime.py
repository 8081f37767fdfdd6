"""How lists are ranked, and what is missing for the next way: by risk, or by what a call changes."""

from dataclasses import dataclass

from churnmodel.uplift_choice import ENOUGH_EVENTS, ENOUGH_OUTCOMES, EXCLUDED_SHARE, Regime
from dialer.db.queries import assignments
from dialer.db.session import Book


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The regime that lists are ranked by, and what is known of its evidence."""

    regime: Regime
    outcomes: int  # known of customers whom chance could have left out
    events: int  # of them, how many left

    @property
    def enough(self) -> bool:
        """Whether there are outcomes enough to judge a ranking by uplift."""
        return self.outcomes >= ENOUGH_OUTCOMES or self.events >= ENOUGH_EVENTS

    def in_words(self) -> str:
        """One sentence for a page or a command."""
        known = f"{self.outcomes:,} outcomes of randomised customers are known, {self.events:,} of them left"
        if self.enough:
            missing = "an uplift model has not been shown to beat risk on them yet"
        else:
            missing = (
                f"{ENOUGH_OUTCOMES - self.outcomes:,} more, or {ENOUGH_EVENTS - self.events:,} more who "
                f"left, are needed before the worst {EXCLUDED_SHARE:.0%} can be judged and uplift may rank"
            )
        return f"Ranked by risk and value, nobody is left out for a poor effect: {known}; {missing}."


def ranking(book: Book) -> Ranking:
    """How lists are ranked at this moment."""
    with book.read() as tx:
        outcomes, events = assignments.count_randomised(tx)
    return Ranking(regime=Regime.RISK_MINUS_WORST_30, outcomes=outcomes, events=events)
