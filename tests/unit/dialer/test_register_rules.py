"""How long a copy of a public register holds, whom it binds, and what it is called."""

from datetime import UTC, datetime, timedelta

import pytest

from dialer.core.compliance.registers import (
    RULES,
    RegisterCopy,
    RegisterSource,
    loses_too_many,
    register_name,
    stale_countries,
)

TAKEN = datetime(2026, 11, 1, 8, tzinfo=UTC)


def copy(name: str, *countries: str, days: int = 31) -> RegisterCopy:
    return RegisterCopy(name=name, countries=countries, dated=TAKEN, most_days=days)


@pytest.mark.parametrize(
    ("source", "days", "first", "name"),
    [
        (RegisterSource.TPS, 28, "GB", "tps"),
        (RegisterSource.FTC, 31, "US", "ftc"),
        (RegisterSource.NIX, 31, "SE", "nix"),
        (RegisterSource.RESERVASJON, 31, "NO", "reservasjon"),
        (RegisterSource.ROBINSON, 31, "", "robinson-es"),
    ],
)
def test_each_register_holds_for_its_own_days_and_binds_its_own_countries(
    source: RegisterSource, days: int, first: str, name: str
) -> None:
    rule = RULES[source]

    assert (days, first) == (rule.most_days, "".join(rule.countries[:1]))
    assert name == register_name(source, "ES")


def test_a_copy_is_too_old_from_the_very_moment_its_days_are_over() -> None:
    tps = copy("tps", "GB", "JE", days=28)
    over = TAKEN + timedelta(days=28)

    assert over == tps.stale_from
    assert not tps.is_stale(over - timedelta(seconds=1))
    assert tps.is_stale(over)


def test_only_the_countries_of_copies_that_are_too_old_are_closed() -> None:
    copies = (copy("tps", "GB", "JE", days=28), copy("nix", "SE"))

    assert frozenset() == stale_countries(copies, TAKEN)
    assert {"GB", "JE"} == stale_countries(copies, TAKEN + timedelta(days=28))
    assert {"GB", "JE", "SE"} == stale_countries(copies, TAKEN + timedelta(days=31))
    assert frozenset() == stale_countries((), TAKEN + timedelta(days=99))


@pytest.mark.parametrize(
    ("known", "gone", "asks"),
    [(1_000, 100, False), (1_000, 101, True), (0, 0, False), (5, 1, True), (1_000_000, 20_000, False)],
)
def test_a_file_without_more_than_a_tenth_of_a_registers_numbers_needs_a_yes(
    known: int, gone: int, *, asks: bool
) -> None:
    assert loses_too_many(known, gone) is asks
