"""Whether people were called when they had been told: each promise's quote, and how it came out.

A quote says "we expect to call in between", so what counts is the first call to the customer, answered or
not. It is meant to hold three times in five at least, with one call in five earlier and one later at most
(`estimate`); what is measured against that is published, not only hoped for.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class QuoteEnd(StrEnum):
    """How a quote came out."""

    WITHIN = "within"
    EARLY = "early"
    LATE = "late"
    WAITING = "waiting"  # not called yet, and still in time
    WITHDRAWN = "withdrawn"  # the promise ended without a call before the quote was over


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What one caller was told, and what happened; `kept_at` is the talk that kept the promise."""

    said_from: datetime
    said_until: datetime
    called_at: datetime | None = None
    kept_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteScore:
    """How many quotes came out how; `kept` of those within were kept by a talk inside the window."""

    within: int = 0
    early: int = 0
    late: int = 0
    waiting: int = 0
    withdrawn: int = 0
    kept: int = 0

    @property
    def known(self) -> int:
        """Those of which it is known whether they held."""
        return self.within + self.early + self.late

    @property
    def share(self) -> float | None:
        """The share called within what was said; None before the first is known."""
        return self.within / self.known if self.known else None

    @property
    def kept_share(self) -> float | None:
        """The share kept within what was said, of the same quotes."""
        return self.kept / self.known if self.known else None


def end_of(quote: Quote, now: datetime) -> QuoteEnd:
    """How this quote came out, or stands."""
    if quote.called_at is not None:
        if quote.called_at < quote.said_from:
            return QuoteEnd.EARLY
        return QuoteEnd.WITHIN if quote.called_at <= quote.said_until else QuoteEnd.LATE
    if quote.ended_at is not None and quote.ended_at <= quote.said_until:
        return QuoteEnd.WITHDRAWN
    return QuoteEnd.WAITING if now <= quote.said_until else QuoteEnd.LATE


def score_quotes(quotes: Iterable[Quote], now: datetime) -> QuoteScore:
    """All of them together."""
    counts = dict.fromkeys(QuoteEnd, 0)
    kept = 0
    for quote in quotes:
        end = end_of(quote, now)
        counts[end] += 1
        in_time = quote.kept_at is not None and quote.said_from <= quote.kept_at <= quote.said_until
        kept += end is QuoteEnd.WITHIN and in_time
    return QuoteScore(**{end.value: count for end, count in counts.items()}, kept=kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteAccuracy:
    """How near what was told came, over the waits known: `bias` is told minus waited, over waited."""

    waits: int = 0
    wait_min: float | None = None
    width_min: float | None = None
    bias: float | None = None


def measure_accuracy(told: Iterable[tuple[float, float, float]]) -> QuoteAccuracy:
    """Of waits, medians told and widths of windows, in seconds."""
    known = list(told)
    waited_s = sum(wait for wait, _, _ in known)
    if not waited_s:
        return QuoteAccuracy(waits=len(known))
    return QuoteAccuracy(
        waits=len(known),
        wait_min=waited_s / len(known) / 60,
        width_min=sum(width for _, _, width in known) / len(known) / 60,
        bias=(sum(middle for _, middle, _ in known) - waited_s) / waited_s,
    )
