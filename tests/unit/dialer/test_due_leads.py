"""The look for leads that every turn makes: its statement is one that the driver keeps."""

import pytest
from psycopg._queries import MAX_CACHED_STATEMENT_LENGTH, MAX_CACHED_STATEMENT_PARAMS
from sqlalchemy import make_url

from dialer.core.compliance.rulebook import Purpose
from dialer.db.queries.due_leads import LAST_RANK, MOST_CANDIDATES, _candidates
from dialer.db.queries.leases import EngineShare


@pytest.mark.parametrize("preview", [False, True])
@pytest.mark.parametrize("engines", [1, 4])
def test_a_turns_statement_is_short_enough_for_the_driver_to_read_it_once(
    engines: int, *, preview: bool
) -> None:
    statement = _candidates(LAST_RANK, preview, Purpose.MARKETING, MOST_CANDIDATES, EngineShare(0, engines))

    written = str(statement.compile(dialect=make_url("postgresql+psycopg://").get_dialect()()))

    assert len(written) <= MAX_CACHED_STATEMENT_LENGTH
    assert written.count("%(") <= MAX_CACHED_STATEMENT_PARAMS
