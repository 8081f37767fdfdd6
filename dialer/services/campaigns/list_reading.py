"""A list's conditions from the lines that people write, on columns that there are."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from dialer.core.calling.list_condition import (
    SIGNS_OF,
    VALUES_OF,
    ConditionSign,
    KnownFact,
    ListCondition,
    read_condition,
)
from dialer.core.sentence import Sentence
from dialer.db.queries import customers, list_conditions
from dialer.db.session import Database

VALUES_SHOWN: Final = 6  # of each column; the rest is read in the file
FILES_SHOWN: Final = 10


class UnreadableCondition(ValueError):
    """A line that is no condition; the message says what was expected."""


class UnknownColumn(ValueError):
    """A column that no customer has; the message names those there are."""

    def __init__(self, why: Sentence) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSeen:
    """A column of the customers' own, how many of the sampled have it, and what stands in it most often."""

    name: str
    known: int
    values: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FactOffered:
    """Something that Winback knows of customers, how it may be asked for, and what it may be."""

    name: KnownFact
    signs: tuple[ConditionSign, ...]
    values: tuple[str, ...]


def read_conditions(database: Database, lines: Sequence[str]) -> tuple[ListCondition, ...]:
    """Conditions on columns that there are, whatever the case of their letters.

    Raises `UnreadableCondition` or `UnknownColumn`.
    """
    if not lines:
        return ()
    with database.read() as tx:
        names = sorted(list_conditions.column_names(tx))
    by_letters = {name.casefold(): name for name in names}
    found = []
    for line in lines:
        try:
            condition = read_condition(line)
        except ValueError as fault:
            raise UnreadableCondition(f"{str(fault)[:1].upper()}{str(fault)[1:]}.") from None
        asked = condition.column
        name = asked if condition.fact is not None or asked in names else by_letters.get(asked.casefold())
        if name is None:
            there = (
                Sentence("There are: %(names)s.", names=", ".join(names))
                if names
                else Sentence("No customer has any column of their own yet.")
            )
            nobody = Sentence("No customer has a column %(column)s.", column=repr(asked))
            raise UnknownColumn(Sentence.joined([nobody, there]))
        found.append(replace(condition, column=name))
    return tuple(found)


def known_columns(database: Database) -> tuple[ColumnSeen, ...]:
    """The columns of the newest customers, each with its most frequent values."""
    with database.read() as tx:
        sampled = list_conditions.sampled_attributes(tx)
    counted: dict[str, Counter[str]] = {}
    for attributes in sampled:
        for name, value in attributes.items():
            if value is not None:
                counted.setdefault(name, Counter())[str(value)] += 1
    return tuple(
        ColumnSeen(name=name, known=values.total(), values=tuple(values.most_common(VALUES_SHOWN)))
        for name, values in sorted(counted.items())
    )


def known_facts(database: Database) -> tuple[FactOffered, ...]:
    """What may be asked for besides columns; of files the newest by name."""
    with database.read() as tx:
        files = tuple(dict.fromkeys(batch.file_name for batch in customers.batches(tx, FILES_SHOWN)))
    values = {**VALUES_OF, KnownFact.IMPORT: files}
    return tuple(
        FactOffered(
            name=fact,
            signs=tuple(sign for sign in ConditionSign if sign in SIGNS_OF[fact]),
            values=values.get(fact, ()),
        )
        for fact in KnownFact
    )
