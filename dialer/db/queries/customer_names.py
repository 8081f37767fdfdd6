"""Customers found by their name, at a cost that neither a very common name nor a very rare one raises.

Whose name begins with what was typed stands first: an index of folded names holds them in order. The others
have each word at the beginning of one of theirs. Of common words the newest customers show enough; rarer ones
are looked for among all, by the word that fewest of the newest have.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, case, collate, func, literal_column, or_, select

from dialer.db.models import Customer
from dialer.db.session import Transaction

#: customers; they show a page of whatever one name in a hundred has, and looking at them takes 5 ms a word
NEWEST: Final = 5_000
LAST_LETTER: Final = "\U0010ffff"  # behind all that a beginning may go on with
#: what stands before a word of a name
BEFORE_A_WORD: Final = ("", "% ", "%-", "%'")
BETWEEN_WORDS: Final = re.compile(r"[\s,;]+")


def named_like(tx: Transaction, typed: str, limit: int) -> list[int]:
    """Ids of customers so named, in whatever case: first whose name begins so, then the others, both by name.

    Where more than `limit` are named so, the others are of the newest customers. On SQLite only of English
    letters the case is passed over.
    """
    words = list(dict.fromkeys(word for word in BETWEEN_WORDS.split(typed) if word))
    if not words:
        return []
    begins = _name_begins(tx, " ".join(typed.split()))
    first = select(Customer.id).where(begins)
    found = list(tx.scalars(first.order_by(_folded(tx, Customer.name), Customer.id).limit(limit)))
    left = limit - len(found)
    if left == 0:
        return found
    newest = Customer.id > (tx.scalar(select(func.max(Customer.id))) or 0) - NEWEST
    words = _rarest_first(tx, words, newest)
    looks = (_like(tx, f"%{_escaped(word)}%") for word in words)  # which nearly all names fail
    others: Select[int, str] = select(Customer.id, Customer.name).where(
        *looks, *(_begins_word(tx, word) for word in words), ~begins
    )
    # the last come first, else PostgreSQL may look for the newest at the other end of all customers
    shown = _by_name(tx, others.where(newest).order_by(Customer.id.desc()).limit(left), left)
    if len(shown) < left:
        shown = _by_name(tx, _by_index(tx, others, words[0]), left)
    return found + shown


def _rarest_first(tx: Transaction, words: Sequence[str], among: ColumnElement[bool]) -> list[str]:
    """The words by how many of some customers have them in their name."""
    if len(words) == 1:
        return list(words)
    have = (func.sum(case((_like(tx, f"%{_escaped(word)}%"), 1), else_=0)) for word in words)
    counts = tx.execute(select(*have).where(among)).one()
    return [word for _, _, word in sorted(zip(counts, range(len(words)), words, strict=True))]


def _by_name(tx: Transaction, named: Select[int, str], limit: int) -> list[int]:
    # found first and ordered then: else PostgreSQL walks the names in order and looks at each
    found = named.cte("named").prefix_with("MATERIALIZED", dialect="postgresql")
    chosen = select(found.c.id).order_by(_folded(tx, found.c.name), found.c.id)
    return list(tx.scalars(chosen.limit(limit)))


def _by_index(tx: Transaction, named: Select[int, str], word: str) -> Select[int, str]:
    """Only who is in the index of words with this one; SQLite's index of names is read as a whole instead."""
    if not _is_postgresql(tx):
        return named
    parts = word.replace("\\", "").replace("'", " ").split()
    asked = func.to_tsquery(literal_column("'simple'"), " & ".join(f"'{part}':*" for part in parts))
    return named.where(func.to_tsvector(literal_column("'simple'"), Customer.name).op("@@")(asked))


def _name_begins(tx: Transaction, typed: str) -> ColumnElement[bool]:
    """Whether a name begins so: a range of the index of folded names."""
    folded = _folded(tx, Customer.name)
    first, behind = (
        func.lower(bound) if _is_postgresql(tx) else bound for bound in (typed, typed + LAST_LETTER)
    )
    return (folded >= first) & (folded < behind)


def _folded(tx: Transaction, name: Any) -> ColumnElement[str]:
    """A name as its index has it."""
    return collate(func.lower(name), "C") if _is_postgresql(tx) else collate(name, "NOCASE")


def _begins_word(tx: Transaction, word: str) -> ColumnElement[bool]:
    return or_(*(_like(tx, f"{before}{_escaped(word)}%") for before in BEFORE_A_WORD))


def _like(tx: Transaction, pattern: str) -> ColumnElement[bool]:
    """SQLite's own `LIKE` passes over the case."""
    look = Customer.name.ilike if _is_postgresql(tx) else Customer.name.like
    return look(pattern, escape="/")


def _escaped(word: str) -> str:
    return word.replace("/", "//").replace("%", "/%").replace("_", "/_")


def _is_postgresql(tx: Transaction) -> bool:
    return tx.get_bind().dialect.name == "postgresql"
