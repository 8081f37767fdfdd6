"""The stage on which the acceptance tests break things."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from acceptance.stage import Stage, busy_world

from telephony.simulator.behaviour import Behaviour

OpenStage = Callable[..., Stage]


@pytest.fixture
def open_stage(tmp_path: Path) -> Iterator[OpenStage]:
    """Build a stage; everything started on it ends with the test."""
    with ExitStack() as stack:

        def build(behaviour: Behaviour | None = None, *, seed: int = 11, **own: Any) -> Stage:
            return Stage(tmp_path, stack, behaviour or busy_world(), seed=seed, **own)

        yield build
