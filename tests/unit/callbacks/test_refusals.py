"""A rule says itself what it is fatal to and how soon it may be asked again; nothing reads its letters."""

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callbacks.refusals import Fatal, Refusal, Rule, refuse_kind
from telephony.numbers import NumberFault, NumberKind

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[3]
PRODUCT = ("callbacks", "churnmodel", "dialer", "telephony")
IDS = frozenset(rule.value for rule in Rule)
#: the audit's own word for what an agent wrote down
HOMONYMS = {
    ("dialer/services/agents/dispositions.py", "disposition.recorded"),
    ("dialer/services/agents/live_calls.py", "disposition.recorded"),
}


def test_what_is_wrong_with_a_number_is_a_rule_and_ends_the_number() -> None:
    assert {Fatal.NUMBER} == {Rule(fault).fatal for fault in NumberFault}


@pytest.mark.parametrize("kind", list(NumberKind))
def test_every_kind_of_line_has_its_rule_and_ends_the_number(kind: NumberKind) -> None:
    refusal = refuse_kind(kind)

    assert f"number.class.{kind}" == refusal.rule
    assert Fatal.NUMBER is refusal.rule.fatal


def test_a_busy_number_ends_nothing_and_is_asked_again_in_a_minute() -> None:
    assert Rule.NUMBER_BUSY.fatal is None
    assert NOW + timedelta(minutes=1) == Refusal(rule=Rule.NUMBER_BUSY).again_at(NOW)


@pytest.mark.parametrize(
    ("refusal", "again"),
    [
        (Refusal(rule=Rule.PROMISE_OPEN), NOW + timedelta(hours=1)),
        (Refusal(rule=Rule.DNC_LISTED), NOW + timedelta(days=1)),
        (Refusal(rule=Rule.HOURS_CLOSED, until=NOW + timedelta(hours=9)), NOW + timedelta(hours=9)),
        (Refusal(rule=Rule.HOURS_CLOSED, until=NOW - timedelta(hours=9)), NOW),
        (Refusal(rule=Rule.NUMBER_CLASS_PREMIUM), None),
        (Refusal(rule=Rule.LEADER_STALE), None),
        (Refusal(rule=Rule.ATTEMPT_CONSUMED), None),
    ],
)
def test_a_refusal_says_when_to_ask_again_or_that_it_is_of_no_use(
    refusal: Refusal, again: datetime | None
) -> None:
    assert again == refusal.again_at(NOW)


def test_only_a_lost_leadership_makes_an_engine_stand_down() -> None:
    assert [Rule.LEADER_STALE] == [rule for rule in Rule if rule.fatal is Fatal.LEADER]


def test_no_code_spells_a_rule_id_but_the_enumeration() -> None:
    """An id in quotes elsewhere would be one more place that decides by letters."""
    spelled = {
        (str(path.relative_to(ROOT)), node.value)
        for room in PRODUCT
        for path in sorted((ROOT / room).rglob("*.py"))
        for text in [path.read_text(encoding="utf-8")]
        if any(id_ in text for id_ in IDS)  # only what says one somewhere is taken apart
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in IDS
    }
    homes = {"callbacks/refusals.py", "telephony/numbers.py"}

    assert HOMONYMS == {(path, word) for path, word in spelled if path not in homes}
