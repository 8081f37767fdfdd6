"""Which settings there are, and where one that stands in the wrong place belongs."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from types import UnionType
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel

PREFIX: Final = "WINBACK_"
BETWEEN: Final = "__"  # what stands in a variable where TOML has a dot
LIKELY: Final = 0.8  # how alike two names are before one is taken for a slip of the other
BREAKS: Final = frozenset({"Cc", "Zl", "Zp"})  # control characters, and what ends a line or a paragraph

Path = tuple[str, ...]


def known(table: type[BaseModel], above: Path = ()) -> Iterator[Path]:
    """Every setting of a tree by its path; rows of a list of tables count as the list's own."""
    for name, field in table.model_fields.items():
        below = table_in(field.annotation)
        yield from [(*above, name)] if below is None else known(below, (*above, name))


def table_in(annotation: Any) -> type[BaseModel] | None:
    """The table that a setting is, or that it lists; None for a plain value."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in {list, tuple, UnionType}:
        return next((found for each in get_args(annotation) if (found := table_in(each))), None)
    return None


def unknown(given: Mapping[str, Any], table: type[BaseModel], above: Path = ()) -> Iterator[Path]:
    """The paths of what was given and is no setting."""
    for name, value in given.items():
        field = table.model_fields.get(name)
        if field is None:
            yield (*above, name)
            continue
        below = table_in(field.annotation)
        for row in _rows(value) if below is not None else ():
            yield from unknown(row, below, (*above, name))  # type: ignore[arg-type]


def misnamed_variables(names: Sequence[str], table: type[BaseModel]) -> Iterator[Path]:
    """The paths of variables that were meant for a setting and reach none.

    A variable inside a known table is among what was `given`, and is looked at there.
    """
    settings = list(known(table))
    ends = {path[-1] for path in settings}
    for name in names:
        path = tuple(name.removeprefix(PREFIX).lower().split(BETWEEN))
        if path[0] in table.model_fields:
            continue
        if len(path) > 1 or path[0] in ends or get_close_matches(path[0], table.model_fields, cutoff=LIKELY):
            yield path


def where_it_belongs(path: Path, table: type[BaseModel]) -> str:
    """One sentence on a path that is no setting: where its name is one, or which name is nearest."""
    settings, stands = list(known(table)), _place(path[:-1])
    tables = [name for name, field in table.model_fields.items() if table_in(field.annotation) is not None]
    if len(path) == 1 and (table_near := get_close_matches(path[0], tables, n=1, cutoff=LIKELY)):
        return f"There is no table [{path[0]}]; is [{table_near[0]}] meant?"
    same = [each for each in settings if each[-1] == path[-1]]
    if same:
        homes = " or ".join(_place(each[:-1]) for each in same)
        return f"{path[-1]} stands {stands}, belongs {homes}."
    beside = {each[-1]: each for each in settings if each[:-1] == path[:-1]}
    anywhere = {".".join(each): each for each in settings}
    near = get_close_matches(path[-1], beside, n=1) or get_close_matches(".".join(path), anywhere, n=1)
    if near:
        meant = ".".join(beside.get(near[0]) or anywhere[near[0]])
        return f"{path[-1]} stands {stands} and is no setting; is {meant} meant?"
    return f"{path[-1]} stands {stands} and is no setting; docs/settings.md lists all."


def _place(above: Path) -> str:
    return f"under [{'.'.join(above)}]" if above else "at the top, before any table"


def _rows(value: Any) -> list[Mapping[str, Any]]:
    rows = value if isinstance(value, list | tuple) else [value]
    return [row for row in rows if isinstance(row, Mapping)]


def breaks_lines(text: str) -> bool:
    """Whether a text holds a line end or another control character.

    In AMI's headers and in Asterisk's files a line end begins what somebody else wrote.
    """
    return any(unicodedata.category(sign) in BREAKS for sign in text)
