"""The one place that chooses a pacer, and the settings it is chosen by."""

from dataclasses import dataclass

from dialer.core.pacing.facts import Mode, Pacer
from dialer.core.pacing.progressive import PreviewPacer, ProgressivePacer


@dataclass(frozen=True, slots=True, kw_only=True)
class PacingSettings:
    """What a manager may set. There is no dial level: the price of a call is found by itself."""

    target: float = 0.025  # share of answered calls abandoned that is aimed at; 0 means never
    legal_limit: float = 0.03  # share that must not be exceeded over a day (US, 16 CFR 310.4; UK practice)
    ring_s: float = 27.0  # an unanswered call is given up after this
    patience_s: float = 2.0  # an answered call without an agent is abandoned after this
    lead_level: bool = False  # use each lead's own answer probability to decide how many and whom


@dataclass(frozen=True, slots=True, kw_only=True)
class PacingPrior:
    """What is believed before anything was seen, for this type of campaign at this hour."""

    answer_probability: float = 0.3
    talk_mean_s: float = 180.0
    wrap_mean_s: float = 25.0


def pacer_for(mode: Mode, settings: PacingSettings, prior: PacingPrior) -> Pacer:
    """The pacer of a campaign. One is kept for a campaign's whole run; it holds what was learned."""
    del settings, prior
    if mode == "preview":
        return PreviewPacer()
    return ProgressivePacer()
