"""The model card: one HTML page made by the run, complete in itself, that a manager and an auditor can read.

What the model is for and not for, what it was trained on, how well it ranks and how honest its probabilities
are, what a list of each length is expected to earn, what moved since, and whether it treats audited groups
alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Final

import numpy as np

from churnmodel.arrays import Floats
from churnmodel.contract import Contract
from churnmodel.drift import Shift
from churnmodel.fairness import GroupFigures
from churnmodel.plots import STYLE, Curve, bar_plot, line_plot
from churnmodel.value import Price, expected_gain

CALIBRATION_POINTS: Final = 10
CURVE_POINTS: Final = 40
MOST_SHIFTS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Judged rows: predictions of models that had not seen them, and what happened."""

    truth: Floats
    risk: Floats
    value: Floats  # money lost if the customer leaves
    price: Price = field(default_factory=Price)
    shifts: Sequence[Shift] = ()
    groups: Mapping[str, Sequence[GroupFigures]] = field(default_factory=dict)  # audited column -> figures


def model_card(facts: Mapping[str, Any], contract: Contract, evidence: Evidence) -> str:
    """Write the card; every text from data is escaped, nothing is loaded from anywhere."""
    plots = [_lift(evidence), _calibration(evidence), _profit(evidence)]
    if evidence.shifts:
        plots.append(_drift(evidence))
    sections = [
        f"<h1>Model card: {escape(str(facts.get('model', 'risk')))}</h1>",
        PURPOSE,
        "<h2>Figures on rows it had not seen</h2>",
        _figures(facts),
        "<h2>How to read it</h2>",
        f'<div class="plots">{"".join(f"<figure>{plot}</figure>" for plot in plots)}</div>',
        "<h2>Groups kept for audit, never a feature</h2>",
        _fairness(evidence),
        "<h2>Data contract</h2>",
        _contract(contract),
        "<h2>Origin</h2>",
        _origin(facts),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Model card</title><style>{PAGE_STYLE}{STYLE}</style></head><body><main>"
        f"{''.join(sections)}</main></body></html>"
    )


PURPOSE: Final = (
    "<p>Estimates each customer's chance of leaving, to order a list of retention calls. Its reasons are "
    "what goes with leaving, <strong>not causes</strong>; what a call changes is measured by the hold-out. "
    "Not for prices, credit or employment.</p>"
)

PAGE_STYLE: Final = (
    "body{font:15px/1.5 system-ui,sans-serif;color:#222;margin:0}"
    "main{max-width:980px;margin:0 auto;padding:1rem}"
    "table{border-collapse:collapse;margin:.5rem 0}td,th{border-bottom:1px solid #ddd;padding:.25rem .7rem;"
    "text-align:left;vertical-align:top}figure{margin:0}.plots{display:grid;gap:1rem;"
    "grid-template-columns:repeat(auto-fit,minmax(320px,1fr))}code{overflow-wrap:anywhere}"
)


def _figures(facts: Mapping[str, Any]) -> str:
    names = {
        "roc_auc": "ROC-AUC: a leaver scores above a stayer",
        "pr_auc": "average precision",
        "lift_10": "leavers in the top tenth, against average",
        "log_loss": "log-loss",
        "brier": "Brier score",
        "ece": "calibration error",
    }
    candidates = facts.get("candidates", {})
    head = "".join(f"<th>{escape(name)}</th>" for name in candidates)
    rows = "".join(
        f"<tr><th>{escape(words)}</th>"
        + "".join(f"<td>{figures.get(name, float('nan')):.4f}</td>" for figures in candidates.values())
        + "</tr>"
        for name, words in names.items()
    )
    judged = escape(str(facts.get("judged", "")))
    return f"<p>Judged {judged}.</p><table><tr><th></th>{head}</tr>{rows}</table>"


def _lift(evidence: Evidence) -> str:
    order = np.argsort(-evidence.risk, kind="stable")
    found = np.cumsum(evidence.truth[order]) / max(float(evidence.truth.sum()), 1.0)
    at = np.unique(np.linspace(0, len(order) - 1, CURVE_POINTS).astype(int))
    share = (at + 1) / len(order)
    return line_plot(
        "Leavers found by list length",
        "share of customers called",
        "share of leavers found",
        [
            Curve(label="model", x=[0.0, *share], y=[0.0, *found[at]]),
            Curve(label="random", x=[0.0, 1.0], y=[0.0, 1.0], dashed=True),
        ],
    )


def _calibration(evidence: Evidence) -> str:
    order = np.argsort(evidence.risk, kind="stable")
    parts = [part for part in np.array_split(order, CALIBRATION_POINTS) if part.size]
    said = [float(evidence.risk[part].mean()) for part in parts]
    seen = [float(evidence.truth[part].mean()) for part in parts]
    top = max([*said, *seen, 0.01])
    return line_plot(
        "Said and seen",
        "predicted chance of leaving",
        "share that left",
        [
            Curve(label="tenths of customers", x=said, y=seen, points=True),
            Curve(label="perfect", x=[0.0, top], y=[0.0, top], dashed=True),
        ],
    )


def _profit(evidence: Evidence) -> str:
    price = evidence.price
    gain = expected_gain(price.save_rate * evidence.risk, evidence.value, price)
    seen = expected_gain(price.save_rate * evidence.truth, evidence.value, price)
    order = np.argsort(-gain, kind="stable")
    at = np.unique(np.linspace(0, len(order) - 1, CURVE_POINTS).astype(int))
    share = (at + 1) / len(order)
    scale = 1000 / len(order)
    return line_plot(
        f"Gain per 1,000 customers if a call keeps {price.save_rate:.0%} of leavers",
        "share of customers called",
        "money",
        [
            Curve(label="expected", x=[0.0, *share], y=[0.0, *(scale * np.cumsum(gain[order])[at])]),
            Curve(label="by what happened", x=[0.0, *share], y=[0.0, *(scale * np.cumsum(seen[order])[at])]),
        ],
    )


def _drift(evidence: Evidence) -> str:
    shown = sorted(evidence.shifts, key=lambda shift: -shift.psi)[:MOST_SHIFTS]
    return bar_plot(
        "What moved since training (PSI)",
        "dashed: 0.1, worth a look",
        [shift.name for shift in shown],
        [shift.psi for shift in shown],
        mark=0.1,
    )


def _fairness(evidence: Evidence) -> str:
    if not evidence.groups:
        return "<p>No column has the role <code>audit</code> in the contract, so nothing was audited.</p>"
    pieces = []
    for name, groups in evidence.groups.items():
        rows = "".join(
            f"<tr><td>{escape(one.group)}</td><td>{one.customers}</td><td>{one.listed:.1%}</td>"
            f"<td>{one.missed:.1%}</td><td>{one.predicted:.1%}</td><td>{one.seen:.1%}</td>"
            f"<td>{escape(one.note)}</td></tr>"
            for one in groups
        )
        pieces.append(
            f"<h3>{escape(name)}</h3><table><tr><th>group</th><th>customers</th><th>listed</th>"
            f"<th>leavers missed</th><th>predicted</th><th>seen</th><th></th></tr>{rows}</table>"
        )
    return "".join(pieces)


def _contract(contract: Contract) -> str:
    rows = "".join(
        f"<tr><td>{escape(column.name)}</td><td>{escape(column.kind)}</td><td>{escape(column.role)}</td>"
        f"<td>{escape(column.rule)}</td><td>{escape(column.why)}</td><td>{column.missing:.1%}</td></tr>"
        for column in contract.columns
    )
    return (
        "<table><tr><th>column</th><th>kind</th><th>role</th><th>rule</th><th>why</th><th>missing</th></tr>"
        f"{rows}</table>"
    )


def _origin(facts: Mapping[str, Any]) -> str:
    keys = ("rows", "positives", "rows_dropped", "seed", "calibration", "data_sha256", "versions")
    rows = "".join(
        f"<tr><th>{escape(key)}</th><td><code>{escape(str(facts[key]))}</code></td></tr>"
        for key in keys
        if key in facts
    )
    return f"<table>{rows}</table>"
