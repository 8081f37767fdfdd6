"""A customer file that was handed in: looked at, judged, stored, each when a person or a program says so."""

from enum import StrEnum
from typing import Final

from telephony.state_machine import StateMachine


class FileState(StrEnum):
    """Where a file that was handed in stands."""

    LOOKING = "looking"  # at what it is and which column is what
    LOOKED = "looked"  # the columns wait for a person
    CHECKING = "checking"  # every row is judged, none stored
    CHECKED = "checked"  # its counts wait for a yes
    STORING = "storing"
    STORED = "stored"
    REFUSED = "refused"


class FileEvent(StrEnum):
    """What can happen to a file that was handed in."""

    LOOK = "look"
    SEEN = "seen"
    CHECK = "check"
    JUDGED = "judged"
    STORE = "store"
    CORRECT = "correct"  # what a refused file left open, so that it is stored
    KEPT = "kept"
    REFUSE = "refuse"


AT_WORK: Final = frozenset({FileState.LOOKING, FileState.CHECKING, FileState.STORING})

RECEIVED_FILE: Final[StateMachine[FileState, FileEvent]] = StateMachine(
    name="received file",
    start=FileState.LOOKING,
    ends=frozenset({FileState.STORED}),
    table={
        (FileState.LOOKING, FileEvent.SEEN): FileState.LOOKED,
        (FileState.LOOKING, FileEvent.REFUSE): FileState.REFUSED,
        # a program's file goes in as its source's files did before
        (FileState.LOOKING, FileEvent.STORE): FileState.STORING,
        (FileState.LOOKED, FileEvent.CHECK): FileState.CHECKING,
        (FileState.CHECKING, FileEvent.JUDGED): FileState.CHECKED,
        (FileState.CHECKING, FileEvent.REFUSE): FileState.LOOKED,
        (FileState.CHECKED, FileEvent.CHECK): FileState.CHECKING,
        (FileState.CHECKED, FileEvent.STORE): FileState.STORING,
        (FileState.STORING, FileEvent.KEPT): FileState.STORED,
        (FileState.STORING, FileEvent.REFUSE): FileState.REFUSED,
        # with another encoding or sheet
        (FileState.REFUSED, FileEvent.LOOK): FileState.LOOKING,
        (FileState.REFUSED, FileEvent.CORRECT): FileState.STORING,
    },
)
