"""One contract for every PBX: the simulated one is held to what real Asterisks do."""

import pytest
from contract.conftest import EVERY_SCENARIO


@pytest.mark.parametrize("what", EVERY_SCENARIO)
def test_every_pbx_keeps_the_contract(results: dict[str, str | None], what: str) -> None:
    failure = results[what]
    assert failure is None, failure
