"""The one place that chooses a pacer."""

from dialer.core.pacing.facts import Mode, Pacer
from dialer.core.pacing.predictive import PredictivePacer
from dialer.core.pacing.progressive import PreviewPacer, ProgressivePacer
from dialer.core.pacing.settings import PacerSettings, PacingPrior

__all__ = ["PacerSettings", "PacingPrior", "pacer_for"]


def pacer_for(mode: Mode, settings: PacerSettings, prior: PacingPrior) -> Pacer:
    """The pacer of a campaign. One is kept for a campaign's whole run; it holds what was learned."""
    match mode:
        case "preview":
            return PreviewPacer(settings.ring_s)
        case "predictive":
            return PredictivePacer(settings, prior)
        case "progressive" | "reserved":
            return ProgressivePacer(settings.ring_s)
