"""Reasons in words: a reason is a column and its value, and is put into words where somebody reads it.

A phrase never says "because": a model finds what goes with leaving, not what makes people leave. Columns
that no phrase knows are said by their own name and value, in every language.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from churnmodel.reasons.languages import Words, words_of

Value = float | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason of one customer, in no language."""

    column: str
    value: Value  # None: not known
    stays: bool = False  # it speaks for staying
    label: str = ""  # the words for the column that the owner of the data gives, if any

    def as_dict(self) -> dict[str, Any]:
        """Give plain values for storing; what is usual is left out."""
        plain: dict[str, Any] = {"column": self.column, "value": self.value}
        if self.stays:
            plain["stays"] = True
        if self.label:
            plain["label"] = self.label
        return plain

    @staticmethod
    def from_dict(plain: Mapping[str, Any]) -> "Reason":
        """Read back what `as_dict` gave."""
        return Reason(
            column=str(plain["column"]),
            value=plain["value"],
            stays=bool(plain.get("stays", False)),
            label=str(plain.get("label", "")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """How columns whose name matches are spoken of; `actionable` if an agent can do something about it."""

    name: re.Pattern[str]  # group `n`, `unit`: the period that the name states
    key: str  # of the language tables
    form: Callable[[float], str]  # the key's form for a number; "" says it plainly
    group: str
    actionable: bool


def _count(number: float) -> str:
    return "none" if number == 0 else "one" if number == 1 else "many"


def _days_left(number: float) -> str:
    return "past" if number < 0 else _count(number)


def _months(number: float) -> str:
    return "none" if number < 1 else _count(number)


def _trend(number: float) -> str:
    return "none" if number == 0 else "down" if number < 0 else "up"


def _always(_number: float) -> str:
    return "many"


def _plainly(_number: float) -> str:
    return ""


def _name(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _events(name: str, key: str, group: str) -> Phrase:
    """A count, with the period that its name may state: `complaints_60d`, `late_payments_12m`."""
    pattern = _name(rf"^{name}(?:_(?P<n>\d{{1,3}})(?P<unit>[dm]))?$")
    return Phrase(name=pattern, key=key, form=_count, group=group, actionable=True)


PHRASES: Final = (
    Phrase(
        name=_name(r"^(days_to_contract_end|contract_end_days|contract_days_left)$"),
        key="contract_end",
        form=_days_left,
        group="contract",
        actionable=True,
    ),
    Phrase(
        name=_name(r"^contract(_type)?$"), key="contract", form=_plainly, group="contract", actionable=True
    ),
    _events("complaints?", "complaints", "complaints"),
    _events("outages?", "outages", "service"),
    _events("support_calls?", "support_calls", "service"),
    _events("late_payments?", "late_payments", "payment"),
    Phrase(
        name=_name(r"^(tenure(_months)?|months_with_us)$"),
        key="tenure",
        form=_months,
        group="tenure",
        actionable=False,
    ),
    Phrase(
        name=_name(r"^monthly_?(charges?|fee)$"), key="charge", form=_always, group="price", actionable=True
    ),
    Phrase(
        name=_name(r"^usage_(trend|change)(_pct)?$"), key="usage", form=_trend, group="usage", actionable=True
    ),
)

IN_FIGURES: Final = frozenset({"contract_end", "tenure", "charge", "usage"})
"""Keys whose small numbers are written in figures too: they are measures, not counts."""

WHOLE: Final = frozenset({"contract_end", "tenure", "usage"})
"""Keys whose numbers are said to the whole day, month or percent."""

FROM, TO = 2, 10  # counts that have a word
DATE: Final = re.compile(r"^(\d{4})[-/](\d\d)[-/](\d\d)")
CENTS: Final = 2


def phrase_of(column: str) -> Phrase | None:
    """The phrase for a column's name, if one knows it."""
    return next((phrase for phrase in PHRASES if phrase.name.search(column)), None)


def in_words(stored: Iterable[Mapping[str, Any]], language: str) -> tuple[str, ...]:
    """Put stored reasons (`Reason.as_dict`) into words."""
    return tuple(say(Reason.from_dict(plain), language) for plain in stored)


@lru_cache(maxsize=20_000)
def say(reason: Reason, language: str = "en") -> str:
    """Put a reason into words: plain, short, in the language asked for, or in English."""
    words = words_of(language)
    phrase = None if reason.label else phrase_of(reason.column)
    label = reason.label or (_label(words, phrase, reason.column) if phrase else plain_label(reason.column))
    said = _said(words, phrase, reason, label)
    return words.phrases["staying"].format(reason=said) if reason.stays else said


def _said(words: Words, phrase: Phrase | None, reason: Reason, label: str) -> str:
    if reason.value is None:
        return words.phrases["missing"].format(label=label)
    number = _number(reason.value)
    if phrase is None or number is None:
        return words.phrases["plain"].format(label=label, n=_written(words, reason.value))
    if phrase.key in WHOLE:
        number = float(round(number))
    form = phrase.form(number)
    if not form:
        return words.phrases["plain"].format(label=label, n=_written(words, reason.value))
    said = words.phrases[f"{phrase.key}.{form}"].format(n=_amount(words, phrase.key, number))
    return _within(words, phrase, reason.column, said)


def _label(words: Words, phrase: Phrase, column: str) -> str:
    return _within(words, phrase, column, words.phrases[phrase.key])


def _within(words: Words, phrase: Phrase, column: str, said: str) -> str:
    """The same with the period that the column's name states."""
    found = phrase.name.search(column)
    period = found.groupdict() if found else {}
    if not period.get("n"):
        return said
    count = int(period["n"])
    key = f"in.{period['unit'].lower()}"
    return words.phrases[f"{key}.one" if count == 1 else key].format(reason=said, n=count)


def _number(value: Value) -> float | None:
    try:
        return float(value) if value is not None else None
    except ValueError:
        return None


def _amount(words: Words, key: str, number: float) -> str:
    if key == "charge":
        return write_number(words, number, decimals=CENTS)
    if key == "usage":
        return write_number(words, abs(number))
    if key not in IN_FIGURES and number == round(number) and FROM <= number <= TO:
        return words.numbers[int(number) - FROM]
    return write_number(words, number)


def write_number(words: Words, number: float, *, decimals: int = 0) -> str:
    """Write a number: whole ones without parts, others with up to two digits, or with exactly `decimals`."""
    if number == round(number):
        return str(int(number))
    text = f"{number:.{decimals or CENTS}f}"
    return (text if decimals else text.rstrip("0").rstrip(".")).replace(".", words.decimal)


def _written(words: Words, value: Value) -> str:
    """A value as it is read in the language: numbers and dates in its way, texts as they are."""
    if isinstance(value, int | float):
        return write_number(words, value)
    text = str(value)
    found = DATE.match(text)
    if found is None:
        return text
    year, month, day = (int(part) for part in found.groups())
    if not 1 <= month <= 12:  # noqa: PLR2004 - months of a year
        return text
    gaps = {"y": year, "m": month, "d": day, "mm": f"{month:02}", "dd": f"{day:02}"}
    name = words.months[month - 1] if words.months else ""
    return words.date.format(month=name, **gaps) + text[found.end() :].replace("T", " ")


def plain_label(name: str) -> str:
    """Turn a column name into words: `PaymentMethod` and `payment_method` both read "payment method"."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    words = re.sub(r"[_.\-\s]+", " ", spaced).strip().split(" ")
    return " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in words)
