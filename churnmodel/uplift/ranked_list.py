"""Who stands where on a list, and whom it leaves out, by the ranking that was decided on."""

import numpy as np

from churnmodel.array_types import Bools, Floats
from churnmodel.uplift.qini import bottom_rows
from churnmodel.uplift.ranking_policy import EXCLUDED_SHARE, RankingDecision, RankingPolicy


def left_out(decision: RankingDecision, uplift: Floats) -> Bools:
    """Say whom a list leaves out for what a call would do.

    With uplift on, whom a call is expected to drive away; before, the worst 30 % by uplift once they are
    shown to be worse.
    """
    if decision.ranking_policy is RankingPolicy.UPLIFT:
        return np.asarray(uplift <= 0)
    result = np.zeros(len(uplift), dtype=np.bool_)
    if decision.exclude:
        result[bottom_rows(uplift, EXCLUDED_SHARE)] = True
    return result


def rank(decision: RankingDecision, *, risk_value: Floats, uplift_value: Floats, uplift: Floats) -> Floats:
    """Give each customer's place value, higher is called first; -inf is not called.

    `risk_value` is risk x worth, `uplift_value` uplift x worth.
    """
    value = uplift_value if decision.ranking_policy is RankingPolicy.UPLIFT else risk_value
    return np.where(left_out(decision, uplift), -np.inf, value)
