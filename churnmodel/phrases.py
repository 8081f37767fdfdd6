"""The phrase book: how a column and its value read in plain words, by language.

A phrase never says "because": a model finds what goes with leaving, not what makes people leave. A language
is one entry in `BOOKS`; what it lacks is said in the generic words of the same language.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

Say = Callable[[pl.Expr], pl.Expr]
"""Turns a column of values (never missing) into a column of text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """How columns whose name matches read; `actionable` if an agent can do something about it."""

    name: re.Pattern[str]
    say: Say
    group: str
    actionable: bool
    label: str = ""  # for missing values


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Everything one language needs."""

    phrases: tuple[Phrase, ...]
    generic: Callable[[str], Say]  # "label: value"
    missing: Callable[[str], str]
    staying: str  # put before what speaks for staying


SMALL_NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def number_text(value: pl.Expr) -> pl.Expr:
    """Whole numbers without a point, others with up to two digits after it."""
    number = value.cast(pl.Float64, strict=False)
    rounded = number.round(2)
    whole = pl.when(rounded == rounded.round(0)).then(rounded.cast(pl.Int64, strict=False).cast(pl.String))
    return whole.otherwise(rounded.cast(pl.String)).fill_null(value.cast(pl.String))


def _counted(one: str, many: str, tail: str) -> Say:
    def say(value: pl.Expr) -> pl.Expr:
        number = value.cast(pl.Float64, strict=False).round(0).cast(pl.Int64, strict=False)
        word = number.replace_strict(
            dict(enumerate(SMALL_NUMBERS)), default=number.cast(pl.String), return_dtype=pl.String
        )
        noun = pl.when(number == 1).then(pl.lit(one)).otherwise(pl.lit(many))
        return pl.concat_str(word, pl.lit(" "), noun, pl.lit(tail))

    return say


def _contract_end(value: pl.Expr) -> pl.Expr:
    days = value.cast(pl.Float64, strict=False).round(0).cast(pl.Int64, strict=False)
    return (
        pl.when(days < 0)
        .then(pl.lit("contract has ended"))
        .when(days == 0)
        .then(pl.lit("contract ends today"))
        .when(days == 1)
        .then(pl.lit("contract ends in 1 day"))
        .otherwise(pl.concat_str(pl.lit("contract ends in "), days.cast(pl.String), pl.lit(" days")))
    )


def _months_with_us(value: pl.Expr) -> pl.Expr:
    months = value.cast(pl.Float64, strict=False).round(0).cast(pl.Int64, strict=False)
    return (
        pl.when(months < 1)
        .then(pl.lit("customer for less than a month"))
        .when(months == 1)
        .then(pl.lit("customer for 1 month"))
        .otherwise(pl.concat_str(pl.lit("customer for "), months.cast(pl.String), pl.lit(" months")))
    )


def _trend(value: pl.Expr) -> pl.Expr:
    number = value.cast(pl.Float64, strict=False).round(0).cast(pl.Int64, strict=False)
    return (
        pl.when(number == 0)
        .then(pl.lit("usage steady"))
        .when(number < 0)
        .then(pl.concat_str(pl.lit("usage down "), (-number).cast(pl.String), pl.lit(" %")))
        .otherwise(pl.concat_str(pl.lit("usage up "), number.cast(pl.String), pl.lit(" %")))
    )


def _a_month(value: pl.Expr) -> pl.Expr:
    return pl.concat_str(pl.lit("pays "), number_text(value), pl.lit(" a month"))


def _english(label: str) -> Say:
    return lambda value: pl.concat_str(pl.lit(f"{label}: "), number_text(value))


def _name(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _events(name: str, one: str, many: str, group: str, *, actionable: bool) -> tuple[Phrase, ...]:
    """Phrases of a count column, with the period its name states (`complaints_60d`, `late_payments_12m`)."""
    spans = (("d", "day", "days"), ("m", "month", "months"), ("", "", ""))
    made = []
    for letter, _, plural in spans:
        if not letter:
            made.append((rf"^{name}$", ""))
            continue
        made += [
            (rf"^{name}_{number}{letter}$", f" in {number} {plural}")
            for number in (3, 6, 7, 12, 14, 30, 60, 90, 180)
        ]
    return tuple(
        Phrase(
            name=_name(pattern),
            say=_counted(one, many, tail),
            group=group,
            actionable=actionable,
            label=many + tail,
        )
        for pattern, tail in made
    )


ENGLISH: Final = Book(
    phrases=(
        Phrase(
            name=_name(r"^(days_to_contract_end|contract_end_days|contract_days_left)$"),
            say=_contract_end,
            group="contract",
            actionable=True,
            label="contract end",
        ),
        Phrase(
            name=_name(r"^contract(_type)?$"),
            say=_english("contract"),
            group="contract",
            actionable=True,
            label="contract",
        ),
        *_events("complaints?", "complaint", "complaints", "complaints", actionable=True),
        *_events("outages?", "outage", "outages", "service", actionable=True),
        *_events("support_calls?", "support call", "support calls", "service", actionable=True),
        *_events("late_payments?", "late payment", "late payments", "payment", actionable=True),
        Phrase(
            name=_name(r"^(tenure(_months)?|months_with_us)$"),
            say=_months_with_us,
            group="tenure",
            actionable=False,
            label="time with us",
        ),
        Phrase(
            name=_name(r"^monthly_?(charges?|fee)$"),
            say=_a_month,
            group="price",
            actionable=True,
            label="monthly charge",
        ),
        Phrase(
            name=_name(r"^usage_(trend|change)(_pct)?$"),
            say=_trend,
            group="usage",
            actionable=True,
            label="usage trend",
        ),
    ),
    generic=_english,
    missing=lambda label: f"{label} not known",
    staying="in favour of staying: ",
)

BOOKS: Final[Mapping[str, Book]] = {"en": ENGLISH}


def book_of(language: str) -> Book:
    """Give the phrase book of a language code; English where there is none."""
    return BOOKS.get(language, ENGLISH)


def plain_label(name: str) -> str:
    """Turn a column name into words: `PaymentMethod` and `payment_method` both read "payment method"."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    words = re.sub(r"[_.\-\s]+", " ", spaced).strip().split(" ")
    return " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in words)
