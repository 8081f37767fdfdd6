"""What chance makes of everyone considered for a list, and where on it they stand.

Kept in columns and not in rows: of a million customers that takes a tenth of the memory.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from math import isnan, nan
from typing import Final

from churnmodel.holdout import Assignment, Experiment, assigned, count_units, draw, unit_of
from dialer.core.calling.call_order import interleave
from dialer.core.calling.list_filter import ListFilter
from dialer.core.calling.shared_numbers import Tie, unit_name
from dialer.db.queries.assignments import Logged
from dialer.db.queries.list_people import Considered
from dialer.db.queries.list_rows import DrawnRow
from dialer.services.campaigns.lists import Taking

STRETCH: Final = 32_768  # ranks: about as far apart as the customers of one part of a million are
FIGURES: Final = ("risk", "value", "gain", "uplift")  # in the order that `Logged` has them in


class DrawnList:
    """Everyone considered, the most gain first, with what was drawn for them."""

    def __init__(
        self,
        people: Iterable[Considered],
        units: Mapping[Tie, str],
        experiment: Experiment,
        filters: ListFilter,
        top: int | None,
    ) -> None:
        """Draw; one telephone is one unit of chance: who shares it is called together or not at all."""
        self.customers = array("q")
        self.figures = {name: array("d") for name in FIGURES}
        self.households: list[str | None] = []
        listed = self._take(people, units, filters, top)
        self._kinds: list[tuple[str, bool, bool, float]] = []  # arm, listed, call, propensity: a few
        self._kind_of = bytearray()
        self._draw(listed, experiment)
        self.ranks = self._in_order(experiment)
        del self._ids

    def __len__(self) -> int:
        return len(self.customers)

    def _take(
        self, people: Iterable[Considered], units: Mapping[Tie, str], filters: ListFilter, top: int | None
    ) -> bytearray:
        self._ids: list[str] = []
        names: dict[str, str] = {}  # each household's name once
        listed = bytearray()
        taking = Taking(filters, top)
        risks, values, gains, uplifts = (self.figures[name] for name in FIGURES)
        for customer, external_id, household, risk, value, gain, uplift, left_out in people:
            self.customers.append(customer)
            self._ids.append(external_id)
            home = unit_name(units, external_id, household) if units else household
            self.households.append(names.setdefault(home, home) if home else None)
            risks.append(nan if risk is None else risk)
            values.append(nan if value is None else value)
            gains.append(nan if gain is None else gain)
            uplifts.append(nan if uplift is None else uplift)
            listed.append(taking.takes(risk, gain, left_out=bool(left_out)))
        return listed

    def _draw(self, listed: bytearray, experiment: Experiment) -> None:
        known: dict[tuple[str, bool, bool, float], int] = {}
        on_list = map(bool, listed)
        units = count_units(map(bool, listed), self.households)
        for how in assigned(self._ids, on_list, self.households, experiment, units):
            kind = _kind(how)
            self._kind_of.append(known.setdefault(kind, len(known)))
        self._kinds = list(known)

    def _in_order(self, experiment: Experiment) -> "array[int]":
        """Everyone's rank: by gain, with those whom the coin added spread over the list evenly."""
        place = f"{experiment.name}/place"
        on_list = array("l", (at for at, kind in enumerate(self._kind_of) if self._kinds[kind][1]))
        added = (
            (draw(unit_of(self._ids[at], self.households[at]), place, experiment.salt), at)
            for at, kind in enumerate(self._kind_of)
            if self._kinds[kind][2] and not self._kinds[kind][1]
        )
        ranks = array("l", bytes(array("l").itemsize * len(self)))
        for rank, at in enumerate(interleave(on_list, added), start=1):
            ranks[at] = rank
        return ranks

    def rows(self) -> Iterator[DrawnRow]:
        """What is written of everyone considered: a stretch of the list after the other, each by customer.

        The database has them in both orders. A part written by one of them alone would change a page of every
        index by the other for each of its rows.
        """
        figures = tuple(self.figures[name] for name in FIGURES)
        customers, ranks = self.customers, self.ranks
        for at in sorted(range(len(self)), key=lambda at: (ranks[at] // STRETCH, customers[at])):
            known = [None if isnan(value := column[at]) else value for column in figures]
            kind = self._kinds[self._kind_of[at]]
            logged = Logged(self.customers[at], self.households[at], *kind, *known)
            yield DrawnRow(logged, self.ranks[at] or None)


def _kind(how: Assignment) -> tuple[str, bool, bool, float]:
    return how.arm.value, how.listed, how.call, how.propensity
