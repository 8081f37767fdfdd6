"""Columns of numbers read at once: what is plainly written by its country's plan, the rest cell by cell.

A plan is a handful of patterns, and a pattern over a whole column costs a hundredth of a look at each cell.
Only the country's own numbers are told so, and only those of a kind that is rung; a test holds every one of
them to be what `read_phone_cell` says.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import polars as pl
from phonenumbers.phonenumberutil import is_number_type_geographical

from callbacks.refusals import Rule
from dialer.core.importing.phone_cells import CellFault, read_phone_cell
from telephony.number_plans import NumberPlan, plan_of, plans_for
from telephony.numbers import CARRIED_ALONG, FICTION, KINDS, RUNG, NumberFault, NumberKind, longest_area

FEWEST_AT_ONCE: Final = 50  # different cells; fewer are read one by one as fast
PLAIN: Final = r"^\+?[0-9 ()]+$"  # one number and nothing else, as in `phone_cells`
PARTING: Final = "[ ()]"
FICTION_STARTS: Final = [block.prefix for block in FICTION]
FICTION_START: Final = len(FICTION_STARTS[0])
FICTION_DIGITS: Final = FICTION_START + 3  # a block has a thousand numbers
NEVER: Final = "[^\\s\\S]"


@dataclass(slots=True)
class PhoneCells:
    """What the different cells of a column say."""

    numbers: dict[str, tuple[str, ...]] = field(default_factory=dict)  # by cell; E.164 with the plus
    faults: dict[str, CellFault | NumberFault | Rule] = field(default_factory=dict)  # by cell
    #: by number: another one of the same country and the same zones
    neighbours: dict[str, str] = field(default_factory=dict)


def read_phone_column(cells: pl.Series, region: str) -> PhoneCells:
    """What each different cell says; those that say nothing are in neither table."""
    read = PhoneCells()
    texts = cells.unique()
    plan = plan_of(region)
    if plan is not None and len(texts) >= FEWEST_AT_ONCE and _stands_first(plan):
        plain = _plain_numbers(texts, plan)
        numbers = plain["e164"].to_list()
        read.numbers.update(zip(plain["text"].to_list(), zip(numbers, strict=True), strict=True))
        read.neighbours.update(zip(numbers, plain["neighbour"].to_list(), strict=True))
        texts = texts.filter(~texts.is_in(plain["text"].implode()))
    for text in texts.to_list():
        cell = read_phone_cell(text, region)
        if cell.numbers:
            read.numbers[text] = cell.numbers
        if cell.fault is not None:
            read.faults[text] = cell.fault
    return read


def _stands_first(plan: NumberPlan) -> bool:
    """Whether a number under the country's code is looked for in its plan first, and by patterns alone."""
    return not plan.rewrites and plan.abroad is not None and plans_for(plan.code)[1][0] is plan


def _plain_numbers(texts: pl.Series, plan: NumberPlan) -> pl.DataFrame:
    """Of the texts that are plainly a number of the plan: `text`, `e164` and `neighbour`."""
    bare = pl.col("bare")
    after_code = bare.str.slice(1 + len(plan.code))
    at_home = ~bare.str.starts_with(plan.code)
    if plan.abroad is not None:
        at_home &= ~bare.str.contains(f"^(?:{plan.abroad.pattern})")
    prefix = f"^(?:{plan.prefix or NEVER})"
    with_code = bare.str.starts_with(f"+{plan.code}") & ~after_code.str.contains(prefix)
    found = (
        texts.to_frame("text")
        .filter(pl.col("text").str.contains(PLAIN))
        .with_columns(bare=pl.col("text").str.replace_all(PARTING, ""))
        .select(
            "text",
            national=pl.when(with_code).then(after_code).when(at_home).then(bare.str.replace(prefix, "")),
        )
        .drop_nulls()
        .with_columns(length=pl.col("national").str.len_bytes())
    )
    parts = [
        _of_length(part, plan, length)
        for (length,), part in found.partition_by("length", as_dict=True).items()
        if length in plan.shapes
    ]
    if not parts:
        return pl.DataFrame(schema={"text": pl.String, "e164": pl.String, "neighbour": pl.String})
    e164 = pl.concat_str(pl.lit(f"+{plan.code}"), "national")
    told = pl.concat(parts).select("text", "has_area", e164=e164)
    return told.select("text", "e164", neighbour=pl.col("e164").first().over(_place(plan)))


def _of_length(part: pl.DataFrame, plan: NumberPlan, length: int) -> pl.DataFrame:
    """The numbers of one length whose kind is rung, and whether each has an area that tells its zone."""
    national = pl.col("national")
    kinds = [(pattern, KINDS.get(kind, NumberKind.UNKNOWN), kind) for pattern, kind in plan.shapes[length]]
    silent = _whole(pattern for pattern, kind, _ in kinds if not RUNG[kind])
    mask = national.str.contains(_whole([plan.general])) & ~national.str.contains(silent)
    if plan.leading is not None:  # others have numbers under its code
        mask &= national.str.contains(f"^(?:{plan.leading})")
    rung = [(pattern, kind, word) for pattern, kind, word in kinds if RUNG[kind]]  # as phonenumbers asks
    has_area = pl.coalesce(
        pl.when(national.str.contains(_whole([pattern]))).then(
            pl.lit(is_number_type_geographical(word, int(plan.code)))
        )
        for pattern, _, word in rung
    )
    return (
        part.filter(mask).with_columns(has_area=has_area if rung else pl.lit(None, pl.Boolean)).drop_nulls()
    )


def _place(plan: NumberPlan) -> pl.Expr:
    """What tells a number's zones: a block of fiction, an area, or the country alone."""
    if plan.region in CARRIED_ALONG:
        return pl.lit(plan.code)
    digits = pl.col("e164").str.slice(1)
    start = digits.str.head(FICTION_START)
    is_fiction = start.is_in(FICTION_STARTS) & (digits.str.len_bytes() == FICTION_DIGITS)
    area = pl.when("has_area").then(digits.str.head(longest_area(plan.code))).otherwise(pl.lit(plan.code))
    return pl.when(is_fiction).then(start).otherwise(area)


def _whole(patterns: Iterable[str]) -> str:
    """A pattern of texts that one of these fits from end to end; of none, where there are none."""
    either = "|".join(patterns) or NEVER
    return f"^(?:{either})$".replace("\\d", "[0-9]")
