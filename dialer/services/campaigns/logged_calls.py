"""A past campaign's log as columns, from which is told what another list would have brought."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from churnmodel.array_types import Floats
from churnmodel.logged_list import what_if
from churnmodel.value import Price
from churnmodel.what_if import WhatIf
from dialer.db.queries.assignments import Logged
from dialer.services.analytics.overlapping_campaigns import home_of


def estimate(
    known: Sequence[tuple[Logged, bool]],
    fates: Mapping[int, float],
    spent: Mapping[int, float],
    price: Price,
) -> WhatIf:
    """What the other list would have brought per customer, less what the campaign's own did.

    Args:
        known: customers of whom is known what became of them, and whether the other list holds them.
        fates: 1 left, 0 stayed, by customer.
        spent: money that went into calls and offers, by customer.
        price: its save rate is what a call is believed to keep where the log holds no uplift.
    """

    def of_each(ask: Callable[[Logged], float]) -> Floats:
        return np.array([ask(row) for row, _ in known], dtype=np.float64)

    value = of_each(lambda row: price.flat_value if row.value is None else row.value)
    risk = of_each(lambda row: row.risk or 0.0)
    # the share of leaving that a call takes away, as it is believed; the estimate holds where that is wrong
    kept = of_each(lambda row: price.save_rate * (row.risk or 0.0) if row.uplift is None else row.uplift)
    homes: dict[str, int] = {}
    return what_if(
        reward=-of_each(lambda row: fates[row.customer_id]) * value
        - of_each(lambda row: spent.get(row.customer_id, 0.0)),
        called=of_each(lambda row: row.call),
        propensity=of_each(lambda row: row.propensity),
        new_policy=np.array([on_list for _, on_list in known], dtype=np.float64),
        instead_of=of_each(lambda row: row.listed),
        expected_called=(kept - risk) * value - price.call_cost,
        expected_not=-risk * value,
        household=np.array(
            [homes.setdefault(home_of(row.household, row.customer_id), len(homes)) for row, _ in known],
            dtype=np.int64,
        ),
    )
