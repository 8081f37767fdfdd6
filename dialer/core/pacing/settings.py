"""What a manager may set about pacing, and what is believed before anything was seen."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PacerSettings:
    """There is no dial level: the price of a call is found by itself."""

    target: float = 0.025  # share of answered calls abandoned that is aimed at; 0 means never
    legal_limit: float | None = 0.03  # share no day may exceed (16 CFR 310.4, UK practice); None: no statute
    ring_s: float = 27.0  # an unanswered call is given up after this
    patience_s: float = 2.0  # an answered call without an agent is abandoned after this
    lead_level: bool = False  # use each lead's own answer probability to decide how many and whom


@dataclass(frozen=True, slots=True, kw_only=True)
class PacingPrior:
    """The beliefs for this type of campaign at this hour; they weigh as much as a dozen calls."""

    answer_probability: float = 0.35
    talk_mean_s: float = 150.0
    wrap_mean_s: float = 30.0
