"""Small plots as inline SVG: no script, no font, no network; readable without colour."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10
from typing import Final

WIDTH: Final = 420
HEIGHT: Final = 260
LEFT: Final = 62
BOTTOM: Final = 40
TOP: Final = 26
RIGHT: Final = 24
"""Pixels of the plot and its margins; it scales with the page."""

MOST_TICKS: Final = 6
STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
"""Distances between ticks, times a power of ten: numbers that a reader can halve."""


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
    x_low, x_high = min(x_ticks[0], *xs), max(x_ticks[-1], *xs)
    y_low, y_high = min(y_ticks[0], *ys), max(y_ticks[-1], *ys)

    def at(x: float, y: float) -> tuple[float, float]:
        across = LEFT + (x - x_low) / (x_high - x_low) * (WIDTH - LEFT - RIGHT)
        down = HEIGHT - BOTTOM - (y - y_low) / (y_high - y_low) * (HEIGHT - BOTTOM - TOP)
        return across, down

    pieces = [_frame(title, x_label, y_label)]
    for x in x_ticks:
        across, _ = at(x, 0.0)
        pieces.append(f'<text x="{across:.1f}" y="{HEIGHT - BOTTOM + 14}" class="t m">{percent(x)}</text>')
    for y in y_ticks:
        _, down = at(0.0, y)
        said = percent(y) if y_is_share else _short(y)
        pieces.append(f'<text x="{LEFT - 6}" y="{down + 4:.1f}" class="t e">{said}</text>')
        pieces.append(f'<path d="M{LEFT} {down:.1f}H{WIDTH - RIGHT}" class="g"/>')
    for number, curve in enumerate(curves):
        path = " ".join(
            f"{a:.1f},{b:.1f}" for a, b in (at(x, y) for x, y in zip(curve.x, curve.y, strict=True))
        )
        style = f"c c{number}" + (" d" if curve.dashed else "")
        pieces.append(f'<polyline points="{path}" class="{style}"/>')
        if curve.points:
            marks = (at(x, y) for x, y in zip(curve.x, curve.y, strict=True))
            pieces += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" class="p{number}"/>' for a, b in marks]
        for x, y, error in zip(curve.x, curve.y, curve.error, strict=False):
            (a, low), (_, high) = at(x, max(y - error, y_low)), at(x, min(y + error, y_high))
            pieces.append(f'<path d="M{a:.1f} {low:.1f}V{high:.1f}" class="c c{number}"/>')
        key = f"{'- -' if curve.dashed else '—'} {curve.label}"
        above = HEIGHT - BOTTOM - 8 - 14 * (len(curves) - 1 - number)
        pieces.append(f'<text x="{WIDTH - RIGHT - 6}" y="{above}" class="t e k{number}">{escape(key)}</text>')
    return "".join(pieces) + "</svg>"


def bar_plot(
    title: str, x_label: str, names: Sequence[str], values: Sequence[float], *, mark: float | None = None
) -> str:
    """Draw one horizontal bar a name, with a line at `mark`."""
    row = 20
    height = TOP + BOTTOM + row * max(1, len(names))
    high = max([*values, mark or 0.0, 1e-9])
    left = 150
    scale = (WIDTH - left - 50) / high
    pieces = [
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">',
        f'<text x="8" y="16" class="h">{escape(title)}</text>',
    ]
    for number, (name, value) in enumerate(zip(names, values, strict=True)):
        y = TOP + row * number
        pieces.append(f'<text x="{left - 6}" y="{y + 13}" class="t e">{escape(name[:22])}</text>')
        pieces.append(
            f'<rect x="{left}" y="{y + 3}" width="{max(value, 0) * scale:.1f}" height="13" class="b"/>'
        )
        pieces.append(
            f'<text x="{left + max(value, 0) * scale + 5:.1f}" y="{y + 13}" class="t">{_short(value)}</text>'
        )
    if mark is not None:
        x = left + mark * scale
        pieces.append(f'<path d="M{x:.1f} {TOP}V{height - BOTTOM}" class="c d c1"/>')
    pieces.append(f'<text x="{left}" y="{height - 14}" class="t">{escape(x_label)}</text></svg>')
    return "".join(pieces)


STYLE: Final = (
    "svg{max-width:420px;width:100%;height:auto}.t{font:11px sans-serif;fill:#333}"
    ".h{font:bold 13px sans-serif}.m{text-anchor:middle}.e{text-anchor:end}.g{stroke:#ddd}"
    ".c{fill:none;stroke-width:2}.d{stroke-dasharray:5 4}"
    ".c0{stroke:#0b5394}.c1{stroke:#a33}.c2{stroke:#2a7}.p0{fill:#0b5394}.p1{fill:#a33}.p2{fill:#2a7}"
    ".k0{fill:#0b5394}.k1{fill:#a33}.k2{fill:#176b45}.b{fill:#0b5394}"
)
"""Styles of the plots, once a page."""


def _frame(title: str, x_label: str, y_label: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">'
        f'<text x="8" y="16" class="h">{escape(title)}</text>'
        f'<text x="{(LEFT + WIDTH) / 2}" y="{HEIGHT - 8}" class="t m">{escape(x_label)}</text>'
        f'<text transform="rotate(-90)" x="{-HEIGHT / 2}" y="12" class="t m">{escape(y_label)}</text>'
    )


def ticks(low: float, high: float) -> list[float]:
    """Give round numbers over a range, at most `MOST_TICKS`, the last at or beyond its end."""
    spread = high - low if high > low else 1.0
    power = 10.0 ** floor(log10(spread / (MOST_TICKS - 1)))
    step = next(power * step for step in STEPS if spread / (power * step) <= MOST_TICKS - 1)
    first = floor(low / step)
    count = ceil((low + spread) / step - 1e-9) - first
    return [(first + number) * step for number in range(count + 1)]


def percent(share: float) -> str:
    """Write a share in percent, whole where it is."""
    return f"{share * 100:.3g} %"


def _short(value: float) -> str:
    if value == 0:
        return "0"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"  # noqa: PLR2004 - three digits
