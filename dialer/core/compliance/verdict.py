"""The compliance check's answer as a value, the same for agent, manager and auditor."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Allowed, or refused by one rule; `until` is the first moment it would be a yes, where known."""

    allowed: bool
    rule: str
    until: datetime | None = None


ALLOWED: Final = Verdict(allowed=True, rule="allowed")


def refuse(rule: str, until: datetime | None = None) -> Verdict:
    """A no, with the rule that says it."""
    return Verdict(allowed=False, rule=rule, until=until)
