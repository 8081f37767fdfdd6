"""Small plots as inline SVG: no script, no font, no network; readable without colour."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

WIDTH: Final = 420
HEIGHT: Final = 260
LEFT: Final = 52
BOTTOM: Final = 40
TOP: Final = 26
RIGHT: Final = 14
"""Pixels of the plot and its margins; it scales with the page."""

TICKS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One line of a plot; dashed for a reference, points for what was measured."""

    label: str
    x: Sequence[float]
    y: Sequence[float]
    dashed: bool = False
    points: bool = False


def line_plot(title: str, x_label: str, y_label: str, curves: Sequence[Curve]) -> str:
    """Draw curves over common axes; the title is also the description for screen readers."""
    xs = [value for curve in curves for value in curve.x] or [0.0, 1.0]
    ys = [value for curve in curves for value in curve.y] or [0.0, 1.0]
    x_low, x_high = _span(xs)
    y_low, y_high = _span([*ys, 0.0])

    def at(x: float, y: float) -> tuple[float, float]:
        across = LEFT + (x - x_low) / (x_high - x_low) * (WIDTH - LEFT - RIGHT)
        down = HEIGHT - BOTTOM - (y - y_low) / (y_high - y_low) * (HEIGHT - BOTTOM - TOP)
        return across, down

    pieces = [_frame(title, x_label, y_label)]
    for tick in range(TICKS):
        share = tick / (TICKS - 1)
        x, y = x_low + share * (x_high - x_low), y_low + share * (y_high - y_low)
        across, down = at(x, y)
        pieces.append(f'<text x="{across:.1f}" y="{HEIGHT - BOTTOM + 14}" class="t m">{_short(x)}</text>')
        pieces.append(f'<text x="{LEFT - 6}" y="{down + 4:.1f}" class="t e">{_short(y)}</text>')
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
        key = f"{'- -' if curve.dashed else '—'} {curve.label}"
        pieces.append(
            f'<text x="{LEFT + 8}" y="{TOP + 12 + 14 * number}" class="t k{number}">{escape(key)}</text>'
        )
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


def _span(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    return (low, high) if high > low else (low, low + 1.0)


def _short(value: float) -> str:
    if value == 0:
        return "0"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"  # noqa: PLR2004 - three digits
