"""A no as a value: which rule said so, and from when on it would be a yes."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What is not done, and why; the same rule id is shown to caller, agent and auditor.

    `until` is the first moment the rule would no longer stand in the way, or None where waiting does
    not help.
    """

    rule: str
    until: datetime | None = None
