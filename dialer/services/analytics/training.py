"""From customers to a champion model.

Customers are read first, then it computes for as long as it takes without holding the database, and stores
what came of it in a transaction of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

import polars as pl

from churnmodel.array_types import Progress, no_progress
from churnmodel.artefact import ArtefactRefused, load, save
from churnmodel.data.column_types import present_text
from churnmodel.data.contract import Contract, ContractRefused, infer_contract
from churnmodel.risk.candidates import FULL, QUICK
from churnmodel.risk.ipw import IpwWeights, in_words, weigh_uncalled
from churnmodel.risk.training import RiskModel, Trained, train_and_judge
from churnmodel.uplift.ranking_policy import Needed
from dialer.db.queries import learning
from dialer.db.session import Database
from dialer.services.analytics.evaluation_rows import keep_evaluation_rows
from dialer.services.analytics.label_frames import labelled_customers
from dialer.services.analytics.models import champion, promote_model, save_model
from dialer.services.analytics.nothing_to_learn import why_nothing
from dialer.services.analytics.promotion import Comparison, compare, no_better_than_chance
from dialer.services.analytics.ranking_policy import ranking
from dialer.services.analytics.treatment_history import treatment_of
from dialer.services.analytics.uplift import UpliftReport, learn_uplift

Role = Literal["champion", "challenger"]

ID: Final = "external_id"
HOUSEHOLD: Final = "household"


class NothingToLearn(ValueError):
    """No model can be trained on what the database holds; the message says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainReport:
    """What training came to. Figures are out of sample, from cross-validation."""

    model: int
    kind: str
    label: str
    positive: str
    rows: int
    positives: int
    rows_dropped: int
    judged: str
    figures: Mapping[str, float]
    refused: tuple[tuple[str, str, str], ...]  # column, rule, why
    folder: str
    role: str  # champion or challenger
    why: str  # it is that
    called: str  # what was done about customers whom campaigns had called, in words; empty if none had
    uplift: Mapping[str, Any]  # an `UpliftReport`: what was learned of whom a call helps
    ranking: str  # how lists are ranked, and what is missing for the next way

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for a job's result."""
        return asdict(self)


def train_model(
    database: Database,
    data_dir: Path,
    now: datetime,
    *,
    label: str | None = None,
    audit: Sequence[str] = (),
    quick: bool = False,
    seed: int = 1,
    needed: Needed | None = None,
    progress: Progress = no_progress,
) -> TrainReport:
    """Train on every customer whose outcome is known; the first model becomes the champion.

    A later one is a challenger, and takes the champion's place only if it is better out of time beyond
    chance (`promotion`); otherwise it stays one until a person promotes it.

    `label` is the column that holds the outcome; None: the one that imports named last, or else one named
    like an outcome, with what was told of who left (`labels`). `audit` are columns that are never learned
    from, and by whose values the card tells whether customers are treated alike. `quick`: one candidate
    instead of all, for seconds instead of a minute. `needed`: evidence before uplift may rank, in place of
    the product's own.

    Whom a call helps is learned too, where randomised outcomes are known (`uplift`).

    Raises:
        NothingToLearn: no customers, no such column, or too few outcomes.
    """
    lesson = _read_lesson(database, label, audit, now)
    trained = _judge(lesson, quick=quick, seed=seed, progress=progress)
    installed = _install(database, data_dir, trained, lesson, now=now, seed=seed)
    learned = learn_uplift(
        database,
        data_dir,
        now,
        installed.in_use.features,
        quick=quick,
        seed=seed,
        needed=needed,
        progress=progress,
    )
    return _report(trained.model.facts, lesson, installed, learned, ranking(database).in_words())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lesson:
    """What there is to learn from: rows with an outcome, what their columns mean, and who was called."""

    frame: pl.DataFrame
    contract: Contract
    untreated: IpwWeights | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Installed:
    """Where a trained model stands now: its number and folder, its role and why, and the model in use."""

    number: int
    folder: Path
    role: Role
    why: str
    in_use: RiskModel


def _read_lesson(database: Database, label: str | None, audit: Sequence[str], now: datetime) -> _Lesson:
    """Load customers whose outcome is known; raises `NothingToLearn`."""
    found = labelled_customers(database, label)
    frame, label = found.frame, found.label
    if frame.is_empty():
        raise NothingToLearn("the database has no customers. Bring them in with `winback import FILE`.")
    if label is not None and label not in frame.columns:
        raise NothingToLearn(f"no customer has a column {label!r}. Name the outcome with --label COLUMN.")
    unknown = [name for name in audit if name not in frame.columns]
    if unknown:
        raise NothingToLearn(f"no customer has a column {unknown[0]!r}, which model.audit names.")
    households = HOUSEHOLD if frame.get_column(HOUSEHOLD).null_count() < frame.height else None
    drop = () if households else (HOUSEHOLD,)
    treated = treatment_of(database, found.customers, frame.get_column(HOUSEHOLD).to_list(), now)
    if label is not None:  # customers without an outcome are for scoring, not for learning
        told = present_text(frame.get_column(label)).is_not_null()
        frame = frame.filter(told)
        treated = treated and (treated[0][told.to_numpy()], treated[1][told.to_numpy()])
    try:
        contract = infer_contract(frame, target=label, id=(ID,), drop=drop, household=households, audit=audit)
        untreated = weigh_uncalled(*treated, contract.labels(frame)) if treated else None
    except ContractRefused as refused:
        raise NothingToLearn(why_nothing(refused, frame, label)) from refused
    return _Lesson(frame=frame, contract=contract, untreated=untreated)


def _judge(lesson: _Lesson, *, quick: bool, seed: int, progress: Progress) -> Trained:
    """Fit the candidates and judge them on rows they have not seen; raises `NothingToLearn`."""
    try:
        return train_and_judge(
            lesson.frame,
            lesson.contract,
            seed=seed,
            candidates=QUICK if quick else FULL,
            untreated=lesson.untreated,
            progress=progress,
        )
    except ContractRefused as refused:
        raise NothingToLearn(why_nothing(refused, lesson.frame, lesson.contract.target)) from refused


def _install(
    database: Database, data_dir: Path, trained: Trained, lesson: _Lesson, *, now: datetime, seed: int
) -> _Installed:
    """Store the model, and promote it where it is the first, or better than the champion beyond chance."""
    model, facts = trained.model, trained.model.facts
    folder = data_dir.resolve() / "models" / f"{now:%Y%m%dT%H%M%S}-{seed}"
    reference = save(model, folder)
    keep_evaluation_rows(trained, folder)
    compared = _against_champion(database, model, lesson.frame, lesson.untreated, seed)
    role: Role = "champion" if compared is None else "challenger"
    metrics = {name: fact for name, fact in facts.items() if name != "baseline"}  # the file keeps that
    if compared is not None:
        metrics["comparison"] = asdict(compared)
    number = save_model(database, reference, metrics, kind=str(facts["model"]), now=now, role=role)
    why = "it is the first" if compared is None else compared.why
    by_lot = no_better_than_chance(facts)
    if by_lot is not None:
        why += f"; but {by_lot}" if compared is None else f"; and {by_lot}"
    if compared is not None and compared.promote and by_lot is None:
        role = "champion"
        gain = {"gain": compared.gain, "error": compared.error}
        promote_model(database, number, now, "training", why, gain)
    in_use = model if role == "champion" else _in_use(database)
    return _Installed(number=number, folder=folder, role=role, why=why, in_use=in_use or model)


def _report(
    facts: Mapping[str, Any], lesson: _Lesson, installed: _Installed, learned: UpliftReport, ranked: str
) -> TrainReport:
    contract, untreated = lesson.contract, lesson.untreated
    return TrainReport(
        model=installed.number,
        kind=str(facts["model"]),
        label=contract.target,
        positive=contract.positive,
        rows=int(facts["rows"]),
        positives=int(facts["positives"]),
        rows_dropped=int(facts["rows_dropped"]),
        judged=str(facts["judged"]),
        figures=dict(facts["figures"]),
        refused=tuple((column.name, column.rule, column.why) for column in contract.refusals),
        folder=str(installed.folder),
        role=installed.role,
        why=installed.why,
        called=in_words(untreated.as_dict()) if untreated and untreated.called else "",
        uplift=learned.as_dict(),
        ranking=ranked,
    )


def _in_use(database: Database) -> RiskModel | None:
    """The champion, or None where its files cannot be used."""
    card = champion(database)
    try:
        return load(card.folder) if card is not None else None
    except ArtefactRefused:
        return None  # a model that scores nobody needs no model of effect beside it; scoring says why


def _against_champion(
    database: Database, model: RiskModel, frame: pl.DataFrame, untreated: IpwWeights | None, seed: int
) -> Comparison | None:
    """How the model does against the champion; None where there is no champion."""
    incumbent = champion(database)
    if incumbent is None:
        return None
    with database.read() as tx:
        known = learning.known_after(tx, incumbent.created_at)
    weight = untreated.weight if untreated else None
    return compare(model, incumbent.folder, frame, known, id_column=ID, seed=seed, weight=weight)
