"""One contract for every PBX: the simulated one is held to what real Asterisks do."""

import pytest
from contract.agents_day import AGENTS_DAY
from contract.scenarios import ALONE, NO_AGI_FAILURE, TOGETHER


@pytest.mark.timeout(600)
@pytest.mark.parametrize("what", [*TOGETHER, *ALONE, *AGENTS_DAY, NO_AGI_FAILURE])
def test_every_pbx_keeps_the_contract(results: dict[str, str | None], what: str) -> None:
    failure = results[what]
    assert failure is None, failure
