"""The contract for data: what each column is, what it is for, and which ones are refused and why.

Inferred from a frame, shown as a table, overridable by a small TOML file. A refusal is a value with a rule:

* `leak.after-call`     known only once the call is over (talk time, disposition)
* `leak.near-perfect`   predicts the outcome almost alone, so it is most likely the outcome in disguise
* `leak.treatment`      copies the assignment of a randomised trial
* `leak.date-proxy`     tells the date rather than the customer (dated data only)
* `shape.all-missing`, `shape.constant`, `shape.identifier`   holds nothing to learn from
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

import numpy as np
import polars as pl

from churnmodel.array_types import Floats
from churnmodel.data import leakage_checks
from churnmodel.data.column_types import (
    TWO,
    Kind,
    fold,
    guess_kind,
    is_plain,
    outcome_text,
    present_text,
    read_numbers,
    same_words,
)
from churnmodel.data.date_differences import column_of, spans
from churnmodel.data.words import HEADINGS, folded, reads_as_yes


class Role(StrEnum):
    """What a column is used for."""

    FEATURE = "feature"
    TARGET = "target"
    ID = "id"
    TIME = "time"
    HOUSEHOLD = "household"
    AUDIT = "audit"
    DROPPED = "dropped"
    REFUSED = "refused"


class ContractRefused(ValueError):
    """The frame cannot be learned from; `rule` says which rule it breaks."""

    def __init__(self, rule: str, why: str) -> None:
        super().__init__(f"{why} [{rule}]")
        self.rule = rule
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its kind, its role, and where it is refused the rule and the reason."""

    name: str
    kind: Kind
    role: Role
    rule: str = ""
    why: str = ""
    missing: float = 0.0  # share of rows, 0 to 1
    distinct: int = 0
    label: str = ""  # plain words for reasons, where the owner of the data gives them
    group: str = ""  # columns of one group make one reason
    actionable: bool | None = None  # can an agent do something about it? None: ask the phrases
    of: tuple[str, ...] = ()  # two date columns, later and earlier, whose difference in days this is


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What a frame promises: the outcome, the features, and what must not be used."""

    target: str
    positive: str
    columns: tuple[Column, ...]
    in_time: bool = False  # rows stand in order of time

    @property
    def features(self) -> tuple[Column, ...]:
        """The columns a model may learn from."""
        return tuple(column for column in self.columns if column.role is Role.FEATURE)

    @property
    def refusals(self) -> tuple[Column, ...]:
        """The columns that were turned away, each with its rule."""
        return tuple(column for column in self.columns if column.role is Role.REFUSED)

    def named(self, role: Role) -> tuple[str, ...]:
        """Give the names of the columns with this role."""
        return tuple(column.name for column in self.columns if column.role is role)

    def without(self, names: Iterable[str], rule: str, why: str = "") -> "Contract":
        """Give the contract with these columns refused by a rule that needs more than the frame to judge."""
        refused = frozenset(names)
        return replace(
            self,
            columns=tuple(
                replace(column, role=Role.REFUSED, rule=rule, why=why) if column.name in refused else column
                for column in self.columns
            ),
        )

    def table(self) -> pl.DataFrame:
        """Show the contract: one row a column."""
        keys = ("name", "kind", "role", "rule", "why", "missing", "distinct")
        return pl.DataFrame([{key: getattr(column, key) for key in keys} for column in self.columns])

    def labels(self, frame: pl.DataFrame) -> Floats:
        """Read the outcome as 0/1; rows without an outcome are NaN."""
        return _read_labels(frame.get_column(self.target), self.positive)

    def as_dict(self) -> dict[str, Any]:
        """Give the contract as plain values for a manifest."""
        keys = Column.__slots__
        return {
            "target": self.target,
            "positive": self.positive,
            "in_time": self.in_time,
            "columns": [
                {key: getattr(column, key) for key in keys} | {"of": list(column.of)}
                for column in self.columns
            ],
        }

    @staticmethod
    def from_dict(plain: Mapping[str, Any]) -> "Contract":
        """Read back what `as_dict` gave."""
        columns = tuple(
            Column(
                **{
                    **column,
                    "kind": Kind(column["kind"]),
                    "role": Role(column["role"]),
                    "of": tuple(column.get("of", ())),
                }
            )
            for column in plain["columns"]
        )
        return Contract(
            target=plain["target"], positive=plain["positive"], in_time=plain["in_time"], columns=columns
        )


ID_NAME: Final = re.compile(
    r"(^|[_ .-])(id|uuid|guid|msisdn|iban|e-?mail|phone(_?number)?)$|^(customer|client|account|user)_?id",
    re.IGNORECASE,
)
"""Column names that hold an identifier or an address, never a property of the customer."""

PERSON_NAME: Final = re.compile(
    r"^(customer|client|account|first|last|family|given|full)?[_ .-]?(sur)?name$|(^|[_ .-])(street|address)$",
    re.IGNORECASE,
)
"""Columns that name a person or a place to find one: no property to learn, and personal data."""

AFTER_CALL_NAME: Final = re.compile(
    r"^(last[_ .-]?|this[_ .-]?|talk[_ .-]?|call[_ .-]?)*duration([_ .-]?(s|sec|secs|seconds|min|minutes))?$"
    r"|(^|[_ .-])(talk_?time|talk_?sec(ond)?s|disposition|hang_?up(_?cause)?|wrap_?up|billsec"
    r"|call_?result|call_?outcome|call_?end)([_ .-]|$)",
    re.IGNORECASE,
)
"""Facts that exist only after the very call a list is made for (`duration` lifts a bank's AUC .80 to .95)."""

IDENTIFIER_SHARE: Final = 0.5
"""A text column with more distinct values than this share of its rows names customers."""

IDENTIFIER_ROWS: Final = 100
"""Below this many rows, many distinct values prove nothing."""


def _read_labels(column: pl.Series, positive: str) -> Floats:
    """Read an outcome as 0/1, NaN where it is not known; case and number style make no difference."""
    text = outcome_text(column)
    found = text.is_in(same_words(text, positive))
    return (
        found.zip_with(text.is_not_null(), pl.Series([None], dtype=pl.Boolean))
        .cast(pl.Float64)
        .to_numpy()
        .astype(np.float64)
    )


def guess_target(frame: pl.DataFrame) -> str:
    """Find the outcome column by its name; raises `ContractRefused` if none has a known name."""
    by_word = {folded(name): name for name in frame.columns}
    for name in HEADINGS["label"]:
        if name in by_word:
            return by_word[name]
    raise ContractRefused("target.unknown", "no column is named like an outcome; name it with target=…")


def guess_positive(column: pl.Series) -> str:
    """Say which of the two outcomes is the one to predict; raises `ContractRefused` unless there are two."""
    counts = outcome_text(column).drop_nulls().value_counts().sort("count", column.name)
    words: dict[str, str] = {}
    for word in counts.get_column(column.name).to_list():
        words.setdefault(fold(str(word)), str(word))
    if len(words) != TWO:
        raise ContractRefused(
            "target.not-two",
            f"{column.name!r} has {len(words)} values; "
            "an outcome has two, or `positive` names the one to predict",
        )
    for word in words.values():
        if reads_as_yes(word):
            return word
    return next(iter(words.values()))


def match_positive(column: pl.Series, positive: str) -> str:
    """Find the outcome's value that is meant: `True`, `true`, `1` and `1.0` are one answer in many files.

    Raises `ContractRefused` (`target.positive-absent`) if no row has it.
    """
    text = outcome_text(column)
    found = same_words(text, positive)
    if not found:
        seen = sorted(str(word) for word in text.drop_nulls().unique().head(SHOWN_WORDS).to_list())
        raise ContractRefused(
            "target.positive-absent",
            f"no row of {column.name!r} has the value {positive!r}; it has {', '.join(seen) or 'no value'}",
        )
    return positive if positive in found else found[0]


SHOWN_WORDS: Final = 10
"""Values of a column that a message names."""


def infer_contract(
    frame: pl.DataFrame,
    *,
    target: str | None = None,
    positive: str | None = None,
    id: Iterable[str] = (),  # noqa: A002 - the word that people use for it
    drop: Iterable[str] = (),
    time: str | None = None,
    household: str | None = None,
    audit: Iterable[str] = (),
    in_time: bool = False,
    columns: Mapping[str, Mapping[str, Any]] | None = None,
) -> Contract:
    """Infer kinds and roles, and refuse what would leak.

    Args:
        frame: the customer file, one row a customer and moment.
        target: outcome column; guessed by name if None.
        positive: its value that counts as 1, as text; guessed if None.
        id: identifier columns.
        drop: columns left out on purpose.
        time: the `as_of` column; rows are put in order of it.
        household: customers of one household must not be split apart.
        audit: sensitive columns kept for fairness figures, never a feature.
        in_time: the rows already stand in time order.
        columns: settings by column from whoever owns the data; `role` there beats every rule here.

    Raises:
        ContractRefused: no outcome, or not two values of it, or no feature is left.
    """
    target = target or guess_target(frame)
    if target not in frame.columns:
        raise ContractRefused("target.unknown", f"there is no column {target!r}")
    outcome = frame.get_column(target)
    positive = guess_positive(outcome) if positive is None else match_positive(outcome, positive)
    given: dict[str, Role] = {target: Role.TARGET}
    given |= dict.fromkeys(audit, Role.AUDIT) | dict.fromkeys(drop, Role.DROPPED) | dict.fromkeys(id, Role.ID)
    given |= {time: Role.TIME} if time else {}
    given |= {household: Role.HOUSEHOLD} if household else {}
    settings = columns or {}
    known = outcome_text(outcome).is_not_null()
    frame = frame.filter(known)
    labels = _read_labels(frame.get_column(target), positive)
    if not 0 < labels.sum() < len(labels):
        raise ContractRefused("target.one-class", f"{target!r} is never or always {positive!r}")
    dated = in_time or time is not None
    described = []
    for name in frame.columns:
        setting = settings.get(name, {})
        role = Role(setting["role"]) if "role" in setting else given.get(name)
        described.append(_describe(frame.get_column(name), labels, role=role, dated=dated, setting=setting))
    described += _spans_between(frame, described, labels, dated=dated)
    contract = Contract(target=target, positive=positive, columns=tuple(described), in_time=dated)
    if not contract.features:
        raise ContractRefused("features.none", "no column is left to learn from")
    return contract


def _spans_between(
    frame: pl.DataFrame, described: Iterable[Column], labels: Floats, *, dated: bool
) -> list[Column]:
    """Describe the days between each two dates that may be learned from (or stand for the day of the row)."""
    dates = {
        column.name: frame.get_column(column.name)
        for column in described
        if column.kind is Kind.DATE and column.role in (Role.FEATURE, Role.TIME)
    }
    found = []
    for name, of in spans(dates).items():
        days = column_of(frame, name, of)
        if days is not None and name not in frame.columns:
            label = f"days from {of[1]} to {of[0]}"
            column = _describe(days, labels, role=None, dated=dated, setting={"label": label})
            found.append(replace(column, of=of))
    return found


def _describe(
    column: pl.Series, labels: Floats, *, role: Role | None, dated: bool, setting: Mapping[str, Any]
) -> Column:
    present = present_text(column)
    found = Column(
        name=column.name,
        kind=Kind(setting["kind"]) if "kind" in setting else guess_kind(column),
        role=role or Role.FEATURE,
        missing=round(present.null_count() / max(1, len(column)), 6),
        distinct=present.drop_nulls().n_unique(),
        label=str(setting.get("label", "")),
        group=str(setting.get("group", "")),
        actionable=setting.get("actionable"),
    )
    if role is not None:
        return found
    rule, why = _refusal(column, found, labels, dated=dated)
    if not rule:
        return found
    role = Role.ID if rule == "shape.identifier" and ID_NAME.search(column.name) else Role.REFUSED
    return replace(found, role=role, rule=rule, why=why)


def _refusal(column: pl.Series, found: Column, labels: Floats, *, dated: bool) -> tuple[str, str]:
    rows = len(column)
    if found.distinct == 0:
        nested = "" if is_plain(column.dtype) else ": lists, records and bytes are not read"
        return "shape.all-missing", f"every value is missing{nested}"
    if found.distinct == 1 and found.missing == 0:
        return "shape.constant", "every row has the same value"
    if AFTER_CALL_NAME.search(found.name):
        return "leak.after-call", "known only after the call that the list is made for"
    if PERSON_NAME.search(found.name):
        return "shape.identifier", "names the customer rather than describing one"
    if rows >= IDENTIFIER_ROWS and _identifies(column, found):
        return "shape.identifier", "names the customer rather than describing one"
    alone = leakage_checks.single_auc(column, found.kind, labels)
    if alone > leakage_checks.NEAR_PERFECT_AUC:
        return (
            "leak.near-perfect",
            f"predicts the outcome alone (ROC-AUC {alone:.3f}): most likely the outcome itself",
        )
    if dated:
        told = leakage_checks.told_of_time(column, found.kind)
        if told > leakage_checks.DATE_PROXY_R2:
            return "leak.date-proxy", f"tells the date, not the customer (R² {told:.3f} on the order of rows)"
    return "", ""


def _identifies(column: pl.Series, found: Column) -> bool:
    """Whether a column tells customers apart by its spelling, by its name, or by counting them."""
    if found.distinct > IDENTIFIER_SHARE * len(column) and (
        found.kind is Kind.CATEGORY or ID_NAME.search(found.name)
    ):
        return True
    return _counts_rows(column, found)


def _counts_rows(column: pl.Series, found: Column) -> bool:
    """Whether a column only counts the rows: whole numbers without a gap, or rising from row to row."""
    if found.kind is not Kind.NUMBER or found.distinct < len(column):
        return False
    values = read_numbers(column, Kind.NUMBER).drop_nulls().to_numpy()
    if len(values) < len(column) or (values != np.round(values)).any():
        return False
    return bool(np.ptp(values) == len(values) - 1 or (np.diff(values) > 0).all())
