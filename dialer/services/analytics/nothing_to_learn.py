"""Why a model cannot be trained, in the words of whoever runs the centre rather than of the library."""

from typing import Final

import polars as pl

from churnmodel.data.column_types import fold, outcome_text
from churnmodel.data.contract import ContractRefused, guess_target
from churnmodel.data.words import reads_as_yes
from churnmodel.risk.training import FEWEST_OUTCOMES

SHOWN_WORDS: Final = 5  # of a column that is no outcome
NAME_IT: Final = (
    "Name the column that says who left with --label COLUMN, or tell it with `winback label FILE`."
)


def why_nothing(refused: ContractRefused, frame: pl.DataFrame, label: str | None) -> str:
    """The refusal as a sentence about customers, with what to do."""
    if refused.rule == "target.unknown":
        return f"No column says who left. {NAME_IT}"
    if refused.rule not in {"target.not-two", "target.one-class", "target.too-few"}:
        return f"{refused}. {NAME_IT}"
    column = label if label is not None else guess_target(frame)
    said = [str(word) for word in outcome_text(frame.get_column(column)).drop_nulls().to_list()]
    words = list(dict.fromkeys(said))
    if not words:
        return f"No customer has a value in {column!r}: nobody to learn from. {NAME_IT}"
    answers = {fold(word) for word in words}
    if len(answers) == 1:
        return (
            f"All {len(said):,} customers say {words[0]} in {column!r}: nobody to learn from. A model needs "
            f"{FEWEST_OUTCOMES} who left and {FEWEST_OUTCOMES} who stayed."
        )
    left = sum(reads_as_yes(word) is True for word in said)
    stayed = sum(reads_as_yes(word) is False for word in said)
    if refused.rule == "target.too-few" and left + stayed:
        few, who = min((left, "leavers"), (stayed, "who stayed"))
        return f"{few:,} {who} known, {FEWEST_OUTCOMES} are needed. More outcomes: `winback label FILE`."
    if refused.rule == "target.not-two":
        shown = ", ".join(words[:SHOWN_WORDS]) + (", …" if len(words) > SHOWN_WORDS else "")
        return f"{column!r} says {len(answers):,} different things ({shown}), not who left. {NAME_IT}"
    return f"Fewer than {FEWEST_OUTCOMES} customers have one of the two outcomes in {column!r}. {NAME_IT}"
