"""What every chart is made of: scales with round ticks, labels that say what they stand at, SVG elements.

No script, no font, no network; inline in a page, readable without colour.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10
from typing import Final

STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
"""Distances between ticks, times a power of ten: numbers that a reader can halve."""

MOST_DECIMALS: Final = 6
NEARLY: Final = 1e-9  # of a step: a tick that lies at the end but for rounding is at the end


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A scale from values to one side of a chart."""

    low: float
    high: float
    from_px: float
    to_px: float

    def at(self, value: float) -> float:
        """The pixel of a value."""
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return self.from_px + share * (self.to_px - self.from_px)

    def ticks(self, most: int) -> list[float]:
        """At most so many round values along the axis and one more, none outside it."""
        step = round_step(self.high - self.low, most)
        first, last = ceil(self.low / step - NEARLY), floor(self.high / step + NEARLY)
        return [step * index for index in range(first, last + 1)]


def round_step(span: float, most: int) -> float:
    """The smallest round step that divides a span into at most so many parts."""
    rough = (span if span > 0.0 else 1.0) / most
    power = 10.0 ** floor(log10(rough))
    return power * next(step for step in STEPS if step * power >= rough * (1.0 - NEARLY))


def ticks_around(low: float, high: float, most: int) -> list[float]:
    """Round values over a range, the first at or before its beginning and the last at or beyond its end."""
    spread = high - low if high > low else 1.0
    step = round_step(spread, most)
    first, last = floor(low / step), ceil((low + spread) / step - NEARLY)
    return [step * index for index in range(first, last + 1)]


def label_ticks(values: Sequence[float], *, percent: bool = False) -> list[str]:
    """What stands at each tick: as many decimals, alike for all, as say exactly where it is."""
    shown = [100.0 * value if percent else value for value in values]
    near = NEARLY * max([abs(value) for value in shown], default=0.0)
    decimals = next(
        (
            count
            for count in range(MOST_DECIMALS)
            if all(abs(value - round(value, count)) <= near for value in shown)
        ),
        MOST_DECIMALS,
    )
    # adding 0 takes the sign from a zero
    return [f"{round(value, decimals) + 0.0:,.{decimals}f}{' %' if percent else ''}" for value in shown]


def element(name: str, content: str = "", /, **attributes: str | float | None) -> str:
    """One SVG element; lengths to a tenth of a pixel, `class_` and `stroke_width` for the hyphened names."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def text(
    x: float,
    y: float,
    words: str,
    *,
    anchor: str | None = None,
    colour: str | None = None,
    look: str | None = None,
) -> str:
    """Words in the chart; `look` is a class of the page's style."""
    style = f"fill:{colour}" if colour else None
    return element("text", escape(words), x=x, y=y, text_anchor=anchor, class_=look, style=style)


def line(
    x1: float, y1: float, x2: float, y2: float, *, colour: str | None = None, look: str | None = None,
    width: float | None = None, dashes: str | None = None,
) -> str:  # fmt: skip
    """A straight line."""
    return element(
        "line", x1=x1, y1=y1, x2=x2, y2=y2, class_=look, stroke=colour, stroke_width=width,
        stroke_dasharray=dashes,
    )  # fmt: skip


def polyline(
    points: Iterable[tuple[float, float]],
    *,
    colour: str | None = None,
    look: str | None = None,
    width: float | None = None,
) -> str:
    """A curve through these pixels."""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    fill = "none" if colour else None
    return element("polyline", points=path, class_=look, fill=fill, stroke=colour, stroke_width=width)


def circle(x: float, y: float, radius: float, *, colour: str | None = None, look: str | None = None) -> str:
    """A point."""
    return element("circle", cx=x, cy=y, r=radius, class_=look, fill=colour)


def bar(
    x: float, y: float, width: float, height: float, *, colour: str | None = None, look: str | None = None
) -> str:
    """A bar that begins at `x`; none is shorter than nothing."""
    return element("rect", x=x, y=y, width=max(0.0, width), height=height, class_=look, fill=colour)


def upright(x: float, y: float, words: str, *, anchor: str | None = None, look: str | None = None) -> str:
    """Words from below to above, such as an axis' title."""
    turned = f"translate({x:.0f} {y:.0f}) rotate(-90)"
    return element("text", escape(words), transform=turned, text_anchor=anchor, class_=look)


def frame(parts: Iterable[str], *, label: str, width: int, height: int) -> str:
    """The chart around its parts; `label` is what screen readers say of it."""
    return element("svg", "".join(parts), viewBox=f"0 0 {width} {height}", role="img", aria_label=label)


def _value(value: str | float) -> str:
    return escape(value) if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
