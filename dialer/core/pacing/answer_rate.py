"""How often calls are answered: learned while a campaign runs, and not from a silence."""

import math

from dialer.core.pacing.silence import Stretch, UnansweredRun

LEVEL_MEMORY = 1500.0  # calls remembered for the answer rate
RECENT_CALLS = 80.0  # calls that the answer rate of the moment is read from
SETTLED_CALLS = 2.0 * RECENT_CALLS  # in the long memory, from which on the recent ones may contradict it
SURPRISE = 3.3  # standard deviations between recent and long memory that end the long memory
PRIOR_CALLS = 15.0  # weight of the prior, in calls


class AnswerRate:
    """The share of calls that a person answers: long memory, dropped when the last calls contradict it.

    A silence does not contradict it: while nobody picks up the rate stays what it was, and those calls are
    set aside (`silence`). `ratio` relates answers to what the leads' own probabilities promised, so that a
    model which is off by a constant does no harm.
    """

    __slots__ = (
        "_expected", "_kept", "_long_hits", "_long_n", "_recent_hits", "_recent_n", "_silence",
        "answers", "seen",
    )  # fmt: skip

    def __init__(self, prior: float) -> None:
        self._long_n = PRIOR_CALLS
        self._long_hits = PRIOR_CALLS * prior
        self._recent_n = 0.0
        self._recent_hits = 0.0
        self._expected = PRIOR_CALLS * prior
        self._silence = UnansweredRun()
        self._kept = self._counts()
        self.seen = 0
        self.answers = 0

    @property
    def value(self) -> float:
        """The answer rate, from 0.005 to 0.995."""
        return min(0.995, max(0.005, self._long_hits / self._long_n))

    @property
    def ratio(self) -> float:
        """Answers seen per answer the leads' own probabilities promised."""
        return min(3.0, max(1 / 3, self._long_hits / self._expected))

    @property
    def silent_calls(self) -> int:
        """Calls since people stopped picking up; 0 while they do."""
        return self._silence.stretch.calls if self._silence.holds else 0

    def cautious(self, deviations: float) -> float:
        """The rate plus so many standard deviations of its own uncertainty."""
        rate = self.value
        return min(0.95, rate + deviations * math.sqrt(rate * (1.0 - rate) / self._long_n))

    def learn(self, *, answered: bool, expected: float | None) -> None:
        """One call came to its end."""
        self.seen += 1
        self.answers += answered
        usual = self.value
        promised = usual if expected is None else expected
        likely = usual if expected is None else min(0.98, self.ratio * expected)
        step = self._silence.see(answered=answered, likely=likely, expected=promised)
        match step:
            case "usual" | "doubt":
                self._count(answered=answered, promised=promised)
                self._compare()
                if step == "usual":
                    self._kept = self._counts()
            case "began":
                self._restore(self._kept)
            case "over":
                self._end_silence(usual)
            case "changed":
                self._believe(self._silence.stretch)
            case "silent":
                pass

    def _count(self, *, answered: bool, promised: float) -> None:
        hit = 1.0 if answered else 0.0
        keep = 1.0 - 1.0 / LEVEL_MEMORY
        self._expected = self._expected * keep + promised
        self._long_n = self._long_n * keep + 1.0
        self._long_hits = self._long_hits * keep + hit
        keep = 1.0 - 1.0 / RECENT_CALLS
        self._recent_n = self._recent_n * keep + 1.0
        self._recent_hits = self._recent_hits * keep + hit

    def _counts(self) -> tuple[float, float, float, float, float]:
        return self._long_n, self._long_hits, self._expected, self._recent_n, self._recent_hits

    def _restore(self, counts: tuple[float, float, float, float, float]) -> None:
        self._long_n, self._long_hits, self._expected, self._recent_n, self._recent_hits = counts

    def _end_silence(self, usual: float) -> None:
        """People pick up again: the silence teaches nothing, unless it was none."""
        silence = self._silence
        quiet = silence.stretch.before(silence.back)
        if not quiet.is_quiet(usual):
            self._count_all(quiet)
        self._count_all(silence.back)
        self._compare()
        self._kept = self._counts()

    def _count_all(self, stretch: Stretch) -> None:
        """Count so many calls at once, as if the answers were spread evenly among them."""
        if not stretch.calls:
            return
        faded = math.pow(1.0 - 1.0 / LEVEL_MEMORY, stretch.calls)
        new = LEVEL_MEMORY * (1.0 - faded)
        share = stretch.answers / stretch.calls
        self._expected = self._expected * faded + new * stretch.expected / stretch.calls
        self._long_n = self._long_n * faded + new
        self._long_hits = self._long_hits * faded + new * share
        faded = math.pow(1.0 - 1.0 / RECENT_CALLS, stretch.calls)
        new = RECENT_CALLS * (1.0 - faded)
        self._recent_n = self._recent_n * faded + new
        self._recent_hits = self._recent_hits * faded + new * share

    def _believe(self, stretch: Stretch) -> None:
        """The rate has fallen for good: these calls are all that is known of it."""
        self._long_n, self._long_hits = float(stretch.calls), float(stretch.answers)
        self._expected = max(stretch.expected, 1.0)
        scale = min(1.0, RECENT_CALLS / stretch.calls)
        self._recent_n, self._recent_hits = scale * self._long_n, scale * self._long_hits
        self._kept = self._counts()

    def _compare(self) -> None:
        if self._long_n <= SETTLED_CALLS:
            return
        # the recent counts are part of the long ones: compare them with the rest
        rest_n = self._long_n - self._recent_n
        rest = (self._long_hits - self._recent_hits) / rest_n
        recent = self._recent_hits / self._recent_n
        pooled = min(0.99, max(0.01, self._long_hits / self._long_n))
        # an exponential window of memory m has the variance of a mean of 2 m calls
        deviation = math.sqrt(pooled * (1.0 - pooled) * (0.5 / self._recent_n + 1.0 / rest_n))
        if abs(recent - rest) > SURPRISE * deviation:
            shrink = self._recent_n / self._long_n
            self._expected *= shrink
            self._long_n, self._long_hits = self._recent_n, self._recent_hits
