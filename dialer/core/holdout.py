"""Who is left uncalled by chance, so that what calling changes can be measured (law 8).

Chance comes from a hash of customer, campaign and seed: the same three always give the same answer, and
an import or a restart cannot move anybody from one side to the other.
"""

import hashlib
from typing import Final

HASHED_BITS: Final = 53  # as many as a float holds exactly


def chance_of(customer: str, campaign: str, seed: int) -> float:
    """A number in [0, 1), evenly spread over customers, the same for the same three."""
    text = f"{len(customer)}:{customer}|{len(campaign)}:{campaign}|{seed}"
    digest = hashlib.blake2b(text.encode("utf-8"), digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> (64 - HASHED_BITS)) / float(1 << HASHED_BITS)


def is_held_out(customer: str, campaign: str, seed: int, share: float) -> bool:
    """Whether this customer is not called in this campaign; `share` of all are not."""
    return chance_of(customer, campaign, seed) < share
