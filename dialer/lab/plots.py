"""Plots of the lab as inline SVG: titles, axes with units, labels that do not cover each other."""

import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dialer.lab.simulation import Sample

WIDTH, HEIGHT = 760, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 60, 30, 64  # pixels around the plot's own field
TICKS = 6  # about so many along an axis
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
LABEL_PX = 15  # a label's height
LETTER_PX = 7.2  # and one letter's width
BAR_PX = 26
NAMES_PX = 170  # for names left of bars
AVERAGED = 15  # samples in one point of a day's plot
MOST_SHOWN = 4.0  # abandonment is shown up to so many targets
OWN, OTHER, PALE, WARN = "#0b6e4f", "#56728c", "#9db2c4", "#a1260d"
FREE, RINGING = "#2364aa", "#8fa3b5"

Policies = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A scale from values to one side of a plot."""

    low: float
    high: float
    from_px: float
    to_px: float

    def at(self, value: float) -> float:
        """The pixel of a value."""
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return self.from_px + share * (self.to_px - self.from_px)

    def ticks(self) -> list[float]:
        """Round values along the axis."""
        step = round_step(self.high - self.low)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [step * index for index in range(first, last + 1)]


def round_step(span: float) -> float:
    """A round step that divides a span into about TICKS parts."""
    rough = (span or 1.0) / TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    return power * next(step for step in STEPS if step * power >= rough * (1.0 - 1e-9))


def scatter(policies: Policies, target: float) -> str:
    """Each policy as a point; those far over the target stand at the right edge with their share."""
    most = MOST_SHOWN * max(target, 0.005)
    uses = [row["utilisation"] for row in policies.values()]
    across = Axis(low=0.0, high=most, from_px=LEFT, to_px=WIDTH - RIGHT)
    up = Axis(low=min(uses) - 0.02, high=max(uses) + 0.01, from_px=HEIGHT - BOTTOM, to_px=TOP)
    line = across.at(target)
    parts = [
        grid(across, up, across_format="{:.1%}", up_format="{:.0%}"),
        titles("abandoned, of the calls a person answered", "time in talk and wrap-up"),
        dashes(line, line, TOP, HEIGHT - BOTTOM),
        text(line, TOP - 8, f"target {target:.1%}", anchor="middle", colour=WARN),
    ]
    ordered = sorted(policies.items(), key=lambda item: -item[1]["utilisation"])
    points = [(across.at(min(row["abandonment"], most)), up.at(row["utilisation"])) for _, row in ordered]
    taken = [(x - 6, x + 6, y) for x, y in points]
    for (name, row), (x, y) in zip(ordered, points, strict=True):
        label = name if row["abandonment"] <= most else f"{name} ({row['abandonment']:.0%})"
        parts.append(point_with_label(x, y, label, taken, colour=OWN if name == "winback" else OTHER))
    return frame(parts, label="Utilisation of each policy against its abandonment")


def point_with_label(
    x: float, y: float, label: str, taken: list[tuple[float, float, float]], *, colour: str
) -> str:
    """A point and its name beside it, moved down until it covers no other name."""
    width = LETTER_PX * len(label)
    left_of = x + 10 + width > WIDTH - 4
    start = x - 10 - width if left_of else x + 10
    at = y
    while any(
        abs(at - other) < LABEL_PX and start < end and begin < start + width for begin, end, other in taken
    ):
        at += 2.0
    taken.append((start, start + width, at))
    near = x - 8 if left_of else start - 2
    return (
        f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{near:.1f}" y2="{at:.1f}" stroke="{PALE}"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{colour}"/>'
        + text(
            x - 10 if left_of else start,
            at + 4,
            label,
            anchor="end" if left_of else "start",
            colour=colour if colour == OWN else None,
        )
    )


def bars(policies: Policies, target: float) -> str:
    """Idle seconds a call, least first; pale where the policy is far over the target."""
    ranked = sorted(policies.items(), key=lambda item: float(item[1]["idle_per_call_s"]))
    across = Axis(low=0.0, high=float(ranked[-1][1]["idle_per_call_s"]), from_px=NAMES_PX, to_px=WIDTH - 150)
    parts = []
    for index, (name, row) in enumerate(ranked):
        y, width = 8 + index * BAR_PX, across.at(row["idle_per_call_s"]) - NAMES_PX
        over = row["abandonment"] - row["abandonment_ci"] > target
        colour = OWN if name == "winback" else "#e3c3ba" if over else PALE
        note = f"{row['idle_per_call_s']:.0f} s" + (f", {row['abandonment']:.0%} abandoned" if over else "")
        parts.append(f'<rect x="{NAMES_PX}" y="{y}" width="{width:.1f}" height="18" fill="{colour}"/>')
        parts.append(text(NAMES_PX - 8, y + 13, name, anchor="end"))
        parts.append(text(NAMES_PX + 6 + width, y + 13, note, colour=WARN if over else None))
    return frame(parts, label="Idle seconds a call of each policy", height=16 + BAR_PX * len(ranked))


def day_plot(samples: Sequence[Sample], target: float) -> str:
    """Agents free and calls ringing, averaged, and the abandonment so far, over one day."""
    hours = Axis(low=0.0, high=samples[-1].at_s / 3600.0, from_px=LEFT, to_px=WIDTH - RIGHT)
    whole = max(1, len(samples) // AVERAGED)  # a last point of few samples would only be noise
    groups = [samples[AVERAGED * index : AVERAGED * (index + 1)] for index in range(whole)]
    at = [sum(each.at_s for each in group) / len(group) / 3600.0 for group in groups]
    ringing = [sum(each.ringing for each in group) / len(group) for group in groups]
    free = [sum(each.idle for each in group) / len(group) for group in groups]
    shares = [group[-1].abandoned / max(1, group[-1].answered) for group in groups]
    count = Axis(low=0.0, high=max(1.0, *ringing, *free), from_px=HEIGHT - BOTTOM, to_px=TOP)
    share = Axis(low=0.0, high=MOST_SHOWN * max(target, 0.005), from_px=HEIGHT - BOTTOM, to_px=TOP)
    line = share.at(target)
    parts = [
        grid(hours, count, across_format="{:g}", up_format="{:g}"),
        titles("hours since the start", "agents, calls"),
        *(
            text(WIDTH - RIGHT + 8, share.at(value) + 4, f"{value:.1%}", colour=WARN)
            for value in share.ticks()
        ),
        dashes(LEFT, WIDTH - RIGHT, line, line),
    ]
    curves = (
        ("calls ringing", RINGING, [count.at(value) for value in ringing]),
        ("agents free", FREE, [count.at(value) for value in free]),
        ("abandoned so far (right)", WARN, [share.at(min(share.high, value)) for value in shares]),
    )
    start = float(LEFT)
    for name, colour, heights in curves:
        points = " ".join(f"{hours.at(hour):.1f},{y:.1f}" for hour, y in zip(at, heights, strict=True))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.8"/>')
        parts.append(
            f'<line x1="{start}" x2="{start + 18}" y1="12" y2="12" stroke="{colour}" stroke-width="3"/>'
        )
        parts.append(text(start + 24, 16, name, colour=colour))
        start += 50 + LETTER_PX * len(name)
    return frame(parts, label="One day: calls ringing, agents free, abandonment so far")


def grid(across: Axis, up: Axis, *, across_format: str, up_format: str) -> str:
    """Both axes with their ticks."""
    parts = [
        text(across.at(value), HEIGHT - BOTTOM + 20, across_format.format(value), anchor="middle")
        for value in across.ticks()
    ]
    for value in up.ticks():
        y = up.at(value)
        ends = f'x1="{across.from_px}" x2="{across.to_px}" y1="{y:.1f}" y2="{y:.1f}"'
        parts.append(f'<line {ends} stroke="#e6ebef"/>')
        parts.append(text(across.from_px - 8, y + 4, up_format.format(value), anchor="end"))
    return "".join(parts)


def dashes(x1: float, x2: float, y1: float, y2: float) -> str:
    """The target's line."""
    ends = f'x1="{x1:.1f}" x2="{x2:.1f}" y1="{y1:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{WARN}" stroke-dasharray="4"/>'


def titles(across: str, up: str) -> str:
    """What the axes measure."""
    middle = (TOP + HEIGHT - BOTTOM) / 2
    return text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - BOTTOM + 44, across, anchor="middle") + (
        f'<text transform="translate(16 {middle:.0f}) rotate(-90)" text-anchor="middle">'
        f"{html.escape(up)}</text>"
    )


def text(x: float, y: float, words: str, *, anchor: str = "start", colour: str | None = None) -> str:
    """Words in the plot."""
    look = f' style="fill:{colour}"' if colour else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{look}>{html.escape(words)}</text>'


def frame(parts: Sequence[str], *, label: str, height: int = HEIGHT) -> str:
    """The SVG element around its parts."""
    name = html.escape(label)
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{name}">{"".join(parts)}</svg>'
