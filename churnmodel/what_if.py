"""What a changed list would have brought: the values that `logged_list` finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A value per customer and its standard error."""

    value: float
    error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """What a changed list would have brought per customer; `refused` is a rule where nothing can be said."""

    ips: Estimate
    snips: Estimate
    dr: Estimate
    effective: float  # customers the logged data holds evidence of
    refused: str = ""
