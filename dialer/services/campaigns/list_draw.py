"""What chance makes of everyone considered for a list, and where on it they stand.

Kept in columns and not in rows: of a million customers that takes a tenth of the memory, and a column is
read, sorted and handed on whole.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import compress, count, islice, repeat
from math import isnan, nan
from operator import itemgetter
from typing import Any, Final, cast

from churnmodel.holdout import Experiment, Place, count_units, draw, places_of, unit_of
from dialer.core.calling.call_order import interleave
from dialer.core.calling.shared_numbers import Tie, unit_name
from dialer.db.queries.list_people import Considered
from dialer.db.queries.list_rows import DrawnRow

STRETCH: Final = 131_072  # ranks: of 32,768 to 131,072 a million took the least time with the most
AT_ONCE: Final = 8_192  # rows picked from all columns together
KINDS: Final = 256  # of places, at the most; there are a dozen


class DrawnList:
    """Everyone considered, the most gain first, with what was drawn for them.

    `places` are those there are; each row has the number of its own.
    """

    def __init__(
        self,
        people: Iterable[Sequence[Considered]],
        units: Mapping[Tie, str],
        experiment: Experiment,
        top: int | None,
    ) -> None:
        """Draw; one telephone is one unit of chance: who shares it is called together or not at all."""
        self.places: list[Place] = []
        self._customers = array("q")
        self._households: list[str | None] = []
        self._figures = (_Figures(), _Figures(), _Figures(), _Figures())  # risk, value, gain, uplift
        ids, fits = self._read(people, units)
        listed = _first(fits, top)
        self._place_of = bytearray(self._number(self._draw(ids, listed, experiment)))
        self._ranked = array("q", self._in_order(ids, experiment))

    def __len__(self) -> int:
        return len(self._customers)

    def _read(
        self, people: Iterable[Sequence[Considered]], units: Mapping[Tie, str]
    ) -> tuple[list[str], bytearray]:
        ids, fits = list[str](), bytearray()
        names: dict[str | None, str | None] = {}  # each household's name once
        for part in people:
            customers, external_ids, households, *figures, fitting = zip(*part, strict=True)
            self._customers.extend(customers)
            ids.extend(external_ids)
            fits.extend(fitting)
            if units:
                homes = zip(external_ids, households, strict=True)
                households = tuple(unit_name(units, each, home) for each, home in homes)
            self._households.extend(
                (names.setdefault(home or None, home or None) for home in households)
                if any(households)
                else repeat(None, len(households))
            )
            for column, values in zip(self._figures, figures, strict=True):
                column.extend(values)
        return ids, fits

    def _draw(self, ids: Sequence[str], listed: bytearray, experiment: Experiment) -> Iterator[Place]:
        units = count_units(map(bool, listed), self._households)
        return places_of(ids, map(bool, listed), self._households, experiment, units)

    def _number(self, places: Iterable[Place]) -> Iterator[int]:
        numbers: dict[
            int, int
        ] = {}  # by identity, since hashing a million takes its time; `places` holds them
        for place in places:
            number = numbers.get(id(place))
            if number is None:
                number = numbers[id(place)] = len(self.places)
                self.places.append(place)
            yield number

    def _in_order(self, ids: Sequence[str], experiment: Experiment) -> Iterator[int]:
        """The list in its order: by gain, with those whom the coin added spread over it evenly."""
        name = f"{experiment.name}/place"
        added = (
            (draw(unit_of(ids[at], self._households[at]), name, experiment.salt), at)
            for at in self._standing(place.call and not place.listed for place in self.places)
        )
        return interleave(array("q", self._standing(place.listed for place in self.places)), added)

    def _standing(self, wanted: Iterable[bool]) -> Iterator[int]:
        """Where those stand whose place is wanted, of each place in its turn."""
        flags = bytes(wanted).ljust(KINDS, b"\0")
        return compress(count(), self._place_of.translate(flags))

    def rows(self) -> Iterator[DrawnRow]:
        """What is written of everyone considered: a stretch of the list after the other, each by customer.

        The database has them in both orders. A part written by one of them alone would change a page of every
        index by the other for each of its rows.
        """
        customer = self._customers.__getitem__
        for first in range(0, len(self._ranked), STRETCH):
            stretch = self._ranked[first : first + STRETCH]
            by_customer = sorted(range(len(stretch)), key=list(map(customer, stretch)).__getitem__)
            standing = list(map(stretch.__getitem__, by_customer))
            yield from self._rows(standing, (first + 1 + place for place in by_customer))
        # the cheap ones last: a part is as long as the rows of the one before let it be
        off_list = self._standing(not (place.call or place.listed) for place in self.places)
        unlisted = array("q", sorted(off_list, key=customer))
        for first in range(0, len(unlisted), STRETCH):
            yield from self._rows(unlisted[first : first + STRETCH], repeat(None))

    def _rows(self, standing: Sequence[int], ranks: Iterable[int | None]) -> Iterator[DrawnRow]:
        columns: tuple[Any, ...] = (self._customers, self._households, self._place_of)
        ranks = iter(ranks)
        for first in range(0, len(standing), AT_ONCE):
            some = standing[first : first + AT_ONCE]
            picked = itemgetter(*some, some[0])  # one more, which is left: of a single one it gives no tuple
            who = (picked(column) for column in columns)
            figures = (column.of(picked) for column in self._figures)
            yield from zip(*who, islice(ranks, len(some)), *figures, strict=False)


class _Figures:
    """A figure of everyone, in eight bytes each; where all are known they are handed on as they are."""

    def __init__(self) -> None:
        self._kept = array("d")
        self._all_known = True

    def extend(self, figures: Sequence[float | None]) -> None:
        """Keep some more."""
        if None in figures:
            self._all_known = False
            self._kept.extend([nan if each is None else each for each in figures])
        else:
            self._kept.extend(cast("Sequence[float]", figures))

    def of(self, picked: Callable[[Sequence[float]], tuple[float, ...]]) -> Iterable[float | None]:
        """Those whom it picks."""
        found = picked(self._kept)
        return found if self._all_known else (None if isnan(each) else each for each in found)


def _first(fits: bytearray, top: int | None) -> bytearray:
    """Of those who fit the first so many."""
    if top is None:
        return fits
    before = count()
    return bytearray(fit and next(before) < top for fit in fits)
