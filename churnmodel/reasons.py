"""Why a customer stands where they stand: exact parts of the score in plain words, three a customer.

The parts are those of `RiskModel.contributions`: they add up to the score. Columns of one group make one
reason; among the three strongest, those an agent can do something about come first. They are what goes with
leaving, never causes.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from churnmodel.arrays import Floats, Ints
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """How one feature is spoken of."""

    column: Column
    group: int
    say: Say
    missing: str
    actionable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Everything needed to speak of one model's features in one language."""

    voices: tuple[Voice, ...]
    groups: int
    actionable: np.ndarray[tuple[int], np.dtype[np.bool_]]  # by group
    staying: str


def speaker(model: RiskModel, language: str = "en") -> Speaker:
    """Prepare the words for a model's features, grouped."""
    book = book_of(language)
    columns = {column.name: column for column in model.contract.columns}
    groups: dict[str, int] = {}
    voices = [_voice(columns[name], book, groups) for name in model.features.names]
    actionable = np.zeros(len(groups), dtype=np.bool_)
    for voice in voices:
        actionable[voice.group] |= voice.actionable
    return Speaker(voices=tuple(voices), groups=len(groups), actionable=actionable, staying=book.staying)


def _voice(column: Column, book: Book, groups: dict[str, int]) -> Voice:
    phrase = next((phrase for phrase in book.phrases if phrase.name.search(column.name)), None)
    label = column.label or (phrase.label if phrase else "") or plain_label(column.name)
    group = column.group or (phrase.group if phrase else "") or column.name
    actionable = column.actionable if column.actionable is not None else bool(phrase and phrase.actionable)
    say = phrase.say if phrase and not column.label else book.generic(label)
    return Voice(
        column=column,
        group=groups.setdefault(group, len(groups)),
        say=say,
        missing=book.missing(label),
        actionable=actionable,
    )


def top_groups(speaker: Speaker, parts: Floats) -> tuple[Ints, Floats]:
    """Give each row's three groups (rows x 3, -1 for none) and the parts by group.

    Groups that push towards leaving come before those that hold; among these, actionable ones first.
    """
    grouped = np.zeros((len(parts), speaker.groups))
    for place, voice in enumerate(speaker.voices):
        grouped[:, voice.group] += parts[:, place]
    count = min(REASONS, speaker.groups)
    # what pushes ranks by its part; what holds ranks below all that pushes, the strongest hold first
    rank = np.where(grouped > TELLING, -grouped, np.where(grouped < -FAINT, BEHIND + grouped, NEVER))
    rank = np.where((grouped > FAINT) & (grouped <= TELLING), 2 * BEHIND - grouped, rank)
    chosen = np.argpartition(rank, count - 1, axis=1)[:, :count]
    strength = np.take_along_axis(rank, chosen, axis=1)
    pushing = strength < 0
    first = np.where(pushing & speaker.actionable[chosen], strength - BEHIND, strength)
    order = np.argsort(first, axis=1, kind="stable")
    chosen = np.take_along_axis(chosen, order, axis=1)
    strength = np.take_along_axis(strength, order, axis=1)
    return np.where(strength < NEVER, chosen, -1), grouped


def reasons(model: RiskModel, frame: pl.DataFrame, parts: Floats, language: str = "en") -> pl.Series:
    """Give each row's reasons as a list of up to three texts, in the order of the frame."""
    voice_of = speaker(model, language)
    chosen, grouped = top_groups(voice_of, parts)
    slots = [_slot_texts(voice_of, frame, parts, grouped, chosen[:, slot]) for slot in range(chosen.shape[1])]
    names = [f"reason {slot}" for slot in range(len(slots))]
    texts = pl.DataFrame(dict(zip(names, slots, strict=True)))
    return texts.select(pl.concat_list(names).list.drop_nulls().alias("reasons")).to_series()


def _slot_texts(
    speaker: Speaker, frame: pl.DataFrame, parts: Floats, grouped: Floats, group: Ints
) -> pl.Series:
    """Write one reason for each row: the strongest column of its group, in words."""
    rows_of: list[Ints] = []
    texts_of: list[pl.Series] = []
    for number in range(speaker.groups):
        rows = np.flatnonzero(group == number)
        if rows.size == 0:
            continue
        pushes = grouped[rows, number] > 0
        members = [place for place, voice in enumerate(speaker.voices) if voice.group == number]
        signed = parts[rows][:, members] * np.where(pushes, 1.0, -1.0)[:, None]
        strongest = np.argmax(signed, axis=1)
        for place, member in enumerate(members):
            mine = strongest == place
            if not mine.any():
                continue
            rows_of.append(rows[mine])
            texts_of.append(_spoken(speaker, speaker.voices[member], frame, rows[mine], pushes[mine]))
    if not rows_of:
        return pl.Series([None] * frame.height, dtype=pl.String)
    order = np.full(frame.height, -1, dtype=np.int64)
    order[np.concatenate(rows_of)] = np.arange(sum(len(rows) for rows in rows_of))
    index = pl.Series(np.where(order < 0, 0, order))
    spoken = pl.concat(texts_of).gather(index)
    return spoken.zip_with(
        pl.Series(order >= 0), pl.Series([None], dtype=pl.String).new_from_index(0, frame.height)
    )


def _spoken(
    speaker: Speaker,
    voice: Voice,
    frame: pl.DataFrame,
    rows: Ints,
    pushes: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> pl.Series:
    name = voice.column.name
    if name in frame.columns:
        column = frame.get_column(name).gather(rows)
        plain = column if column.dtype.is_integer() else present_text(column)
    else:
        plain = pl.Series([None] * len(rows), dtype=pl.String)
    plain = plain.alias("value")
    if voice.column.kind is not Kind.NUMBER:
        plain = plain.cast(pl.String)
    text = (
        pl.when(pl.col("value").is_null()).then(pl.lit(voice.missing)).otherwise(voice.say(pl.col("value")))
    )
    staying = pl.when(pl.lit(pl.Series(~pushes))).then(pl.lit(speaker.staying)).otherwise(pl.lit(""))
    return pl.DataFrame({"value": plain}).select(pl.concat_str(staying, text)).to_series().alias("text")
