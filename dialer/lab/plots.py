"""Plots of the lab: titles, axes with units, labels that do not cover each other."""

from collections.abc import Mapping, Sequence
from typing import Any

from churnmodel.reports.charts import Axis, bar, circle, frame, label_ticks, line, polyline, text, upright
from dialer.lab.simulation import Sample

WIDTH, HEIGHT = 760, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 60, 30, 64  # pixels around the plot's own field
TICKS = 6  # about so many along an axis
LABEL_PX = 15  # a label's height
LETTER_PX = 7.2  # and one letter's width
BAR_PX = 26
NAMES_PX = 170  # for names left of bars
AVERAGED = 15  # samples in one point of a day's plot
MOST_SHOWN = 4.0  # abandonment is shown up to so many targets
OWN, OTHER, PALE, WARN = "#0b6e4f", "#56728c", "#9db2c4", "#a1260d"
FREE, RINGING = "#2364aa", "#8fa3b5"
GRID = "#e6ebef"

Policies = Mapping[str, Mapping[str, Any]]


def scatter(policies: Policies, target: float) -> str:
    """Each policy as a point; those far over the target stand at the right edge with their share."""
    most = MOST_SHOWN * max(target, 0.005)
    uses = [row["utilisation"] for row in policies.values()]
    across = Axis(low=0.0, high=most, from_px=LEFT, to_px=WIDTH - RIGHT)
    up = Axis(low=min(uses) - 0.02, high=max(uses) + 0.01, from_px=HEIGHT - BOTTOM, to_px=TOP)
    aim = across.at(target)
    parts = [
        grid(across, up, shares=True),
        titles("abandoned, of the calls a person answered", "time in talk and wrap-up"),
        line(aim, TOP, aim, HEIGHT - BOTTOM, colour=WARN, dashes="4"),
        text(aim, TOP - 8, f"target {target:.1%}", anchor="middle", colour=WARN),
    ]
    ordered = sorted(policies.items(), key=lambda item: -item[1]["utilisation"])
    points = [(across.at(min(row["abandonment"], most)), up.at(row["utilisation"])) for _, row in ordered]
    taken = [(x - 6, x + 6, y) for x, y in points]
    for (name, row), (x, y) in zip(ordered, points, strict=True):
        label = name if row["abandonment"] <= most else f"{name} ({row['abandonment']:.0%})"
        parts.append(point_with_label(x, y, label, taken, colour=OWN if name == "winback" else OTHER))
    return frame(
        parts, label="Utilisation of each policy against its abandonment", width=WIDTH, height=HEIGHT
    )


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
        line(x, y, near, at, colour=PALE)
        + circle(x, y, 5, colour=colour)
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
        parts.append(bar(NAMES_PX, y, width, 18, colour=colour))
        parts.append(text(NAMES_PX - 8, y + 13, name, anchor="end"))
        parts.append(text(NAMES_PX + 6 + width, y + 13, note, colour=WARN if over else None))
    height = 16 + BAR_PX * len(ranked)
    return frame(parts, label="Idle seconds a call of each policy", width=WIDTH, height=height)


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
    aim = share.at(target)
    parts = [
        grid(hours, count, shares=False),
        titles("hours since the start", "agents, calls"),
        *(
            text(WIDTH - RIGHT + 8, share.at(value) + 4, said, colour=WARN)
            for value, said in labelled(share, shares=True)
        ),
        line(LEFT, aim, WIDTH - RIGHT, aim, colour=WARN, dashes="4"),
    ]
    curves = (
        ("calls ringing", RINGING, [count.at(value) for value in ringing]),
        ("agents free", FREE, [count.at(value) for value in free]),
        ("abandoned so far (right)", WARN, [share.at(min(share.high, value)) for value in shares]),
    )
    start = float(LEFT)
    for name, colour, heights in curves:
        parts += [
            polyline(zip(map(hours.at, at), heights, strict=True), colour=colour, width=1.8),
            line(start, 12, start + 18, 12, colour=colour, width=3),
            text(start + 24, 16, name, colour=colour),
        ]
        start += 50 + LETTER_PX * len(name)
    label = "One day: calls ringing, agents free, abandonment so far"
    return frame(parts, label=label, width=WIDTH, height=HEIGHT)


def grid(across: Axis, up: Axis, *, shares: bool) -> str:
    """Both axes with their ticks."""
    parts = [
        text(across.at(value), HEIGHT - BOTTOM + 20, said, anchor="middle")
        for value, said in labelled(across, shares=shares)
    ]
    for value, said in labelled(up, shares=shares):
        y = up.at(value)
        parts.append(line(across.from_px, y, across.to_px, y, colour=GRID))
        parts.append(text(across.from_px - 8, y + 4, said, anchor="end"))
    return "".join(parts)


def labelled(axis: Axis, *, shares: bool) -> list[tuple[float, str]]:
    """The axis' ticks with what stands at them."""
    ticks = axis.ticks(TICKS)
    return list(zip(ticks, label_ticks(ticks, percent=shares), strict=True))


def titles(across: str, up: str) -> str:
    """What the axes measure."""
    return text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - BOTTOM + 44, across, anchor="middle") + upright(
        16, (TOP + HEIGHT - BOTTOM) / 2, up, anchor="middle"
    )
