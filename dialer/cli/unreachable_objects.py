"""When Python looks for objects that nothing reaches any more; nobody is answered while it looks."""

import gc
from typing import Final

#: new objects until the new ones are looked at. Python's own 700 has a process look a thousand times while it
#: imports, when nearly everything stays: a sixth of its start, and in an engine pauses between calls
LOOK_AFTER: Final = 20_000


def look_seldom() -> None:
    """Look at new objects once there are many of them."""
    gc.set_threshold(LOOK_AFTER)


def pass_over_what_is_loaded() -> None:
    """Never look again at what is there now, but for what nothing reaches by now, which goes.

    For a process that has loaded what it needs and now has to answer: modules, tables and settings stay to
    its end, and one look at all of them takes an engine a tenth of a second and more.
    """
    gc.collect()
    gc.freeze()
