"""Figures and the bars they have to pass."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One figure that has a bar, in words that a person and a program can read."""

    figure: str
    value: float | None  # None: could not be measured
    bar: str
    met: bool

    def as_json(self) -> dict[str, Any]:
        """For the command's last line."""
        return {"figure": self.figure, "value": self.value, "bar": self.bar, "met": self.met}


def at_least(figure: str, value: float, least: float) -> Bar:
    """The figure has to reach `least`."""
    return Bar(figure=figure, value=value, bar=f">= {least:g}", met=value >= least)


def at_most(figure: str, value: float | None, most: float) -> Bar:
    """The figure must not be above `most`; one that was not measured did not pass."""
    return Bar(figure=figure, value=value, bar=f"<= {most:g}", met=value is not None and value <= most)
