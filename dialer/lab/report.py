"""One HTML page about a cell of the lab: a table and plots as inline SVG, no file beside it."""

import html
from pathlib import Path
from typing import Any

from dialer.lab.comparison import is_over, ranked
from dialer.lab.plots import bars, day_plot, scatter
from dialer.lab.policies import Winback
from dialer.lab.scenario import Scenario
from dialer.lab.simulation import Sample, Simulation

DAY_S = 4 * 3600.0
SAMPLE_S = 20.0
HEADINGS = ("policy", "utilisation", "abandoned", "idle s a call", "calls an agent-hour", "setting")

STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1b2733}
table{border-collapse:collapse;width:100%}h2{margin:2.2rem 0 .3rem}
td,th{padding:.3rem .6rem;border-bottom:1px solid #d8dee4;text-align:right;white-space:nowrap}
td:first-child,th:first-child,td:last-child,th:last-child{text-align:left}td:last-child{white-space:normal}
small{color:#6b7885}.over,.over small{color:#a1260d}.own{font-weight:600}
svg{width:100%;height:auto;background:#fff}svg text{font:12px system-ui,sans-serif;fill:#44515e}
"""


def write_report(cell: dict[str, Any], path: Path, *, scenario: Scenario) -> None:
    """Write the page; `scenario` is the cell's. Raises OSError."""
    facts, target = cell["scenario"], cell["scenario"]["target"]
    size = f"{facts['agents']} agents, {facts['answer_rate']:.0%} of the calls answered"
    title = f"Pacing: {size}, target {target:.1%} abandoned"
    method = (
        f"Utilisation is talk and wrap-up as a share of the time agents are logged in; idle is what an agent "
        f"waits for a call. {facts['seeds']} cold starts of {facts['hours']:g} measured hours each, after "
        f"{facts['warm_up_s'] / 60:.0f} minutes. Intervals are 95 %. Baselines are rebuilt from published "
        "formulas, none of their code was run; red ones abandon more than the target."
    )
    body = [
        f"<h1>{html.escape(title)}</h1>",
        f"<p>{method}</p>",
        table(cell),
        "<h2>Utilisation against abandonment</h2>",
        "<p>Higher uses agents better; right of the dashed line too many customers hear nobody.</p>",
        scatter(cell["policies"], target),
        "<h2>Seconds an agent waits for a call</h2>",
        bars(cell["policies"], target),
        f"<h2>{DAY_S / 3600:.0f} hours of Winback, from a cold start</h2>",
        "<p>Calls ringing and agents free, as means of five minutes; abandonment since the start.</p>",
        day_plot(trace_day(scenario, target), target),
    ]
    page = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>{STYLE}</style></head><body>{''.join(body)}</body></html>\n"
    )
    path.write_text(page, encoding="utf-8")


def trace_day(scenario: Scenario, target: float) -> list[Sample]:
    """A day of Winback's pacing in this scenario, sampled."""
    simulation = Simulation(scenario, Winback(target), seed=1, gap_s=0.25)
    simulation.run(until_s=DAY_S, sample_s=SAMPLE_S)
    return simulation.samples


def table(cell: dict[str, Any]) -> str:
    """Every policy, best use of agents first."""
    target = cell["scenario"]["target"]
    rows = []
    for name, row in ranked(cell):
        over = is_over(row, target)
        look = "own" if name == "winback" else "over" if over else ""
        rows.append(
            f'<tr class="{look}"><td>{html.escape(name)}</td>'
            f"<td>{row['utilisation']:.1%} <small>± {100 * row['utilisation_ci']:.1f}</small></td>"
            f"<td>{row['abandonment']:.2%} <small>± {100 * row['abandonment_ci']:.2f}</small></td>"
            f"<td>{row['idle_per_call_s']:.0f}</td><td>{row['calls_per_agent_hour']:.1f}</td>"
            f"<td>{html.escape(row['setting'])}{' (over the target)' if over else ''}</td></tr>"
        )
    head = "".join(f"<th>{heading}</th>" for heading in HEADINGS)
    return f"<table><tr>{head}</tr>{''.join(rows)}</table>"
