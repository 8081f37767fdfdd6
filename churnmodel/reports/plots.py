"""The model card's plots: small, alike, and made of `charts`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from churnmodel.reports.charts import (
    Axis,
    bar,
    circle,
    frame,
    label_ticks,
    line,
    polyline,
    text,
    ticks_around,
    upright,
)

WIDTH: Final = 420
HEIGHT: Final = 260
LEFT: Final = 62
BOTTOM: Final = 40
TOP: Final = 26
RIGHT: Final = 24
"""Pixels of the plot and its margins; it scales with the page."""

MOST_TICKS: Final = 6
KEY_PX: Final = 14  # from one line of the key to the next
ROW_PX: Final = 20  # from one bar to the next
NAMES_PX: Final = 150  # for names left of bars
VALUES_PX: Final = 50  # for values right of them
NAME_LETTERS: Final = 22  # of a name that have room there


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One line of a plot; dashed for a reference, points for what was measured."""

    label: str
    x: Sequence[float]
    y: Sequence[float]
    dashed: bool = False
    points: bool = False
    error: Sequence[float] = ()  # half-width of an interval around each y, drawn as a bar


def line_plot(
    title: str, x_label: str, y_label: str, curves: Sequence[Curve], *, y_is_share: bool = True
) -> str:
    """Draw curves over common axes; the title is also the description for screen readers.

    `x` is a share, 0 to 1, and written in percent, and so is `y` if `y_is_share`.
    """
    xs = [value for curve in curves for value in curve.x] or [0.0, 1.0]
    ys = [value for curve in curves for value in curve.y] or [0.0, 1.0]
    x_ticks, y_ticks = ticks(min(xs), max(xs)), ticks(min(0.0, *ys), max(ys))
    across = Axis(low=min(x_ticks[0], *xs), high=max(x_ticks[-1], *xs), from_px=LEFT, to_px=WIDTH - RIGHT)
    up = Axis(low=min(y_ticks[0], *ys), high=max(y_ticks[-1], *ys), from_px=HEIGHT - BOTTOM, to_px=TOP)
    parts = [
        text(8, 16, title, look="h"),
        text((LEFT + WIDTH) / 2, HEIGHT - 8, x_label, look="t m"),
        upright(12, HEIGHT / 2, y_label, look="t m"),
    ]
    for x, said in zip(x_ticks, label_ticks(x_ticks, percent=True), strict=True):
        parts.append(text(across.at(x), HEIGHT - BOTTOM + 14, said, look="t m"))
    for y, said in zip(y_ticks, label_ticks(y_ticks, percent=y_is_share), strict=True):
        parts.append(text(LEFT - 6, up.at(y) + 4, said, look="t e"))
        parts.append(line(LEFT, up.at(y), WIDTH - RIGHT, up.at(y), look="g"))
    for number, curve in enumerate(curves):
        at = [(across.at(x), up.at(y)) for x, y in zip(curve.x, curve.y, strict=True)]
        parts.append(polyline(at, look=f"c c{number}" + (" d" if curve.dashed else "")))
        if curve.points:
            parts += [circle(x, y, 3, look=f"p{number}") for x, y in at]
        for x, y, error in zip(curve.x, curve.y, curve.error, strict=False):
            ends = (up.at(min(max(end, up.low), up.high)) for end in (y - error, y + error))
            parts.append(line(across.at(x), next(ends), across.at(x), next(ends), look=f"c c{number}"))
        key = f"{'- -' if curve.dashed else '—'} {curve.label}"
        above = HEIGHT - BOTTOM - 8 - KEY_PX * (len(curves) - 1 - number)
        parts.append(text(WIDTH - RIGHT - 6, above, key, look=f"t e k{number}"))
    return frame(parts, label=title, width=WIDTH, height=HEIGHT)


def bar_plot(
    title: str, x_label: str, names: Sequence[str], values: Sequence[float], *, mark: float | None = None
) -> str:
    """Draw one horizontal bar a name, with a line at `mark`."""
    height = TOP + BOTTOM + ROW_PX * max(1, len(names))
    high = max([*values, mark or 0.0, 1e-9])
    across = Axis(low=0.0, high=high, from_px=NAMES_PX, to_px=WIDTH - VALUES_PX)
    parts = [text(8, 16, title, look="h")]
    for number, (name, value) in enumerate(zip(names, values, strict=True)):
        y, end = TOP + ROW_PX * number, across.at(max(value, 0.0))
        parts += [
            text(NAMES_PX - 6, y + 13, name[:NAME_LETTERS], look="t e"),
            bar(NAMES_PX, y + 3, end - NAMES_PX, 13, look="b"),
            text(end + 5, y + 13, _short(value), look="t"),
        ]
    if mark is not None:
        parts.append(line(across.at(mark), TOP, across.at(mark), height - BOTTOM, look="c d c1"))
    parts.append(text(NAMES_PX, height - 14, x_label, look="t"))
    return frame(parts, label=title, width=WIDTH, height=height)


STYLE: Final = (
    "svg{max-width:420px;width:100%;height:auto}.t{font:11px sans-serif;fill:#333}"
    ".h{font:bold 13px sans-serif}.m{text-anchor:middle}.e{text-anchor:end}.g{stroke:#ddd}"
    ".c{fill:none;stroke-width:2}.d{stroke-dasharray:5 4}"
    ".c0{stroke:#0b5394}.c1{stroke:#a33}.c2{stroke:#2a7}.p0{fill:#0b5394}.p1{fill:#a33}.p2{fill:#2a7}"
    ".k0{fill:#0b5394}.k1{fill:#a33}.k2{fill:#176b45}.b{fill:#0b5394}"
)
"""Styles of the plots, once a page."""


def ticks(low: float, high: float) -> list[float]:
    """Give round numbers over a range, at most `MOST_TICKS`, the last at or beyond its end."""
    return ticks_around(low, high, MOST_TICKS - 1)


def _short(value: float) -> str:
    if value == 0:
        return "0"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"  # noqa: PLR2004 - three digits
