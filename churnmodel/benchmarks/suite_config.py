"""What a `bench.toml` says of its data sets, and the rows and columns that it means.

One table a data set: `file`, `task` ("risk" or "uplift"), `target`, `positive`, and optionally `order`
("rows": in time order), `id`, `drop`, `where`; for uplift `treatment`, `treated`, `control` and `goal`
("lower" if the outcome is churn). Names and values are found by what they mean: case and the way a number or
a yes is written make no difference where only one reading is possible.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import polars as pl

from churnmodel.array_types import Floats
from churnmodel.data.column_types import fold, plain_text, same_words
from churnmodel.data.read_tables import read_table

KEYS: Final = frozenset(
    {"file", "task", "order", "target", "positive", "id", "drop", "where", "goal"}
    | {"treatment", "treated", "control"}
)
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "task": ("risk", "uplift"),
    "order": ("random", "rows"),
    "goal": ("higher", "lower"),
}
"""Keys with a fixed vocabulary; the first word is what holds if nothing is said."""

SHOWN: Final = 12
"""Names or values that a message lists."""


class SuiteRefused(ValueError):
    """A data set cannot be run as it is described: says what was found and what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One data set as it is described."""

    path: Path
    task: str
    in_time: bool
    target: str
    positive: str | None
    id: tuple[str, ...]
    drop: tuple[str, ...]
    where: Mapping[str, tuple[str, ...]]
    treatment: str
    treated: tuple[str, ...]
    control: tuple[str, ...]
    higher_is_better: bool
    unread: tuple[str, ...]  # keys that nobody reads


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """The rows of a data set, with the columns of its description as the file writes them."""

    frame: pl.DataFrame
    target: str
    id: tuple[str, ...]
    drop: tuple[str, ...]
    treatment: str
    absent: tuple[str, ...]  # columns to leave out that the file does not have


def read_suite(path: Path) -> Mapping[str, Mapping[str, Any]]:
    """Read the tables of a `bench.toml` (or of the folder that holds one), in their order.

    Raises:
        OSError: there is no such file.
        ListingRefused: it is no TOML, or has no table.
    """
    file = path / "bench.toml" if path.is_dir() else path
    try:
        plain = tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SuiteRefused(f"{file}: not TOML ({error})") from error
    sets = {name: table for name, table in plain.items() if isinstance(table, dict)}
    if not sets:
        raise SuiteRefused(f"{file}: no table, so no data set")
    return sets


def understand(folder: Path, plain: Mapping[str, Any]) -> Listed:
    """Read one table of a listing; paths are relative to `folder`. Raises `SuiteRefused`."""
    for key in ("file", "target"):
        if not plain.get(key):
            raise SuiteRefused(f"`{key}` is missing: it needs at least `file` and `target`")
    said = {key: str(plain.get(key, words[0])).strip().lower() for key, words in CHOICES.items()}
    for key, word in said.items():
        if word not in CHOICES[key]:
            raise SuiteRefused(f"`{key}` is {plain[key]!r}; it can be {' or '.join(CHOICES[key])}")
    if said["task"] == "uplift" and not plain.get("treatment"):
        raise SuiteRefused("`treatment` is missing: uplift needs the column of the assignment")
    where = plain.get("where", {})
    if not isinstance(where, dict):
        raise SuiteRefused("`where` is no table of column = value or [values]")
    positive = _words(plain.get("positive", ()))
    if len(positive) > 1:
        raise SuiteRefused("`positive` is a list; it is the one value to predict")
    return Listed(
        path=folder / str(plain["file"]),
        task=said["task"],
        in_time=said["order"] == "rows",
        target=str(plain["target"]),
        positive=positive[0] if positive else None,
        id=_words(plain.get("id", ())),
        drop=_words(plain.get("drop", ())),
        where={str(column): _words(values) for column, values in where.items()},
        treatment=str(plain.get("treatment", "")),
        treated=_words(plain.get("treated", ())),
        control=_words(plain.get("control", ())),
        higher_is_better=said["goal"] == "higher",
        unread=tuple(key for key in plain if key not in KEYS),
    )


def select(listed: Listed) -> Selected:
    """Read the file and keep the rows that are meant.

    Raises:
        TableUnreadable: the file is no table.
        ListingRefused: a column or value is not in it.
    """
    frame = read_table(listed.path)
    file = listed.path.name
    for name, values in listed.where.items():
        column = find_column(frame, name, file, "where")
        text = plain_text(frame.get_column(column))
        wanted = [word for value in values for word in same_words(text, value)]
        frame = frame.filter(text.is_in(wanted))
        if frame.height == 0:
            raise SuiteRefused(f"{file}: no row has {column} = {_listing(values)}; it has {_values(text)}")
    found = {name: _lookup(frame, name) for name in (*listed.id, *listed.drop)}
    return Selected(
        frame=frame,
        target=find_column(frame, listed.target, file, "target"),
        id=tuple(found[name] or "" for name in listed.id if found[name]),
        drop=tuple(found[name] or "" for name in listed.drop if found[name]),
        treatment=find_column(frame, listed.treatment, file, "treatment") if listed.treatment else "",
        absent=tuple(name for name, column in found.items() if column is None),
    )


def find_column(frame: pl.DataFrame, name: str, file: str, key: str) -> str:
    """Find a column by its name, or by its name without case and blanks if that is one column's."""
    column = _lookup(frame, name)
    if column is None:
        near = get_close_matches(name, frame.columns, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"it has {_listing(tuple(frame.columns))}"
        raise SuiteRefused(f"{file}: there is no column {name!r} (`{key}`); {hint}")
    return column


def assignment(listed: Listed, selected: Selected) -> tuple[pl.DataFrame, Floats]:
    """Keep the rows of the two arms; give them and 1 for treated, 0 for control.

    Without `treated` the arm that says yes is it; without `control` all other arms are. Raises
    `SuiteRefused` if an arm has no row.
    """
    # an arm may be called "none": its name is a name, not a missing value
    group = plain_text(selected.frame.get_column(selected.treatment))
    file, column = listed.path.name, selected.treatment
    words = sorted(str(word) for word in group.drop_nulls().unique().to_list())
    treated = [word for value in listed.treated or ("1",) for word in same_words(group, value)]
    control = [word for value in listed.control for word in same_words(group, value)]
    if not listed.control:
        control = [word for word in words if word not in treated]
    missing = {
        "treated": _listing(listed.treated) or "1, true or yes, and `treated` does not name its arm",
        "control": _listing(listed.control) or "anything else",
    }
    for key, found in (("treated", treated), ("control", control)):
        if not found:
            raise SuiteRefused(
                f"{file}: no row of {column!r} is {missing[key]} (`{key}`); it has {_values(group)}"
            )
    if set(treated) & set(control):
        raise SuiteRefused(f"{file}: {_listing(tuple(treated))} of {column!r} is both treated and control")
    frame = selected.frame.filter(group.is_in([*treated, *control]))
    kept = plain_text(frame.get_column(selected.treatment))
    return frame, kept.is_in(treated).cast(pl.Float64).to_numpy().copy()


def _lookup(frame: pl.DataFrame, name: str) -> str | None:
    if name in frame.columns:
        return name
    alike = [column for column in frame.columns if _bare(column) == _bare(name)]
    return alike[0] if len(alike) == 1 else None


def _bare(name: str) -> str:
    return fold(name).replace(" ", "").replace("_", "")


def _words(value: object) -> tuple[str, ...]:
    """Values of a listing as words: one or several, of any plain type."""
    if isinstance(value, list | tuple):
        return tuple(str(each).strip() for each in value)
    return (str(value).strip(),)


def _values(text: pl.Series) -> str:
    return _listing(tuple(sorted(str(word) for word in text.drop_nulls().unique().to_list())))


def _listing(words: tuple[str, ...]) -> str:
    more = f" and {len(words) - SHOWN} more" if len(words) > SHOWN else ""
    return ", ".join(repr(word) for word in words[:SHOWN]) + more
