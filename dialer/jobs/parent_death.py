"""Ends a process with the one that started it, however that one ends.

Linux does it by itself once it is asked (prctl(2), PR_SET_PDEATHSIG, kept over an exec). It means the thread
that started the process, so that thread has to live as long as the process is wanted. Elsewhere nothing is
asked, and what is left behind is adopted by the next start.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from typing import Final

CAN_END_WITH_PARENT: Final = sys.platform == "linux"
_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h


def end_with_parent(parent: int) -> None:
    """Have the kernel kill this process when `parent`, which started it, is gone."""
    if not CAN_END_WITH_PARENT:
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before we had asked
        os._exit(1)


def tied(command: Sequence[str]) -> list[str]:
    """The command that runs this one for as long as this process lives; its process id stays the same."""
    if not CAN_END_WITH_PARENT:
        return list(command)
    return [sys.executable, "-m", __name__, str(os.getpid()), *command]


if __name__ == "__main__":
    end_with_parent(int(sys.argv[1]))
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 - no shell is wanted
