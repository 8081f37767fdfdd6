"""Where customers added by a coin stand in a list that has an order."""

from hypothesis import given
from hypothesis import strategies as st

from dialer.core.calling.call_order import interleave

DRAWS = st.lists(st.floats(min_value=0, max_value=1, exclude_max=True), max_size=20)


@given(count=st.integers(min_value=0, max_value=40), draws=DRAWS)
def test_everybody_is_there_once_the_ordered_in_their_order_and_the_added_in_theirs(
    count: int, draws: list[float]
) -> None:
    added = [(number, f"added {place}") for place, number in enumerate(draws)]
    found = list(interleave([f"{place}" for place in range(count)], added))

    assert len(found) == count + len(draws)
    assert [entry for entry in found if not entry.startswith("added")] == [f"{n}" for n in range(count)]
    by_draw = [entry for _, entry in sorted(added, key=lambda each: each[0])]
    assert [entry for entry in found if entry.startswith("added")] == by_draw


def test_whom_a_coin_added_is_called_neither_first_nor_last() -> None:
    found = list(interleave(list(range(100)), [(0.25, -1), (0.5, -2)]))

    assert (found.index(-1), found.index(-2)) == (26, 52)
