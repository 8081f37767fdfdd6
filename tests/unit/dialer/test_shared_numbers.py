"""What shares a number is one unit of chance, whatever ties its records together."""

from dialer.core.calling.shared_numbers import Sharing, contact_units, unit_name


def test_records_with_a_number_in_common_are_one_through_any_number_of_links() -> None:
    units = contact_units(
        [
            Sharing("+1", "b", None),
            Sharing("+1", "a", None),
            Sharing("+2", "b", None),
            Sharing("+2", "c", None),
        ]
    )

    assert {"a"} == {unit_name(units, who, None) for who in "abc"}
    assert unit_name(units, "d", None) is None


def test_a_household_keeps_its_name_and_takes_in_whoever_shares_a_number_with_it() -> None:
    units = contact_units([Sharing("+1", "a", "elm 3"), Sharing("+1", "b", None)])

    assert ["elm 3", "elm 3", "elm 3"] == [
        unit_name(units, who, home) for who, home in (("a", "elm 3"), ("b", None), ("c", "elm 3"))
    ]
    assert "oak 1" == unit_name(units, "z", "oak 1")


def test_two_households_that_share_a_number_become_one_even_for_those_who_share_none() -> None:
    units = contact_units([Sharing("+1", "a", "elm 3"), Sharing("+1", "b", "ash 9")])

    assert "ash 9" == unit_name(units, "child of a", "elm 3") == unit_name(units, "b", "ash 9")


def test_the_order_of_the_rows_tells_nothing() -> None:
    rows = [
        Sharing(f"+{index // 2}", f"p{(index * 7) % 11}", f"h{index % 4}" if index % 3 else None)
        for index in range(22)
    ]

    assert contact_units(rows) == contact_units(rows[::-1])
