"""A process that answers is not held up by looks at what it loaded."""

import subprocess
import sys

LOOKS = """
import gc
from dialer.cli.unreachable_objects import look_seldom, pass_over_what_is_loaded

loaded = [[] for _ in range(100_000)]
look_seldom()
pass_over_what_is_loaded()
print(gc.get_threshold()[0], len(gc.get_objects()) < 1_000, gc.get_freeze_count() > 100_000)
"""


def test_what_was_loaded_is_not_looked_at_again() -> None:
    said = subprocess.run([sys.executable, "-c", LOOKS], capture_output=True, text=True, check=True)

    assert said.stdout.split() == ["20000", "True", "True"]
