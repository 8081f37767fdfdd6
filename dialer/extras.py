"""The optional parts of an installation: which libraries each extra brings, and which one is missing."""

from importlib.util import find_spec
from typing import Final

EXTRA_OF: Final = {
    "sklearn": "model",
    "interpret": "model",
    "skops": "model",
    "threadpoolctl": "model",
    "polars": "model",
    "python_calamine": "model",
    "psycopg": "postgres",
}
"""By a library's import name the extra in pyproject.toml that brings it."""


def extra_needed(missing: ModuleNotFoundError) -> str | None:
    """The extra that brings the missing module; None where none does, so that something is broken."""
    return EXTRA_OF.get((missing.name or "").partition(".")[0])


def require(extra: str) -> None:
    """Raise `ModuleNotFoundError` where a library of the extra is not installed; loads none of them."""
    for name, brought_by in EXTRA_OF.items():
        if brought_by == extra and find_spec(name) is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
