"""What each column of a customer file is, one word a column: for a person to look at and to correct."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from enum import StrEnum
from typing import Any

from dialer.core.importing.mapping import NOTHING, ColumnMapping, Given, MappingRefused
from dialer.core.importing.picked_readings import read_readings


class ColumnRole(StrEnum):
    """What a column says of a customer."""

    ID = "id"
    ID_AND_PHONE = "id and phone"  # of a list that has nothing but numbers to tell persons apart
    NAME = "name"
    PHONE = "phone"
    CALLING_CODE = "country calling code"
    AREA_CODE = "area code"
    ZONE = "zone"
    STATE = "state"
    POSTCODE = "postcode"
    COUNTRY = "country"
    LANGUAGE = "language"
    HOUSEHOLD = "household"
    LABEL = "label"
    DO_NOT_CALL = "do not call"
    DECEASED = "deceased"
    MAY_CALL = "may be called"
    ATTRIBUTE = "attribute"
    IGNORED = "ignored"


#: what at most one column of a file may be
ONE_COLUMN = (
    *(ColumnRole.ZONE, ColumnRole.STATE, ColumnRole.POSTCODE, ColumnRole.COUNTRY),
    *(ColumnRole.LANGUAGE, ColumnRole.HOUSEHOLD, ColumnRole.LABEL),
)


#: what a column may be whose numbers and days are read, so that two readings of it are asked
READ_IN_ONE_WAY = frozenset(
    {ColumnRole.ATTRIBUTE, ColumnRole.MAY_CALL, ColumnRole.STATE, ColumnRole.POSTCODE, ColumnRole.COUNTRY}
)


def roles_of(said: ColumnMapping | Given, columns: Sequence[str]) -> dict[str, ColumnRole]:
    """The role of each column, in the file's order, as it was settled or as a person said it."""
    found = dict.fromkeys(columns, ColumnRole.ATTRIBUTE)
    held = {
        ColumnRole.ID: (said.id,),
        ColumnRole.NAME: said.name,
        ColumnRole.PHONE: said.phones,
        ColumnRole.CALLING_CODE: said.calling_codes,
        ColumnRole.AREA_CODE: said.area_codes,
        ColumnRole.ZONE: (said.zone,),
        ColumnRole.STATE: (said.state,),
        ColumnRole.POSTCODE: (said.postcode,),
        ColumnRole.COUNTRY: (said.country,),
        ColumnRole.LANGUAGE: (said.language,),
        ColumnRole.HOUSEHOLD: (said.household,),
        ColumnRole.LABEL: (said.label,),
        ColumnRole.DO_NOT_CALL: said.do_not_call,
        ColumnRole.DECEASED: said.deceased,
        ColumnRole.MAY_CALL: said.may_call,
        ColumnRole.IGNORED: said.ignored,
    }
    for role, named in held.items():
        found |= dict.fromkeys((column for column in named or () if column in found), role)
    if said.id is not None and said.id in (said.phones or ()) and said.id in found:
        found[said.id] = ColumnRole.ID_AND_PHONE
    return found


def given_by_roles(roles: Mapping[str, ColumnRole]) -> Given:
    """What a person said of every column, so that nothing is left to guess.

    Raises:
        MappingRefused: two columns are what only one can be, or none tells customers apart.
    """
    by_role: dict[ColumnRole, list[str]] = {role: [] for role in ColumnRole}
    for column, role in roles.items():
        by_role[role].append(column)
    for role in ONE_COLUMN:
        if len(by_role[role]) > 1:
            raise MappingRefused(f"only one column can be the {role}: {' or '.join(by_role[role])}?")
    identities = (*by_role[ColumnRole.ID], *by_role[ColumnRole.ID_AND_PHONE])
    if len(identities) > 1:
        raise MappingRefused(f"only one column can be the {ColumnRole.ID}: {' or '.join(identities)}?")
    by_role[ColumnRole.PHONE] = [
        column for column, role in roles.items() if role in {ColumnRole.PHONE, ColumnRole.ID_AND_PHONE}
    ]
    if not identities:
        raise MappingRefused("no column tells customers apart: say which one is the id")

    def all_of(role: ColumnRole) -> tuple[str, ...]:
        return tuple(by_role[role]) or (NOTHING,)

    return Given(
        id=identities[0],
        name=all_of(ColumnRole.NAME),
        phones=all_of(ColumnRole.PHONE),
        calling_codes=all_of(ColumnRole.CALLING_CODE),
        area_codes=all_of(ColumnRole.AREA_CODE),
        zone=all_of(ColumnRole.ZONE)[0],
        state=all_of(ColumnRole.STATE)[0],
        postcode=all_of(ColumnRole.POSTCODE)[0],
        country=all_of(ColumnRole.COUNTRY)[0],
        language=all_of(ColumnRole.LANGUAGE)[0],
        household=all_of(ColumnRole.HOUSEHOLD)[0],
        label=all_of(ColumnRole.LABEL)[0],
        do_not_call=all_of(ColumnRole.DO_NOT_CALL),
        deceased=all_of(ColumnRole.DECEASED),
        may_call=all_of(ColumnRole.MAY_CALL),
        ignored=tuple(by_role[ColumnRole.IGNORED]),
    )


def as_given(mapping: ColumnMapping) -> Given:
    """A settled mapping as what was said of every column."""
    return Given(
        id=mapping.id,
        name=mapping.name or (NOTHING,),
        phones=mapping.phones or (NOTHING,),
        calling_codes=mapping.calling_codes or (NOTHING,),
        area_codes=mapping.area_codes or (NOTHING,),
        zone=mapping.zone or NOTHING,
        state=mapping.state or NOTHING,
        postcode=mapping.postcode or NOTHING,
        country=mapping.country or NOTHING,
        language=mapping.language or NOTHING,
        household=mapping.household or NOTHING,
        label=mapping.label or NOTHING,
        do_not_call=mapping.do_not_call or (NOTHING,),
        deceased=mapping.deceased or (NOTHING,),
        may_call=mapping.may_call or (NOTHING,),
        ignored=mapping.ignored,
    )


def overruled(before: Given, now: Given) -> Given:
    """What was said before, where nothing is said now."""
    kept = {key: value for key, value in asdict(now).items() if value is not None and value != ()}
    readings = {**before.readings, **now.readings}
    return Given(**{**asdict(before), **kept, "readings": readings})


def plain(given: Given) -> dict[str, Any]:
    """Plain values, for the database."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(given).items()}


def read_plain(values: Mapping[str, Any]) -> Given:
    """Read back what `plain` gave."""
    read: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in values.items()
    }
    return Given(**{**read, "readings": read_readings(read.get("readings", {}))})
