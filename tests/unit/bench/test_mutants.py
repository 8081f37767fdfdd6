"""What `bench.mutation` does to a module: small wrongs, each by a name that moved lines do not change."""

from pathlib import Path

import pytest
from bench.mutation.mutants import mutants_of

SOURCE = '''
"""Says nothing."""
LIMIT = 3


def judge(rings: list[int], word: str = "no") -> str | None:
    """Whether."""
    if not rings or len(rings) < LIMIT:
        raise ValueError("this is only said")
    return word if any(rings) else None
'''


def test_each_kind_of_wrong_is_done_once_and_what_is_only_said_is_left() -> None:
    assert [
        "calls module: 3 -> 4",
        "calls judge: 'no' -> 'no?'",
        "calls judge: not rings or len(rings) < LIMIT -> not (not rings or len(rings) < LIMIT)",
        "calls judge: not rings or len(rings) < LIMIT -> not rings and len(rings) < LIMIT",
        "calls judge: not rings -> rings",
        "calls judge: len(rings) < LIMIT -> len(rings) <= LIMIT",
        "calls judge: raise ValueError('this is only said') -> pass",
        "calls judge: return word if any(rings) else None -> return None",
        "calls judge: any(rings) -> not any(rings)",
        "calls judge: any -> all",
    ] == [mutant.name for mutant in mutants_of("calls", SOURCE)]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["caps", "windows"])
def test_every_mutant_of_a_real_module_compiles_and_has_a_name_of_its_own(name: str) -> None:
    path = Path(__file__).parents[3] / "dialer" / "core" / "compliance" / f"{name}.py"
    mutants = list(mutants_of(name, path.read_text("utf-8")))

    assert len(mutants) == len({mutant.name for mutant in mutants})
    for mutant in mutants:
        compile(mutant.tree, str(path), "exec")
