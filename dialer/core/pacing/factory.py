"""The one place that chooses a pacer."""

from typing import TYPE_CHECKING

from dialer.core.pacing.facts import Mode, Pacer
from dialer.core.pacing.progressive import PreviewPacer, ProgressivePacer
from dialer.core.pacing.settings import PacerSettings, PacingPrior

if TYPE_CHECKING:
    from dialer.core.pacing.predictive import PredictivePacer

__all__ = ["PacerSettings", "PacingPrior", "load_pacer", "pacer_for"]


def load_pacer(mode: Mode) -> None:
    """Load what the mode's pacer is made of, so that making one takes no time where time is short."""
    if mode == "predictive":
        _predictive()


def pacer_for(mode: Mode, settings: PacerSettings, prior: PacingPrior) -> Pacer:
    """The pacer of a campaign. One is kept for a campaign's whole run; it holds what was learned."""
    match mode:
        case "preview":
            return PreviewPacer(settings.ring_s)
        case "predictive":
            return _predictive()(settings, prior)
        case "progressive" | "reserved":
            return ProgressivePacer(settings.ring_s)


def _predictive() -> "type[PredictivePacer]":
    # numpy and scipy, which no other mode needs, take up to a second to load
    from dialer.core.pacing.predictive import PredictivePacer  # noqa: PLC0415

    return PredictivePacer
