"""What a person says of a file's columns: one word a column, and nothing is left to guess."""

import pytest

from dialer.core.importing.column_roles import (
    ONE_COLUMN,
    ColumnRole,
    as_given,
    given_by_roles,
    overruled,
    plain,
    read_plain,
    roles_of,
)
from dialer.core.importing.mapping import ColumnMapping, Given, MappingRefused, infer_mapping

COLUMNS = ("kundenr", "fornavn", "mobil", "segment", "reservert", "kan ringes", "intern")
MAPPING = ColumnMapping(
    id="kundenr",
    name=("fornavn",),
    phones=("mobil",),
    do_not_call=("reservert",),
    may_call=("kan ringes",),
    ignored=("intern",),
)
ROLES = {
    "kundenr": ColumnRole.ID,
    "fornavn": ColumnRole.NAME,
    "mobil": ColumnRole.PHONE,
    "segment": ColumnRole.ATTRIBUTE,
    "reservert": ColumnRole.DO_NOT_CALL,
    "kan ringes": ColumnRole.MAY_CALL,
    "intern": ColumnRole.IGNORED,
}


def test_each_column_has_one_role_in_the_files_order() -> None:
    assert list(ROLES.items()) == list(roles_of(MAPPING, COLUMNS).items())


def test_what_was_said_of_every_column_is_what_is_read() -> None:
    assert MAPPING == infer_mapping(COLUMNS, [], given_by_roles(ROLES), "NO")
    assert MAPPING == infer_mapping(COLUMNS, [], as_given(MAPPING), "NO")


@pytest.mark.parametrize(
    ("column", "role", "match"),
    [
        ("mobil", ColumnRole.ID, "only one column can be the id: kundenr or mobil"),
        ("kundenr", ColumnRole.IGNORED, "no column tells customers apart"),
    ],
)
def test_roles_that_do_not_go_together_are_refused_by_name(column: str, role: ColumnRole, match: str) -> None:
    with pytest.raises(MappingRefused, match=match):
        given_by_roles({**ROLES, column: role})


@pytest.mark.parametrize("role", ONE_COLUMN)
def test_what_one_column_tells_no_second_can_be(role: ColumnRole) -> None:
    roles = {"kundenr": ColumnRole.ID, "first": role, "second": role}

    with pytest.raises(MappingRefused, match=f"only one column can be the {role}: first or second"):
        given_by_roles(roles)


def test_what_is_said_now_overrules_what_was_said_before_and_the_rest_stays() -> None:
    before = Given(id="kundenr", phones=("mobil",))

    assert Given(id="kundenr", phones=("telefon",)) == overruled(before, Given(phones=("telefon",)))


def test_what_was_said_is_kept_in_the_database_as_it_was() -> None:
    assert given_by_roles(ROLES) == read_plain(plain(given_by_roles(ROLES)))


def test_a_mapping_that_has_everything_is_read_again_as_it_was() -> None:
    columns = tuple("abcdefghijklm")
    mapping = ColumnMapping(
        id="a",
        name=("b",),
        phones=("c",),
        zone="d",
        state="e",
        postcode="f",
        country="g",
        language="h",
        household="i",
        label="j",
        do_not_call=("k",),
        deceased=("l",),
        may_call=("m",),
    )

    assert infer_mapping(columns, [], as_given(mapping), "NO") == mapping
    assert infer_mapping(columns, [], given_by_roles(roles_of(mapping, columns)), "NO") == mapping
    assert read_plain(plain(as_given(mapping))) == as_given(mapping)
