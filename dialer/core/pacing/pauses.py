"""How long pauses last, by their reason: how far a paused agent may be counted on to come back."""

from collections.abc import Iterator

from dialer.core.pacing.estimators import HandlingEstimator

PAUSE_MEAN_S = 600.0  # prior: a coffee and a word with a colleague
KNOWN_ENDS = 8  # pauses of one reason that must have ended before anybody is counted on to come back
MOST_REASONS = 20  # told apart; agents may write what they like, and a table is drawn for each


class Pauses:
    """The distributions of pauses by reason. Of a reason that is new nobody is expected back."""

    __slots__ = ("_estimators", "seen")

    def __init__(self) -> None:
        self._estimators: dict[str, HandlingEstimator] = {}
        self.seen = 0

    def learn(self, reason: str, pause_s: float) -> None:
        """A pause for this reason ended with the agent back at work."""
        distribution = self._estimators.get(reason)
        if distribution is None:
            if len(self._estimators) >= MOST_REASONS:
                return
            distribution = self._estimators[reason] = HandlingEstimator(mean_s=PAUSE_MEAN_S)
        distribution.learn(pause_s)
        self.seen += 1

    def known(self) -> Iterator[tuple[str, HandlingEstimator]]:
        """The reasons of which enough is known, and their distributions."""
        return (
            (reason, distribution)
            for reason, distribution in self._estimators.items()
            if distribution.seen >= KNOWN_ENDS
        )
