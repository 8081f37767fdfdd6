"""Whether people have stopped picking up: a silence is no answer rate, and teaches none.

In a carrier's outage or a news event nobody answers, and a moment later everybody does. Whoever believes
the low rate rings many people at once, and those pick up when it is over. So a run of calls that answer
at a tenth of the usual rate, rather than at that rate, is set aside: the usual rate stays what it was,
and until people pick up again the pacer rings one call per free agent. Both ends are found by the
likelihood ratio of the calls since the moment that speaks for it most (Page 1954, Biometrika 41:100-115).

That the rate has really fallen so far is believed once so many people have answered in spite of it.
"""

import math
from dataclasses import dataclass
from typing import Final, Literal

SILENT_SHARE: Final = 0.1  # of the usual rate, that is left of it in a silence
ALARM: Final = (
    9.0  # log-likelihood ratio that begins a silence: 27 calls at 0.3; by chance once in some 40,000
)
ALL_CLEAR: Final = 7.0  # that ends it: 5 answers of the next 15 calls at 0.3
BELIEVED_ANSWERS: Final = 20  # after which the low rate is the rate: known to a fifth by then
QUIET_SHARE: Final = 0.25  # of the usual rate: calls that answered above it were no silence
LEAST_CHANCE: Final = 0.02  # of a call that is asked about; less would say nothing for hundreds of calls

Step = Literal["usual", "doubt", "began", "silent", "over", "changed"]


@dataclass(slots=True)
class Stretch:
    """Calls in a row, the answers among them, and those that their leads' own chances promised."""

    calls: int = 0
    answers: int = 0
    expected: float = 0.0

    def add(self, *, answered: bool, expected: float) -> None:
        """One call more."""
        self.calls += 1
        self.answers += answered
        self.expected += expected

    def before(self, later: "Stretch") -> "Stretch":
        """What of it came before this later part of it."""
        return Stretch(self.calls - later.calls, self.answers - later.answers, self.expected - later.expected)

    def is_quiet(self, usual: float) -> bool:
        """Whether so few answered that the usual rate says nothing about these calls."""
        return self.answers < QUIET_SHARE * usual * self.calls


class UnansweredRun:
    """Follows calls one by one; `stretch` are those since the doubt began, `back` those that may end it."""

    __slots__ = ("_evidence", "back", "holds", "stretch")

    def __init__(self) -> None:
        self.holds = False
        self._start()

    def _start(self) -> None:
        self._evidence = 0.0
        self.stretch = Stretch()
        self.back = Stretch()

    def see(self, *, answered: bool, likely: float, expected: float) -> Step:
        """One call ended that would usually be answered with the chance `likely`: what is to be made of it.

        On "over" and "changed" the silence has ended; `stretch` and `back` are its calls until the next one.
        """
        if not self.holds and self._evidence <= 0.0:
            self._start()
        weight = log_ratio(likely, answered=answered)
        self.stretch.add(answered=answered, expected=expected)
        if not self.holds:
            self._evidence = max(0.0, self._evidence + weight)
            if self._evidence < ALARM:
                return "doubt" if self._evidence else "usual"
            self.holds, self._evidence = True, 0.0
            return "began"
        self._evidence = max(0.0, self._evidence - weight)
        self.back.add(answered=answered, expected=expected)
        if self._evidence == 0.0:
            self.back = Stretch()
        elif self._evidence >= ALL_CLEAR:
            self.holds, self._evidence = False, 0.0
            return "over"
        if self.stretch.answers >= BELIEVED_ANSWERS:
            self.holds, self._evidence = False, 0.0
            return "changed"
        return "silent"


def log_ratio(likely: float, *, answered: bool) -> float:
    """How far one call speaks for a silence (above 0) or for what is usual."""
    chance = max(LEAST_CHANCE, likely)
    if answered:
        return math.log(SILENT_SHARE)
    return math.log((1.0 - SILENT_SHARE * chance) / (1.0 - chance))
