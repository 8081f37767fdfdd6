"""One thread for numeric libraries: on shared cores their threads wait longer than they work.

Measured on two shared cores: a fit of 0.8 s took 34 s with two OpenMP threads. Work is spread over folds,
parts and machines instead.
"""

from typing import Any

from threadpoolctl import threadpool_limits


def one_thread() -> Any:
    """Give a context (and decorator) inside which numeric libraries use one thread."""
    return threadpool_limits(limits=1)
