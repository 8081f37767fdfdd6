"""Named streams of chance, so that one more draw in one place changes nothing anywhere else."""

from random import Random


def stream(seed: int, *name: object) -> Random:
    """The generator of this seed and name; the same ones always give the same numbers."""
    return Random("/".join(map(str, (seed, *name))))  # noqa: S311 - a simulation, nothing is kept secret
