"""Names given to things, made of bytes that the caller draws."""

import base64
from typing import Final

ATTEMPT_PREFIX: Final = "wb-"
ATTEMPT_ENTROPY: Final = 16  # bytes; 128 bits make 26 base32 characters, and no two draws ever meet
REFERENCE_ENTROPY: Final = 8  # bytes, far more than the digits need, so that no digit is likelier
REFERENCE_DIGITS: Final = 8  # short enough to be said and typed, long enough for years of promises


def attempt_id(entropy: bytes, mark: str = "") -> str:
    """An attempt's name, which is also its channel id on the PBX: `wb-` and 26 characters of a-z, 2-7.

    `mark` says whose it is where two Winbacks share a PBX (`telephony.calls.attempt_id`).
    Raises ValueError unless `entropy` is 16 bytes.
    """
    if len(entropy) != ATTEMPT_ENTROPY:
        raise ValueError(f"an attempt id takes {ATTEMPT_ENTROPY} bytes, not {len(entropy)}")
    return ATTEMPT_PREFIX + mark + base64.b32encode(entropy).decode("ascii").rstrip("=").lower()


def promise_reference(entropy: bytes) -> str:
    """The digits a caller is told to name a promise by; raises ValueError unless given 8 bytes."""
    if len(entropy) != REFERENCE_ENTROPY:
        raise ValueError(f"a reference takes {REFERENCE_ENTROPY} bytes, not {len(entropy)}")
    return f"{int.from_bytes(entropy, 'big') % 10**REFERENCE_DIGITS:0{REFERENCE_DIGITS}d}"
