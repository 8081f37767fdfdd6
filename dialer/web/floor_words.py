"""The floor's sentences in the language of whoever looks; everybody else shares one floor."""

from collections.abc import Sequence
from typing import TypeVar

from dialer.core.dashboard.floor import Floor, FloorChanges, FloorNeed, FloorSquare, TeamOnFloor
from dialer.web.languages import SOURCE, say, spoken, translate

SeenT = TypeVar("SeenT", Floor, FloorChanges)


def in_words(seen: SeenT) -> SeenT:
    """The same with its words in the language spoken: what is known is said anew, nothing is looked at."""
    if spoken() == SOURCE:
        return seen
    return seen.model_copy(
        update={
            "label": translate(seen.label),
            "squares": tuple(_square(each) for each in seen.squares),
            "needs": _needs(seen.needs),
            "teams": _teams(seen.teams),
        }
    )


def _square(square: FloorSquare) -> FloorSquare:
    what = translate(square.state.value.replace("_", " "))
    if square.reason:
        what += f": {translate(square.reason.replace('_', ' '))}"
    if square.missed:
        what += say(", missed %(missed)s", missed=square.missed)
    if square.too_long:
        what += say(", long")
    return square.model_copy(update={"what": what})


def _needs(needs: Sequence[FloorNeed] | None) -> tuple[FloorNeed, ...] | None:
    if needs is None:
        return None
    return tuple(each.model_copy(update={"words": say(each.message, **each.facts)}) for each in needs)


def _teams(teams: Sequence[TeamOnFloor] | None) -> tuple[TeamOnFloor, ...] | None:
    if teams is None:
        return None
    # a team has the house's own name; only who is in none is called so in a language
    return tuple(
        each if each.id else each.model_copy(update={"name": translate(each.name)}) for each in teams
    )
