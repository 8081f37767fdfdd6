"""Every rule in docs/rules.md can be met, by the way that `rule_ways` names."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from databases.centre import Centre
from databases.migrated import empty_database
from integration import work_rule_ways
from integration.rule_ways import KINDS, NETS, NOON, TEXTS, WAYS, refusing, set_up

from callbacks.refusals import Refusal, Rule
from dialer.core.compliance.catalogue import SENTENCES
from dialer.db.session import Database


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    path = tmp_path / "winback.db"
    path.write_bytes(empty_database())
    database = Database(f"sqlite:///{path}")
    yield Centre(database, now=NOON)
    database.close()


def test_every_rule_of_the_catalogue_has_a_way_or_a_reason() -> None:
    known = {*TEXTS, *KINDS, *NETS, *WAYS}
    assert work_rule_ways.__doc__  # its ways are in WAYS by being imported

    assert set(SENTENCES) == known
    assert not NETS.keys() & {*TEXTS, *KINDS, *WAYS}


@pytest.mark.parametrize("rule", list(TEXTS))
def test_what_is_typed_meets_its_rule(centre: Centre, rule: Rule) -> None:
    assert rule.value in refusing(centre, TEXTS[rule])


@pytest.mark.parametrize("rule", list(KINDS))
def test_a_kind_of_line_that_the_settings_leave_out_meets_its_rule(centre: Centre, rule: Rule) -> None:
    kind, typed = KINDS[rule]
    assert rule.value not in refusing(centre, typed)

    set_up(centre, calling={"never_ring": [kind]})

    assert rule.value == refusing(centre, typed)[0]


@pytest.mark.parametrize("rule", [rule for rule in Rule if rule not in {*TEXTS, *KINDS, *NETS}])
def test_what_happens_meets_its_rule(centre: Centre, rule: Rule) -> None:
    answer = WAYS[rule](centre)

    if isinstance(answer, Refusal):
        assert rule is answer.rule
    else:
        assert isinstance(answer, list)  # the rules that refuse: the first decides
        assert rule.value == answer[0]
