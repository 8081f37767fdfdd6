"""How lists are ranked, and what is missing for the next way: by risk, or by what a call changes.

The gate decides when a model of effect is trained; its word is kept with that model, and holds while the
model is in use.
"""

from dataclasses import dataclass

from churnmodel.uplift.regime import ENOUGH_EVENTS, ENOUGH_OUTCOMES, EXCLUDED_SHARE, Gate, Regime
from dialer.db.queries import assignments
from dialer.db.session import Book
from dialer.services.models import ModelCard, champion


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The regime that lists are ranked by, and its evidence."""

    regime: Regime
    outcomes: int  # known of customers whom chance could have left out; of a model, those it learned from
    events: int  # of them, how many left
    model: int | None = None  # of effect, in use
    gate: Gate | None = None  # what it decided, on which evidence

    def in_words(self) -> str:
        """One sentence for a page or a command."""
        gate = self.gate
        if gate is None:
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
            f"model {self.model} learned from {gate.outcomes:,} outcomes of randomised customers, "
            f"{gate.events:,} of whom left"
        )
        if gate.regime is Regime.UPLIFT:
            return (
                "Ranked by what a call changes, without those it is expected to drive away: "
                f"{learned}; it keeps {1000 * gate.gain:.1f} of 1,000 called more than a ranking by risk "
                f"(at least {1000 * gate.gain_low:.1f}, 95 % sure)."
            )
        without = (
            f"without the {EXCLUDED_SHARE:.0%} whom a call helps least"
            if gate.exclude
            else "nobody is left out for a poor effect, for the worst are not surely worse"
        )
        lacking = " and ".join(gate.missing)
        return f"Ranked by risk and value, {without}: {learned}; before uplift may rank, it needs {lacking}."


def ranking(book: Book) -> Ranking:
    """How lists are ranked at this moment."""
    card = champion(book, "uplift")
    if card is None:
        with book.read() as tx:
            outcomes, events = assignments.count_randomised(tx)
        return Ranking(regime=Regime.RISK_MINUS_WORST_30, outcomes=outcomes, events=events)
    gate = gate_of(card)
    return Ranking(regime=gate.regime, outcomes=gate.outcomes, events=gate.events, model=card.id, gate=gate)


def gate_of(card: ModelCard) -> Gate:
    """What the gate decided when a model of effect was trained."""
    return Gate.from_dict(card.metrics["gate"])
