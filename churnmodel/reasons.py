"""Why a customer stands where they stand: exact parts of the score in plain words, three a customer.

The parts are those of `RiskModel.contributions`: they add up to the score. Columns of one group make one
reason; among the three strongest, those an agent can do something about come first. They are what goes with
leaving, never causes.

Words are made once per value, not once per customer: a feature's values fall on a grid fine enough to read
(whole numbers as they are, others to about a thousandth of their range), and a reason is a number into a list
of texts.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from churnmodel.arrays import Bools, Floats, Ints
from churnmodel.contract import Column
from churnmodel.kinds import Kind, present_text
from churnmodel.phrases import Book, Say, book_of, plain_label
from churnmodel.risk import RiskModel

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
    """How one feature is spoken of, and where its texts lie in the speaker's list."""

    column: Column
    place: int  # in the feature matrix
    group: int
    say: Say
    missing: str
    actionable: bool
    first: int  # of its texts; each value has two: towards leaving, then towards staying
    low: float
    step: float
    values: int  # worded values; the next one is "missing"

    def codes(self, x: Floats) -> Codes:
        """Give each value's number among this voice's texts (x 2), or -1 where it has none."""
        missing = np.isnan(x)
        near = np.rint((np.where(missing, self.low, x) - self.low) / self.step)
        inside = (near >= 0) & (near < self.values)
        number = np.where(inside, near, -1).astype(np.int64)
        number[missing] = self.values
        return np.where(number < 0, -1, self.first + 2 * number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Everything needed to speak of one model's features in one language."""

    voices: tuple[Voice, ...]
    members: tuple[tuple[int, ...], ...]  # voices by group
    actionable: Bools  # by group
    texts: pl.Series
    staying: str


def speaker(model: RiskModel, frame: pl.DataFrame, language: str = "en") -> Speaker:
    """Prepare the words for a model's features, grouped; `frame` shows the range of the numbers."""
    book = book_of(language)
    columns = {column.name: column for column in model.contract.columns}
    groups: dict[str, int] = {}
    voices: list[Voice] = []
    texts: list[pl.Series] = []
    first = 0
    sample = frame.head(GRID_ROWS)
    for place, reader in enumerate(model.features.readers):
        shown = reader.read(sample.get_column(reader.name)) if reader.name in frame.columns else np.empty(0)
        low, step, count = (0.0, 1.0, len(reader.levels)) if reader.is_category else _grid(shown)
        voice = _voice(columns[reader.name], place, book, groups, first=first, grid=(low, step, count))
        words = (
            list(reader.levels) if reader.is_category else [low + step * number for number in range(count)]
        )
        if reader.kind in (Kind.DATE, Kind.CLOCK):
            voice, words = _unworded(voice), []
        spoken = _both_ways(voice, pl.Series("value", words, dtype=_dtype(voice)), book.staying)
        texts.append(spoken)
        first += len(spoken)
        voices.append(voice)
    members = tuple(
        tuple(number for number, voice in enumerate(voices) if voice.group == group)
        for group in range(len(groups))
    )
    return Speaker(
        voices=tuple(voices),
        members=members,
        actionable=np.array([any(voices[one].actionable for one in group) for group in members]),
        texts=pl.concat(texts),
        staying=book.staying,
    )


GRID_ROWS: Final = 20_000


def _voice(
    column: Column,
    place: int,
    book: Book,
    groups: dict[str, int],
    *,
    first: int,
    grid: tuple[float, float, int],
) -> Voice:
    phrase = next((phrase for phrase in book.phrases if phrase.name.search(column.name)), None)
    label = column.label or (phrase.label if phrase else "") or plain_label(column.name)
    group = column.group or (phrase.group if phrase else "") or column.name
    low, step, count = grid
    return Voice(
        column=column,
        place=place,
        group=groups.setdefault(group, len(groups)),
        say=phrase.say if phrase and not column.label else book.generic(label),
        missing=book.missing(label),
        actionable=column.actionable if column.actionable is not None else bool(phrase and phrase.actionable),
        first=first,
        low=low,
        step=step,
        values=count,
    )


def _unworded(voice: Voice) -> Voice:
    """A voice whose every value is worded one by one: dates and times read as they stand in the file."""
    return Voice(
        column=voice.column,
        place=voice.place,
        group=voice.group,
        say=voice.say,
        missing=voice.missing,
        actionable=voice.actionable,
        first=voice.first,
        low=0.0,
        step=1.0,
        values=0,
    )


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


def _dtype(voice: Voice) -> type[pl.DataType]:
    return pl.Float64 if voice.column.kind is Kind.NUMBER else pl.String


def _both_ways(voice: Voice, values: pl.Series, staying: str) -> pl.Series:
    """Texts of these values and of "missing", each towards leaving and towards staying, in turn."""
    said = values.to_frame().select(voice.say(pl.col("value")).alias("text")).to_series()
    said = pl.concat([said, pl.Series("text", [voice.missing])])
    both = pl.DataFrame({"leaves": said, "stays": staying + said})
    return both.select(pl.concat_list("leaves", "stays").alias("text")).to_series().explode()


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
        for place, member in enumerate(members):
            mine = slice(None) if len(members) == 1 else np.flatnonzero(strongest == place)
            voice = speaker.voices[member]
            found = voice.codes(matrix[rows[mine], voice.place])
            worded = found >= 0
            codes[cells[mine]] = np.where(worded, found + holds[mine], -1)
            if not worded.all():
                loose.append((voice, cells[mine][~worded], holds[mine][~worded]))
    return _listed(speaker, frame, codes, slots, loose)


def _listed(
    speaker: Speaker, frame: pl.DataFrame, codes: Codes, slots: int, loose: list[tuple[Voice, Ints, Bools]]
) -> pl.Series:
    """Turn codes into lists of texts; values off the grid are worded one by one."""
    extra = speaker.texts
    for voice, cells, holds in loose:
        codes[cells] = len(extra) + np.arange(len(cells))
        extra = pl.concat([extra, _one_by_one(speaker, voice, frame, cells // slots, holds)])
    nothing = len(extra)
    extra = pl.concat([extra, pl.Series([None], dtype=pl.String)])
    codes[codes < 0] = nothing
    texts = extra.gather(pl.Series(codes)).reshape((frame.height, slots)).arr.to_list()
    listed = texts.list.drop_nulls() if (codes == nothing).any() else texts
    return listed.alias("reasons")


def _one_by_one(speaker: Speaker, voice: Voice, frame: pl.DataFrame, rows: Ints, holds: Bools) -> pl.Series:
    name = voice.column.name
    if name in frame.columns:
        column = frame.get_column(name).gather(rows)
        plain = column if column.dtype.is_integer() else present_text(column)
    else:
        plain = pl.Series([None] * len(rows), dtype=pl.String)
    plain = plain.alias("value")
    if voice.column.kind is not Kind.NUMBER:
        plain = plain.cast(pl.String)
    value = pl.col("value")
    text = pl.when(value.is_null()).then(pl.lit(voice.missing)).otherwise(voice.say(value))
    staying = pl.when(pl.col("holds")).then(pl.lit(speaker.staying)).otherwise(pl.lit(""))
    return (
        pl.DataFrame({"value": plain, "holds": holds})
        .select(pl.concat_str(staying, text).alias("text"))
        .to_series()
    )
