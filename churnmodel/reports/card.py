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

from churnmodel.array_types import Floats
from churnmodel.data.contract import Contract, Role
from churnmodel.drift import Concern, FeatureShift
from churnmodel.gain import expected_gain
from churnmodel.reports.fairness import DEVIATIONS, LIST_SHARE, GroupFigures
from churnmodel.reports.plots import STYLE, Curve, bar_plot, line_plot
from churnmodel.risk import ipw
from churnmodel.save_rate import SaveRate, settle
from churnmodel.value import Price

CALIBRATION_POINTS: Final = 10
CURVE_POINTS: Final = 40
MOST_SHIFTS: Final = 12
CERTAIN: Final = 1.96  # standard errors on either side of 95 %


@dataclass(frozen=True, slots=True, kw_only=True)
class CardEvidence:
    """Judged rows: predictions of models that had not seen them, and what happened."""

    truth: Floats
    risk: Floats
    value: Floats  # money lost if the customer leaves
    price: Price = field(default_factory=Price)
    rate: SaveRate = field(default_factory=lambda: settle(Price().save_rate))  # behind that of the price
    shifts: Sequence[FeatureShift] = ()
    groups: Mapping[str, Sequence[GroupFigures]] = field(default_factory=dict)  # audited column -> figures


def model_card(
    facts: Mapping[str, Any],
    contract: Contract,
    evidence: CardEvidence,
    *,
    identity: Mapping[str, str] | None = None,
) -> str:
    """Write the card; every text from data is escaped, nothing is loaded from anywhere.

    `identity` says in words which model this is (number, role, when it was trained, its file's digest) and
    when the card was written.
    """
    plots = [_lift(evidence), _calibration(evidence), _profit(evidence)]
    if evidence.shifts:
        plots.append(_drift(evidence))
    sections = [
        f"<h1>Model card: {escape(str(facts.get('model', 'risk')))}</h1>",
        PURPOSE,
        _identity(facts, contract, identity or {}),
        "<h2>What a list by it is worth</h2>",
        _in_short(evidence),
        f'<div class="plots">{"".join(f"<figure>{plot}</figure>" for plot in plots)}</div>',
        _drift_in_words(evidence),
        "<h2>Figures on customers it had not learned from</h2>",
        _figures(facts),
        "<h2>Groups kept for audit, never learned from</h2>",
        _fairness(evidence),
        "<h2>Limits</h2>",
        _limits(facts, evidence),
        "<h2>What it reads, and what it must not</h2>",
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


LIMITS: Final = (
    "<li>Risk is not effect: those most likely to leave are often not those whom a call keeps. Only the "
    "hold-out tells what calling changes (<code>winback effect</code>), also by group.</li>"
    "<li>{rate} The money above follows from it, from {call} a call and {offer} an accepted offer.</li>"
    "<li>{called}</li>"
    "<li>Groups that are in no column cannot be compared. A column left out of learning may still be told by "
    "others that go with it; the tables of groups show what comes of that.</li>"
    "<li>It holds for customers like those it learned from, for about three months. What moves is watched "
    "daily.</li>"
)


def _identity(facts: Mapping[str, Any], contract: Contract, identity: Mapping[str, str]) -> str:
    rows, positives = int(facts.get("rows", 0)), int(facts.get("positives", 0))
    learned = f"{contract.target} = {contract.positive}, from {rows:,} customers"
    share = f", of whom {positives / rows:.1%} did" if rows and positives else ""
    said = {**identity, "learned": learned + share}
    return _table([f"<th>{escape(name)}</th><td>{escape(text)}</td>" for name, text in said.items()])


def _table(rows: Sequence[str], head: str = "") -> str:
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<table>{f'<tr>{head}</tr>' if head else ''}{body}</table>"


def _in_short(evidence: CardEvidence) -> str:
    """The two sentences a manager asks for: who is found, and how long a list pays."""
    order = np.argsort(-evidence.risk, kind="stable")
    called = order[: max(1, round(LIST_SHARE * len(order)))]
    found = float(evidence.truth[called].sum()) / max(float(evidence.truth.sum()), 1.0)
    gain = expected_gain(evidence.price.save_rate * evidence.risk, evidence.value, evidence.price)
    return (
        f"<p>The {LIST_SHARE:.0%} of customers with the highest risk hold {found:.0%} of all who left; "
        f"{float(evidence.truth[called].mean()):.0%} of them left, against "
        f"{float(evidence.truth.mean()):.0%} of everybody. A call is worth more than it costs for "
        f"{float((gain > 0).mean()):.0%} of customers, by the prices below. All of it is judged on customers "
        "that the model had not learned from.</p>"
    )


def _limits(facts: Mapping[str, Any], evidence: CardEvidence) -> str:
    price = evidence.price
    said = LIMITS.format(
        rate=escape(evidence.rate.in_words()),
        called=escape(ipw.in_words(facts.get("called", {}))),
        call=f"{price.call_cost:g}",
        offer=f"{price.offer_cost:g}",
    )
    return f"<ul>{said}</ul>"


PAGE_STYLE: Final = (
    "body{font:15px/1.5 system-ui,sans-serif;color:#222;margin:0}"
    "main{max-width:980px;margin:0 auto;padding:1rem}"
    "table{border-collapse:collapse;margin:.5rem 0}td,th{border-bottom:1px solid #ddd;padding:.25rem .7rem;"
    "text-align:left;vertical-align:top}figure{margin:0}.plots{display:grid;gap:1rem;"
    "grid-template-columns:repeat(auto-fit,minmax(320px,1fr))}code{overflow-wrap:anywhere}"
)


def _figures(facts: Mapping[str, Any]) -> str:
    names = {
        "roc_auc": "ROC-AUC: chance that a leaver is ranked above a stayer",
        "pr_auc": "average precision (guessing gives the share that left)",
        "lift_10": "leavers in the top tenth, against average",
        "log_loss": "log-loss (less is better)",
        "brier": "Brier score (less is better)",
        "ece": "calibration error: how far said and seen are apart",
    }
    candidates = facts.get("candidates", {})
    chosen = str(facts.get("model", ""))
    head = "".join(f"<th>{escape(name)}{' (in use)' if name == chosen else ''}</th>" for name in candidates)
    rows = "".join(
        f"<tr><th>{escape(words)}</th>"
        + "".join(f"<td>{figures.get(name, float('nan')):.4f}</td>" for figures in candidates.values())
        + "</tr>"
        for name, words in names.items()
    )
    judged = escape(str(facts.get("judged", "")).removesuffix(", 1 times"))
    return (
        f"<p>Judged {judged}: each customer by a model that had not seen them.</p>"
        f"<table><tr><th></th>{head}</tr>{rows}</table>"
    )


def _lift(evidence: CardEvidence) -> str:
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


def _calibration(evidence: CardEvidence) -> str:
    order = np.argsort(evidence.risk, kind="stable")
    parts = [part for part in np.array_split(order, CALIBRATION_POINTS) if part.size]
    said = [float(evidence.risk[part].mean()) for part in parts]
    seen = [float(evidence.truth[part].mean()) for part in parts]
    sizes = [part.size for part in parts]
    error = [CERTAIN * (max(p * (1 - p), 1e-9) / n) ** 0.5 for p, n in zip(said, sizes, strict=True)]
    top = max([*said, *seen, 0.01])
    return line_plot(
        "Said and seen",
        "predicted chance of leaving",
        "share that left",
        [
            Curve(label="tenths of customers, 95 % interval", x=said, y=seen, points=True, error=error),
            Curve(label="perfect", x=[0.0, top], y=[0.0, top], dashed=True),
        ],
    )


def _profit(evidence: CardEvidence) -> str:
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
        y_is_share=False,
        curves=[
            Curve(label="expected", x=[0.0, *share], y=[0.0, *(scale * np.cumsum(gain[order])[at])]),
            Curve(label="by what happened", x=[0.0, *share], y=[0.0, *(scale * np.cumsum(seen[order])[at])]),
        ],
    )


def _drift_in_words(evidence: CardEvidence) -> str:
    if not evidence.shifts:
        return "<p>What moved was not looked at: the customers of today lack columns that it reads.</p>"
    called = [shift.name for shift in evidence.shifts if shift.concern is Concern.ATTENTION]
    said = f"{len(called)} deserve attention: {', '.join(called)}" if called else "none deserves attention"
    return f"<p>Of {len(evidence.shifts)} columns compared with the customers of today, {escape(said)}.</p>"


def _drift(evidence: CardEvidence) -> str:
    shown = sorted(evidence.shifts, key=lambda shift: -shift.psi)[:MOST_SHIFTS]
    return bar_plot(
        "What moved since training (PSI)",
        "dashed: 0.1, worth a look",
        [shift.name for shift in shown],
        [shift.psi for shift in shown],
        mark=0.1,
    )


def _fairness(evidence: CardEvidence) -> str:
    if not evidence.groups:
        return (
            "<p>No column is kept for audit, so nobody was compared. Name some in <code>model.audit</code> "
            "and train anew.</p>"
        )
    legend = (
        f"<p><em>Listed</em>: the share of the group among the {LIST_SHARE:.0%} with the highest risk. "
        "<em>Leavers missed</em>: the share of its leavers that such a list leaves out. <em>Holds</em>: what "
        "was said lies within the 95 % interval of what was seen, as it does by chance for nineteen groups "
        f"in twenty; <em>perhaps</em>: within {DEVIATIONS:g} standard errors.</p>"
    )
    pieces = [legend]
    for name, groups in evidence.groups.items():
        rows = "".join(
            f"<tr><td>{escape(one.group)}</td><td>{one.customers:,}</td><td>{one.listed:.1%}</td>"
            f"<td>{one.missed:.1%}</td><td>{one.predicted:.1%}</td>"
            f"<td>{one.seen:.1%} ± {CERTAIN * one.error:.1%}</td><td>{escape(one.note or 'holds')}</td></tr>"
            for one in groups
        )
        pieces.append(
            f"<h3>{escape(name)}</h3><table><tr><th>group</th><th>customers</th><th>listed</th>"
            f"<th>leavers missed</th><th>said to leave</th><th>left</th><th>verdict</th></tr>{rows}</table>"
        )
    return "".join(pieces)


def _contract(contract: Contract) -> str:
    order = [Role.FEATURE, Role.AUDIT, Role.TARGET]
    columns = sorted(
        contract.columns, key=lambda one: order.index(one.role) if one.role in order else len(order)
    )
    rows = [
        f"<td>{escape(column.name)}</td><td>{escape(column.kind)}</td><td>{escape(column.role)}</td>"
        f"<td>{column.missing:.1%}</td><td>{escape(column.why)}"
        f"{f' <code>{escape(column.rule)}</code>' if column.rule else ''}</td>"
        for column in columns
    ]
    return _table(rows, "<th>column</th><th>kind</th><th>role</th><th>missing</th><th>why not</th>")


def _origin(facts: Mapping[str, Any]) -> str:
    names = {
        "rows": "customers learned from",
        "positives": "of them left",
        "rows_dropped": "rows left out (no outcome, or twice the same)",
        "seed": "seed",
        "calibration": "straightening of probabilities",
        "data_sha256": "SHA-256 of the data",
        "versions": "made with",
    }
    rows = [
        f"<th>{escape(words)}</th><td><code>{escape(_plain(facts[key]))}</code></td>"
        for key, words in names.items()
        if key in facts
    ]
    return _table(rows)


def _plain(fact: object) -> str:
    if isinstance(fact, Mapping):
        return ", ".join(f"{name} {value}" for name, value in fact.items())
    return f"{fact:,}" if isinstance(fact, int) else str(fact)
