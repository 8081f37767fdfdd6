"""Whether to ask a customer how likely they are to recommend the company, and the score of the answers.

The question and its groups are Reichheld's ("The One Number You Need to Grow", Harvard Business Review,
December 2003): 9 and 10 promote, 7 and 8 are passive, 0 to 6 detract; the score is the share of the first
less that of the last, times 100.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from math import sqrt
from typing import Any, Final

from dialer.core.compliance.consent import says_yes


class SurveyWay(StrEnum):
    """How the question was put: answers by different ways are not alike."""

    TEXT = "text"
    KEY = "key"


LOWEST: Final = 0
HIGHEST: Final = 10
PROMOTES_FROM: Final = 9
DETRACTS_UNTIL: Final = 6
NORMAL_95: Final = 1.96  # standard errors on either side
KEY_OF_TEN: Final = "*"  # one key an answer: after 1 nobody has to wait whether a 0 follows
FEWEST: Final = 10  # answers; of fewer the interval says nothing


def may_ask(
    attributes: Mapping[str, Any],
    consent: str,
    *,
    asked_before: Collection[datetime],
    rest: timedelta,
    now: datetime,
) -> bool:
    """Whether a customer is asked: their file's column `consent` says yes, and nobody asked them lately."""
    return says_yes(attributes, consent) and all(now - at >= rest for at in asked_before)


def score_of_key(key: str) -> int | None:
    """The answer that a key on a telephone gives; None for no answer."""
    if key == KEY_OF_TEN:
        return HIGHEST
    return int(key) if len(key) == 1 and key.isascii() and key.isdecimal() else None


def score_of(promoters: float, detractors: float, answers: float) -> float | None:
    """The score, -100 to 100; None without an answer."""
    return 100 * (promoters - detractors) / answers if answers else None


def reach_of(promoters: float, detractors: float, answers: float) -> float | None:
    """How far the 95 % interval reaches to either side of the score; None below ten answers.

    From the variance of a difference of two shares of one sample (multinomial), divided by the answers.
    """
    if answers < FEWEST:
        return None
    up, down = promoters / answers, detractors / answers
    return 100 * NORMAL_95 * sqrt((up + down - (up - down) ** 2) / answers)
