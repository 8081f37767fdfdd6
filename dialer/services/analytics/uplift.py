"""Whom a call helps: from the log of assignments and what became of everyone to a model and a ranking.

The ranking decision decides at every training how lists are ranked. While its word stays the same, another
model takes the place of the one in use only if it is better, beyond chance, on customers neither has learned
from.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

from churnmodel.array_types import Bools, Floats, Progress, no_progress
from churnmodel.artefact import ArtefactRefused
from churnmodel.data.features import Features
from churnmodel.gain import Gain, gain_by_risk, gain_within
from churnmodel.holdout import unit_of
from churnmodel.risk.candidates import STANDARD_ERRORS
from churnmodel.risk.linear_design import learn_design
from churnmodel.save_rate import SaveRate
from churnmodel.uplift.learners import LEARNERS, Trial, outcome_line, pseudo_outcome
from churnmodel.uplift.ranked_list import left_out
from churnmodel.uplift.ranking_policy import Needed, RankingDecision
from churnmodel.uplift.training import (
    FEWEST_OUTCOMES,
    QUICK,
    CallEffect,
    TrialEvidence,
    learn_call_effect,
    load_call_effect,
    ranking_gain,
    save_call_effect,
)
from churnmodel.value import Price
from dialer.db.queries import assignments, campaigns, customers
from dialer.db.queries.assignments import Assigned
from dialer.db.session import Database
from dialer.services.analytics.fates import HORIZON, known_fates
from dialer.services.analytics.models import ModelCard, champion, promote_model, save_model
from dialer.services.analytics.overlapping_campaigns import among_others
from dialer.services.analytics.ranking_policy import decision_of

SPLIT_SEED: Final = 1  # of the halves on which two models are compared


@dataclass(frozen=True, slots=True, kw_only=True)
class UpliftReport:
    """What learning whom a call helps came to; `model` is None where nothing could be learned."""

    model: int | None
    role: str
    why: str
    learner: str = ""
    ranking_policy: str = ""
    outcomes: int = 0
    events: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for a job's result."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectedEvidence:
    """Randomised outcomes, and when each became usable: the end of its campaign's horizon."""

    evidence: TrialEvidence
    usable_at: Sequence[datetime]

    def rows(self, mask: Bools) -> TrialEvidence:
        """A part of it."""
        whole = self.evidence
        return TrialEvidence(
            frame=whole.frame.filter(pl.Series(mask)),
            left=whole.left[mask],
            called=whole.called[mask],
            propensity=whole.propensity[mask],
            units=whole.units[mask],
        )


def collect_evidence(
    database: Database, now: datetime, columns: Sequence[str], *, horizon: timedelta = HORIZON
) -> CollectedEvidence:
    """Everyone whom chance assigned, with what became of them, from all campaigns whose horizon is over.

    Where several campaigns may call a customer, what each changed beyond the others is what is learned.

    Attributes are those of the day the list was made.
    """
    found: list[Assigned] = []
    chances: list[float] = []
    left: list[float] = []
    usable: list[datetime] = []
    attributes: list[dict[str, Any]] = []
    with database.read() as tx:
        lists = sorted(campaigns.all_of(tx), key=lambda row: row.id)
    for campaign in lists:
        began = campaign.started_at or campaign.created_at
        over = began + horizon
        if over > now:
            continue
        with database.read() as tx:
            assigned = assignments.assigned(tx, campaign.id)
            people, fates, undated = known_fates(tx, campaign.id, assigned, began, horizon)
            past = customers.attributes_at(tx, campaign.id, campaign.created_at)
            together = among_others(tx, campaign, over)
        if undated:
            continue  # those whose leaving has no date are missing among the leavers only
        for one in people:
            chance, standing = together.chance(one)
            if 0 < chance < 1 and standing:
                found.append(one)
                chances.append(chance)
                left.append(fates[one.customer])
                usable.append(over)
                attributes.append(past.get(one.customer, one.attributes))
    rows = [{name: each.get(name) for name in columns} for each in attributes]
    names = [unit_of(f"customer {one.customer}", one.household) for one in found]
    units = {name: index for index, name in enumerate(dict.fromkeys(names))}
    return CollectedEvidence(
        evidence=TrialEvidence(
            frame=pl.DataFrame(
                rows, schema=None if rows else list(columns), infer_schema_length=None, strict=False
            ),
            left=np.array(left, dtype=np.float64),
            called=np.array([one.call for one in found], dtype=np.float64),
            propensity=np.array(chances, dtype=np.float64),
            units=np.array([units[name] for name in names], dtype=np.int64),
        ),
        usable_at=usable,
    )


def learn_uplift(
    database: Database,
    data_dir: Path,
    now: datetime,
    features: Features,
    *,
    quick: bool = False,
    seed: int = 1,
    needed: Needed | None = None,
    horizon: timedelta = HORIZON,
    progress: Progress = no_progress,
) -> UpliftReport:
    """Learn whom a call helps from all randomised outcomes, and decide how lists are ranked.

    Args:
        database: where it is read and kept.
        data_dir: below it the model is kept.
        now: the moment.
        features: what the risk model reads of a customer; its contract has refused what would leak.
        quick: fewer learners, for seconds instead of minutes.
        seed: of every random choice.
        needed: the ranking decision's evidence; unset: the product's own.
        horizon: how long after a campaign's start it is asked who left.
        progress: told "uplift" with the share done.
    """
    collected = collect_evidence(database, now, features.names, horizon=horizon)
    evidence = collected.evidence
    outcomes, events = len(evidence.left), int(evidence.left.sum())
    missing = evidence.missing()
    if missing:
        return UpliftReport(model=None, role="", why=missing, outcomes=outcomes, events=events)
    learners = QUICK if quick else tuple(LEARNERS)
    effect = learn_call_effect(
        evidence, features, seed=seed, learners=learners, needed=needed, progress=progress
    )
    incumbent = champion(database, "uplift")
    needed = needed or Needed()
    if incumbent is not None and _same(incumbent, effect, needed):
        why = f"there are no other outcomes than model {incumbent.id} has learned from"
        return UpliftReport(
            model=None,
            role="",
            why=why,
            outcomes=outcomes,
            events=events,
            ranking_policy=decision_of(incumbent).ranking_policy,
        )
    reference = save_call_effect(effect, data_dir.resolve() / "models" / f"{now:%Y%m%dT%H%M%S}-{seed}-uplift")
    takes_over, why = (
        (True, "it is the first") if incumbent is None else _compare(incumbent, effect, collected, seed)
    )
    metrics = {**effect.facts, "gate": effect.decision.as_dict(), "needed": asdict(needed), "why": why}
    number = save_model(
        database,
        reference,
        metrics,
        kind=f"uplift {effect.model.name}",
        now=now,
        role="champion" if incumbent is None else "challenger",
        task="uplift",
    )
    if incumbent is not None and takes_over:
        promote_model(
            database, number, now, "training", why, {"ranking_policy": effect.decision.ranking_policy.value}
        )
    return UpliftReport(
        model=number,
        role="champion" if takes_over else "challenger",
        why=why,
        learner=effect.model.name,
        ranking_policy=(
            effect.decision if takes_over or incumbent is None else decision_of(incumbent)
        ).ranking_policy,
        outcomes=outcomes,
        events=events,
    )


def _same(incumbent: ModelCard, effect: CallEffect, needed: Needed) -> bool:
    """Whether the model in use was learned from exactly these outcomes, and judged by the same needs."""
    facts = incumbent.metrics
    return (facts.get("data_sha256"), facts.get("needed")) == (effect.facts["data_sha256"], asdict(needed))


def _compare(
    incumbent: ModelCard, effect: CallEffect, collected: CollectedEvidence, seed: int
) -> tuple[bool, str]:
    """Whether the model takes the place of the one in use, and why."""
    decision, before = effect.decision, decision_of(incumbent)
    if (decision.ranking_policy, decision.exclude) != (before.ranking_policy, before.exclude):
        return (
            True,
            f"on all outcomes known now lists are to be {_standing(decision)}, no longer {_standing(before)}",
        )
    try:
        old = load_call_effect(incumbent.folder)
    except ArtefactRefused as refused:
        return True, f"the model in use cannot be used any more: {refused}"
    fresh = np.array([at > incumbent.created_at for at in collected.usable_at])
    units = collected.evidence.units
    half = np.random.default_rng(SPLIT_SEED).random(int(units.max()) + 1) < 0.5  # noqa: PLR2004 - a half
    judged = fresh & half[units]
    if judged.sum() < FEWEST_OUTCOMES:
        return False, (
            f"{int(fresh.sum()):,} randomised outcomes became known since model {incumbent.id} was trained; "
            f"{2 * FEWEST_OUTCOMES:,} are needed to compare"
        )
    rest, test = collected.rows(~half[units]), collected.rows(judged)
    if rest.missing():
        return False, f"too few other outcomes are left to learn from: {rest.missing()}"
    again = learn_call_effect(rest, effect.features, seed=seed, learners=effect.facts["learners"])
    gain, error = ranking_gain(
        _pseudo(effect.features, rest, test), again.predict(test.frame), old.predict(test.frame)
    )
    better = gain > STANDARD_ERRORS * error
    return better, (
        f"on {len(test.left):,} customers it had not seen it keeps {1000 * gain:+.1f} of 1,000 called more "
        f"than model {incumbent.id} (standard error {1000 * error:.1f})"
    )


def _pseudo(features: Features, learned: TrialEvidence, judged: TrialEvidence) -> Floats:
    """Doubly robust pseudo-effects of judged customers, by outcome models that have not seen them."""
    matrix = features.matrix(learned.frame)
    design = learn_design(matrix, features.categories)
    rows, unseen = design.apply(matrix), design.apply(features.matrix(judged.frame))
    stayed = 1 - learned.left
    expected = [
        outcome_line(rows[learned.called == side], stayed[learned.called == side])(unseen) for side in (0, 1)
    ]
    trial = Trial(design=unseen, outcome=1 - judged.left, treated=judged.called, propensity=judged.propensity)
    return pseudo_outcome(trial, expected[0], expected[1])


def _standing(decision: RankingDecision) -> str:
    if decision.ranking_policy == "uplift":
        return "ranked by what a call changes"
    return "ranked by risk" + (" without the worst by effect" if decision.exclude else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What a call to each customer is expected to bring, and whom lists leave out."""

    gain: Gain
    uplift: Floats | None
    left_out: Bools


def effect_in_use(database: Database) -> CallEffect | None:
    """The model of what a call changes, if there is one; raises `ArtefactRefused` for a changed file."""
    card = champion(database, "uplift")
    return load_call_effect(card.folder) if card is not None else None


def worth_of(  # noqa: PLR0917 - whom, and all that their worth rests on
    effect: CallEffect | None, frame: pl.DataFrame, risk: Floats, value: Floats, price: Price, rate: SaveRate
) -> Worth:
    """Give the expected gain by the ranking policy in force."""
    by_risk = gain_by_risk(risk, value, price, rate)
    if effect is None:
        return Worth(gain=by_risk, uplift=None, left_out=np.zeros(len(risk), dtype=np.bool_))
    uplift = effect.predict(frame)
    gain = by_risk
    if effect.decision.ranking_policy == "uplift":
        low, high = effect.bands.of(uplift)
        gain = gain_within(uplift, low, high, value, price)
    return Worth(gain=gain, uplift=uplift, left_out=left_out(effect.decision, uplift))
