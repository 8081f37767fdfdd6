"""One thing that `winback doctor` looked at."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was looked at, whether it is as it should be, and what to do where it is not."""

    what: str
    ok: bool
    seen: str
    remedy: str = ""
