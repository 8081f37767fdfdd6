"""Why a customer stands where they stand: exact parts of the score in plain words, three a customer.

The parts are those of `RiskModel.contributions`: they add up to the score. Columns of one group make one
reason; among the three strongest, those an agent can do something about come first. They are what goes with
leaving, never causes.

A reason is a column and a value, in no language (`phrases.Reason`). Its text is made once per value, not once
per customer: a feature's values fall on a grid fine enough to read (whole numbers as they are, others to
about a thousandth of their range), and what was said once is found again by its number.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from churnmodel.array_types import Bools, Floats, Ints
from churnmodel.data.column_types import Kind, present_text, read_numbers
from churnmodel.data.contract import Column
from churnmodel.data.date_differences import column_of
from churnmodel.reasons.phrases import Reason, Value, phrase_of, say
from churnmodel.risk.training import RiskModel

REASONS: Final = 3
"""As many as an agent can take in while the phone rings."""

FAINT: Final = 0.05
"""Log-odds below which a part is no reason: it moves a risk of 10 % by less than half a point."""

TELLING: Final = 0.15
"""Log-odds from which a push towards leaving is named before what holds the customer."""

BEHIND: Final = 1e3
NEVER: Final = 1e6
"""Ranks apart: far above any log-odds, so that a kind of reason is never mixed with the next kind."""

WIDEST: Final = 10
GRID: Final = 1_000
"""Values of a number that get their own words; what lies outside is worded one by one."""

Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """How one feature is spoken of, and where its values lie in the speaker's numbering."""

    column: Column
    index: int  # in the feature matrix
    group: int
    actionable: bool
    levels: tuple[str, ...]  # of a category
    first: int  # of its numbers; each value has two: towards leaving, then towards staying
    low: float
    step: float
    values: int  # values with a number; the next one is "missing"

    @property
    def size(self) -> int:
        """How many numbers it takes."""
        return 2 * (self.values + 1)

    def codes(self, x: Floats) -> Codes:
        """Give each value's number among this voice's (towards leaving), or -1 where it has none."""
        missing = np.isnan(x)
        near = np.rint((np.where(missing, self.low, x) - self.low) / self.step)
        inside = (near >= 0) & (near < self.values)
        number = np.where(inside, near, -1).astype(np.int64)
        number[missing] = self.values
        return np.where(number < 0, -1, self.first + 2 * number)

    def reason(self, code: int) -> Reason:
        """Give the reason that a number stands for."""
        number, stays = divmod(code - self.first, 2)
        value: Value = None
        if number < self.values:
            value = self.levels[number] if self.levels else tidy(self.low + self.step * number)
        return self.about(value, stays=bool(stays))

    def about(self, value: Value, *, stays: bool) -> Reason:
        """Give the reason for a value."""
        return Reason(column=self.column.name, value=value, stays=stays, label=self.column.label)


@dataclass(slots=True)
class ReasonCodes:
    """The texts made so far, and where each number's text is among them (-1: not made)."""

    indices: Codes
    texts: list[str | None] = field(default_factory=lambda: [None])  # the first is "no reason"


Say = Callable[[Reason], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Everything needed to speak of one model's features."""

    voices: tuple[Voice, ...]
    members: tuple[tuple[int, ...], ...]  # voices by group
    actionable: Bools  # by group
    say: Say
    told: ReasonCodes

    def tell(self, codes: Codes) -> Codes:
        """Give the place of each number's text, making those that are missing; -1 is "no reason"."""
        asked = np.zeros(len(self.told.indices), dtype=np.bool_)
        asked[codes[codes >= 0]] = True
        fresh = np.flatnonzero(asked & (self.told.indices < 0))
        firsts = np.array([voice.first for voice in self.voices])
        for code, voice in zip(fresh.tolist(), np.searchsorted(firsts, fresh, "right") - 1, strict=True):
            self.told.indices[code] = len(self.told.texts)
            self.told.texts.append(self.say(self.voices[voice].reason(code)))
        return np.where(codes < 0, 0, self.told.indices[codes])


def encode(reason: Reason) -> str:
    """Write a reason in no language, for whoever puts it into words later; `decode` reads it."""
    return json.dumps(reason.as_dict(), ensure_ascii=False)


def decode(text: str) -> Reason:
    """Read what `encode` wrote."""
    return Reason.from_dict(json.loads(text))


def speaker(model: RiskModel, frame: pl.DataFrame, language: str | None = "en") -> Speaker:
    """Prepare to speak of a model's features, grouped; `frame` shows the range of the numbers.

    With `language` None a reason's text is what `encode` writes.
    """
    columns = {column.name: column for column in model.contract.columns}
    groups: dict[str, int] = {}
    voices: list[Voice] = []
    first = 0
    sample = frame.head(GRID_ROWS)
    for index, reader in enumerate(model.features.readers):
        column = reader.column(sample)
        shown = np.empty(0) if column is None else reader.read(column)
        low, step, count = (0.0, 1.0, len(reader.levels)) if reader.is_category else _grid(shown)
        if reader.kind in (Kind.DATE, Kind.CLOCK):  # read as they stand in the file, one by one
            low, step, count = 0.0, 1.0, 0
        voice = _voice(columns[reader.name], index, groups, reader.levels, first, (low, step, count))
        first += voice.size
        voices.append(voice)
    members = tuple(
        tuple(number for number, voice in enumerate(voices) if voice.group == group)
        for group in range(len(groups))
    )
    return Speaker(
        voices=tuple(voices),
        members=members,
        actionable=np.array([any(voices[one].actionable for one in group) for group in members]),
        say=encode if language is None else partial(say, language=language),
        told=ReasonCodes(np.full(first, -1, dtype=np.int64)),
    )


GRID_ROWS: Final = 20_000


def _voice(  # noqa: PLR0917 - a column, and where its values lie
    column: Column,
    index: int,
    groups: dict[str, int],
    levels: tuple[str, ...],
    first: int,
    grid: tuple[float, float, int],
) -> Voice:
    phrase = phrase_of(column.name)
    group = column.group or (phrase.group if phrase else "") or column.name
    low, step, count = grid
    return Voice(
        column=column,
        index=index,
        group=groups.setdefault(group, len(groups)),
        actionable=column.actionable if column.actionable is not None else bool(phrase and phrase.actionable),
        levels=levels,
        first=first,
        low=low,
        step=step,
        values=count,
    )


def tidy(number: float) -> float:
    """A number without the dust of its arithmetic: six digits, whole ones whole."""
    rounded = float(f"{number:.6g}") if abs(number) < LARGEST_ROUNDED else number
    return int(rounded) if rounded == round(rounded) else rounded


LARGEST_ROUNDED: Final = 1e6  # above, six digits would lose whole units


def _grid(x: Floats) -> tuple[float, float, int]:
    """Low end, step and count of the values that are worded: whole numbers whole, others in round steps."""
    known = x[~np.isnan(x)]
    if known.size == 0:
        return 0.0, 1.0, 0
    low, high = (float(edge) for edge in np.quantile(known, (0.001, 0.999)))
    spread = max(high - low, 1e-12)
    whole = bool((known == np.rint(known)).all())
    step = 10.0 ** np.floor(np.log10(spread / GRID * 10))
    step = max(1.0, step) if whole else step
    if (known.max() - known.min()) / step <= WIDEST * GRID:
        low, high = float(known.min()), float(known.max())
        spread = high - low
    low = float(np.floor(low / step) * step)
    return low, float(step), int(min(spread / step + 2, WIDEST * GRID))


def top_groups(speaker: Speaker, parts: Floats) -> tuple[Ints, NDArray[np.float32]]:
    """Give each row's three groups (rows x 3, -1 for none) and the parts by group.

    Groups that push towards leaving come before those that hold; among these, actionable ones first.
    """
    grouped = np.empty((len(parts), len(speaker.members)), dtype=np.float32)
    for number, members in enumerate(speaker.members):
        grouped[:, number] = parts[:, members[0]]
        for member in members[1:]:
            grouped[:, number] += parts[:, member]
    # by strength, in kinds: what pushes, then what holds, then weak pushes, then what is no reason
    strong = np.abs(grouped)
    rank = BEHIND * (grouped < TELLING) - strong
    rank += BEHIND * ((grouped > FAINT) & (grouped < TELLING))
    rank += NEVER * (strong <= FAINT)
    count = min(REASONS, len(speaker.members))
    chosen = np.argpartition(rank, count - 1, axis=1)[:, :count]
    strength = np.take_along_axis(rank, chosen, axis=1)
    first = np.where((strength < 0) & speaker.actionable[chosen], strength - BEHIND, strength)
    order = np.argsort(first, axis=1, kind="stable")
    chosen = np.take_along_axis(chosen, order, axis=1)
    strength = np.take_along_axis(strength, order, axis=1)
    return np.where(strength < NEVER / 2, chosen, -1), grouped


def reasons(speaker: Speaker, frame: pl.DataFrame, matrix: Floats, parts: Floats) -> pl.Series:
    """Give each row's reasons as a list of up to three texts, in the order of the frame."""
    chosen, grouped = top_groups(speaker, parts)
    slots = chosen.shape[1]
    flat = chosen.ravel()
    codes = np.full(flat.size, -1, dtype=np.int64)
    loose: list[tuple[Voice, Ints, Bools]] = []
    # cells sorted by group: each group then reads one run of cells
    order = np.argsort(flat.astype(np.int16), kind="stable")
    starts = np.searchsorted(flat[order], np.arange(len(speaker.members) + 1))
    for group, members in enumerate(speaker.members):
        cells = order[starts[group] : starts[group + 1]]
        if cells.size == 0:
            continue
        rows = cells // slots
        holds = grouped[rows, group] < 0
        strongest = np.zeros(cells.size, dtype=np.int64)
        if len(members) > 1:
            signed = parts[rows[:, None], np.array(members)[None, :]] * np.where(holds, -1.0, 1.0)[:, None]
            strongest = signed.argmax(axis=1)
        for index, member in enumerate(members):
            mine = slice(None) if len(members) == 1 else np.flatnonzero(strongest == index)
            voice = speaker.voices[member]
            found = voice.codes(matrix[rows[mine], voice.index])
            worded = found >= 0
            codes[cells[mine]] = np.where(worded, found + holds[mine], -1)
            if not worded.all():
                loose.append((voice, cells[mine][~worded], holds[mine][~worded]))
    return _listed(speaker, frame, codes, slots, loose)


def _listed(
    speaker: Speaker, frame: pl.DataFrame, codes: Codes, slots: int, loose: list[tuple[Voice, Ints, Bools]]
) -> pl.Series:
    """Turn numbers into lists of texts; values without a number are told one by one, and not kept."""
    indices = speaker.tell(codes)
    others: dict[Reason, int] = {}
    for voice, cells, holds in loose:
        values = zip(_values(voice, frame, cells // slots), holds.tolist(), strict=True)
        indices[cells] = [
            others.setdefault(voice.about(value, stays=stays), len(speaker.told.texts) + len(others))
            for value, stays in values
        ]
    known = pl.Series([*speaker.told.texts, *map(speaker.say, others)], dtype=pl.String)
    texts = known.gather(pl.Series(indices)).reshape((frame.height, slots)).arr.to_list()
    listed = texts.list.drop_nulls() if (indices == 0).any() else texts
    return listed.alias("reasons")


def _values(voice: Voice, frame: pl.DataFrame, rows: Ints) -> list[Value]:
    """What the file says in these rows: numbers as numbers, all else as it stands, None where nothing is."""
    found = column_of(frame, voice.column.name, voice.column.of)
    if found is None:
        return [None] * len(rows)
    column = found.gather(rows)
    if voice.column.kind is not Kind.NUMBER:
        return list(present_text(column))
    return [None if number is None else tidy(number) for number in read_numbers(column, Kind.NUMBER)]
