"""What becomes of everyone considered for a list: each is written once, the list in its order."""

from collections.abc import Iterator, Sequence

from hypothesis import given
from hypothesis import strategies as st

from churnmodel.holdout import Experiment, assign
from dialer.db.queries.list_people import Considered
from dialer.db.queries.list_rows import DrawnRow
from dialer.services.campaigns import list_draw
from dialer.services.campaigns.list_draw import DrawnList

NOBODY_HELD_OUT = Experiment(name="winter", salt="1", control=0.0, explore=0.0)


def person(
    customer: int, *, gain: float | None = 1.0, fits: bool = True, home: str | None = None
) -> Considered:
    return customer, f"c{customer}", home, None if gain is None else 0.5, 400.0, gain, None, int(fits)


def parts(people: Sequence[Considered], size: int = 3) -> Iterator[Sequence[Considered]]:
    """As they are read: most gain first."""
    return (people[first : first + size] for first in range(0, len(people), size))


def by_rank(rows: Sequence[DrawnRow]) -> list[int]:
    listed = [(row[3], row[0]) for row in rows if row[3] is not None]
    return [customer for _, customer in sorted(listed)]


def test_the_list_has_the_order_in_which_people_are_read_whatever_their_ids() -> None:
    people = [person(customer) for customer in (9, 2, 7, 1, 8)]

    rows = list(DrawnList(parts(people), {}, NOBODY_HELD_OUT, None).rows())

    assert [9, 2, 7, 1, 8] == by_rank(rows)
    assert [1, 2, 7, 8, 9] == [row[0] for row in rows]  # within a stretch as the database has customers


def test_a_list_of_so_many_takes_the_first_who_fit_and_logs_the_others() -> None:
    people = [person(1, fits=False), person(2), person(3), person(4)]

    rows = list(DrawnList(parts(people), {}, NOBODY_HELD_OUT, 2).rows())

    assert [2, 3] == by_rank(rows)
    assert [1, 2, 3, 4] == sorted(row[0] for row in rows)


def test_rows_that_are_only_logged_come_last() -> None:
    people = [person(customer, fits=customer % 2 == 0) for customer in range(1, 9)]

    ranks = [row[3] for row in DrawnList(parts(people), {}, NOBODY_HELD_OUT, None).rows()]

    assert [1, 2, 3, 4, None, None, None, None] == ranks


def test_what_is_not_known_of_somebody_stays_unknown() -> None:
    (row,) = DrawnList(parts([person(1, gain=None)]), {}, NOBODY_HELD_OUT, None).rows()

    assert (None, 400.0, None, None) == row[4:]


def test_who_shares_a_telephone_is_one_unit() -> None:
    units = {("record", "c1"): "c1", ("record", "c2"): "c1"}
    drawn = DrawnList(parts([person(1), person(2), person(3)]), units, NOBODY_HELD_OUT, None)

    assert {1: "c1", 2: "c1", 3: None} == {row[0]: row[1] for row in drawn.rows()}


@given(
    people=st.lists(
        st.tuples(st.integers(1, 10**6), st.booleans(), st.sampled_from([None, "", "home 1", "home 2"])),
        unique_by=lambda each: each[0],
        max_size=40,
    ),
    shares=st.tuples(st.floats(0, 0.9), st.floats(0, 1)),
    stretch=st.integers(1, 50),
)
def test_everyone_is_written_once_as_they_were_assigned(
    people: list[tuple[int, bool, str | None]], shares: tuple[float, float], stretch: int
) -> None:
    experiment = Experiment(name="winter", salt="1", control=shares[0], explore=shares[1])
    considered = [person(customer, fits=fits, home=home) for customer, fits, home in people]
    ids, fits = [row[1] for row in considered], [bool(row[7]) for row in considered]
    expected = assign(ids, fits, experiment, households=[row[2] for row in considered])
    before, list_draw.STRETCH = list_draw.STRETCH, stretch  # type: ignore[misc]
    try:
        drawn = DrawnList(parts(considered), {}, experiment, None)
        rows = list(drawn.rows())
    finally:
        list_draw.STRETCH = before  # type: ignore[misc]

    found = {customer: tuple(drawn.places[place]) for customer, _, place, *_ in rows}
    assert {row[0]: one[1:] for row, one in zip(considered, expected, strict=True)} == found
    assert len(people) == len(rows) == len(drawn)
    on_list = [row[0] for row, one in zip(considered, expected, strict=True) if one.listed]
    assert on_list == [customer for customer in by_rank(rows) if customer in set(on_list)]
    added = sum(one.call and not one.listed for one in expected)
    assert list(range(1, len(on_list) + added + 1)) == sorted(row[3] for row in rows if row[3] is not None)
