"""One HTML page about a cell of the lab: a table and plots as inline SVG, no file beside it."""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dialer.lab.policies import Winback
from dialer.lab.simulation import Sample, Simulation
from dialer.lab.table import is_over, ranked
from dialer.lab.world import World

WIDTH, HEIGHT, EDGE = 720, 360, 56
DAY_S = 4 * 3600.0
SAMPLE_S = 20.0
TICKS = 5
MOST_SHOWN = 4.0  # abandonment is shown up to so many targets
HEADINGS = ("policy", "utilisation", "abandoned", "idle s a call", "calls an agent-hour", "setting")

STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b2733}
table{border-collapse:collapse;width:100%}
td,th{padding:.3rem .6rem;border-bottom:1px solid #d8dee4;text-align:right}
td:first-child,th:first-child,td:last-child,th:last-child{text-align:left}.over{color:#a1260d}.own{font-weight:600}
svg{width:100%;height:auto;background:#fff}svg text{font:12px system-ui,sans-serif;fill:#44515e}
"""


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
        """Evenly spaced values along the axis."""
        return [self.low + step * (self.high - self.low) / TICKS for step in range(TICKS + 1)]


def write_report(cell: dict[str, Any], path: Path, *, world: World) -> None:
    """Write the page; `world` gives what the cell's own description leaves out. Raises OSError."""
    facts = cell["world"]
    day = World(agents=facts["agents"], answer_rate=facts["answer_rate"], recorded=world.recorded)
    samples = trace_day(day, facts["target"])
    size = f"{facts['agents']} agents, answer rate {facts['answer_rate']:.2f}"
    title = f"Pacing: {size}, target {facts['target']:.1%}"
    method = (
        f"{facts['seeds']} cold starts of {facts['hours']:g} measured hours each, after "
        f"{facts['warm_up_s'] / 60:.0f} minutes. Intervals are 95 %. Rivals are rebuilt from published "
        "formulas, none of their code was run."
    )
    body = [
        f"<h1>{html.escape(title)}</h1>",
        f"<p>{method}</p>",
        table(cell),
        "<h2>Utilisation against abandonment</h2>",
        scatter(cell),
        "<h2>Idle seconds a call</h2>",
        bars(cell),
        f"<h2>{DAY_S / 3600:.0f} hours of Winback, from a cold start</h2>",
        day_plot(samples, facts["target"]),
    ]
    page = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>{STYLE}</style></head><body>{''.join(body)}</body></html>\n"
    )
    path.write_text(page, encoding="utf-8")


def trace_day(world: World, target: float) -> list[Sample]:
    """A day of Winback's pacing in this world, sampled."""
    simulation = Simulation(world, Winback(target), seed=1, gap_s=0.25)
    simulation.run(until_s=DAY_S, sample_s=SAMPLE_S)
    return simulation.samples


def table(cell: dict[str, Any]) -> str:
    """Every policy, best use of agents first."""
    target = cell["world"]["target"]
    rows = []
    for name, row in ranked(cell):
        over = is_over(row, target)
        look = "own" if name == "winback" else "over" if over else ""
        rows.append(
            f'<tr class="{look}"><td>{html.escape(name)}</td>'
            f"<td>{row['utilisation']:.3f} ± {row['utilisation_ci']:.3f}</td>"
            f"<td>{row['abandonment']:.2%} ± {row['abandonment_ci']:.2%}</td>"
            f"<td>{row['idle_per_call_s']:.1f}</td><td>{row['calls_per_agent_hour']:.2f}</td>"
            f"<td>{html.escape(row['setting'])}{' (over the target)' if over else ''}</td></tr>"
        )
    head = "".join(f"<th>{heading}</th>" for heading in HEADINGS)
    return f"<table><tr>{head}</tr>{''.join(rows)}</table>"


def scatter(cell: dict[str, Any]) -> str:
    """Each policy as a point; those far over the target stand at the right edge."""
    target = cell["world"]["target"]
    most = MOST_SHOWN * max(target, 0.005)
    uses = [row["utilisation"] for row in cell["policies"].values()]
    across = Axis(low=0.0, high=most, from_px=EDGE, to_px=WIDTH - 110)
    up = Axis(low=min(uses) - 0.02, high=max(uses) + 0.02, from_px=HEIGHT - EDGE, to_px=20)
    parts = [grid(across, up, across_format="{:.1%}", up_format="{:.2f}")]
    line = across.at(target)
    ends = f'x1="{line:.1f}" x2="{line:.1f}" y1="20" y2="{HEIGHT - EDGE}"'
    parts.append(f'<line {ends} stroke="#a1260d" stroke-dasharray="4"/>')
    for name, row in cell["policies"].items():
        x, y = across.at(min(row["abandonment"], most)), up.at(row["utilisation"])
        colour = "#0b6e4f" if name == "winback" else "#56728c"
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{colour}"/>')
        parts.append(f'<text x="{x + 8:.1f}" y="{y + 4:.1f}">{html.escape(name)}</text>')
    return frame(parts, label="Utilisation of each policy against its abandonment")


def bars(cell: dict[str, Any]) -> str:
    """Idle seconds a call, least first."""
    ranked = sorted(cell["policies"].items(), key=lambda item: float(item[1]["idle_per_call_s"]))
    across = Axis(low=0.0, high=float(ranked[-1][1]["idle_per_call_s"]), from_px=170, to_px=WIDTH - 60)
    parts = []
    for place, (name, row) in enumerate(ranked):
        y, width = 14 + place * 26, across.at(row["idle_per_call_s"]) - 170
        colour = "#0b6e4f" if name == "winback" else "#9db2c4"
        parts.append(f'<rect x="170" y="{y}" width="{width:.1f}" height="18" fill="{colour}"/>')
        parts.append(f'<text x="162" y="{y + 13}" text-anchor="end">{html.escape(name)}</text>')
        parts.append(f'<text x="{176 + width:.1f}" y="{y + 13}">{row["idle_per_call_s"]:.1f}</text>')
    return frame(parts, label="Idle seconds a call of each policy", height=30 + 26 * len(ranked))


def day_plot(samples: Sequence[Sample], target: float) -> str:
    """Agents free, calls ringing and the abandonment so far, over one day."""
    hours = Axis(low=0.0, high=samples[-1].at_s / 3600.0, from_px=EDGE, to_px=WIDTH - EDGE)
    count = Axis(
        low=0.0,
        high=max(1.0, *(float(max(s.ringing, s.idle)) for s in samples)),
        from_px=HEIGHT - EDGE,
        to_px=20,
    )
    share = Axis(low=0.0, high=MOST_SHOWN * max(target, 0.005), from_px=HEIGHT - EDGE, to_px=20)
    parts = [grid(hours, count, across_format="{:.1f} h", up_format="{:.0f}")]
    shares = [min(share.high, s.abandoned / max(1, s.answered)) for s in samples]
    kinds = (
        ("ringing", "#c3cfda", [count.at(s.ringing) for s in samples]),
        ("free agents", "#2364aa", [count.at(s.idle) for s in samples]),
        (
            "abandoned so far",
            "#a1260d",
            [share.at(value) for value in shares],
        ),
    )
    for place, (name, colour, heights) in enumerate(kinds):
        points = " ".join(
            f"{hours.at(s.at_s / 3600.0):.1f},{y:.1f}" for s, y in zip(samples, heights, strict=True)
        )
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.3"/>')
        parts.append(f'<text x="{EDGE + 10 + 150 * place}" y="16" style="fill:{colour}">{name}</text>')
    parts.append(f'<text x="{WIDTH - EDGE + 6}" y="{share.at(target):.1f}">{target:.1%}</text>')
    return frame(parts, label="One day: calls ringing, free agents, abandonment so far")


def grid(across: Axis, up: Axis, *, across_format: str, up_format: str) -> str:
    """Both axes with their ticks."""
    parts = []
    for value in across.ticks():
        x = across.at(value)
        parts.append(
            f'<text x="{x:.1f}" y="{HEIGHT - EDGE + 20}" text-anchor="middle">'
            f"{across_format.format(value)}</text>"
        )
    for value in up.ticks():
        y = up.at(value)
        parts.append(
            f'<line x1="{across.from_px}" x2="{across.to_px}" y1="{y:.1f}" y2="{y:.1f}" stroke="#e6ebef"/>'
        )
        parts.append(
            f'<text x="{across.from_px - 8}" y="{y + 4:.1f}" text-anchor="end">'
            f"{up_format.format(value)}</text>"
        )
    return "".join(parts)


def frame(parts: Sequence[str], *, label: str, height: int = HEIGHT) -> str:
    """The SVG element around its parts."""
    name = html.escape(label)
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{name}">{"".join(parts)}</svg>'
