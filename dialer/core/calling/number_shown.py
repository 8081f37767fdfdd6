"""Which of several numbers a customer sees: the same one each time, and a near one where that is wished."""

from collections.abc import Sequence
from hashlib import sha256
from itertools import takewhile

#: a + and so many digits in common are a country and the beginning of an area, not a country alone
NEAR = 5


def number_shown(pool: Sequence[str], customer: str, *, local: bool) -> str:
    """The number of a pool that this customer sees, all in E.164; empty for an empty pool.

    Always the same one for one customer: who rings back, or blocks it, has to do with one number of ours.
    `local`: those that begin like the customer's own go first, the longest beginning in common of all; one
    that has not even country and area in common is no nearer than any other.
    """
    if not pool:
        return ""
    shared = {number: _in_common(number, customer) for number in pool}
    nearest = max(shared.values())
    near = [number for number in pool if local and nearest >= NEAR and shared[number] == nearest]
    chosen = sorted(set(near or pool))
    return chosen[int.from_bytes(sha256(customer.encode()).digest()[:8]) % len(chosen)]


def _in_common(one: str, other: str) -> int:
    pairs = zip(one, other, strict=False)  # the shorter one ends it
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
