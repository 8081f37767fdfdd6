"""Every rule id the code can give is explained, and no explanation is left over."""

import re
from pathlib import Path

import pytest

from dialer.core.compliance.catalogue import RULES, explain

ROOT = Path(__file__).parents[3]
ROOMS = [
    "dialer/core/compliance",
    "dialer/services",
    "callbacks/limits.py",
    "callbacks/offers.py",
    "telephony/numbers.py",
]
#: a rule id in quotes: one of the families, a dot, a word
RULE = re.compile(
    r'"((?:hours|queue|dnc|consent|refused|promise|abandoned|cap|number|attempt|campaign|lead|call-again|leader|offer)'
    r'\.[a-z-]+|spacing|disposition\.recorded)"'
)
#: names of the audit's lines, which look like rules
AUDIT = {"promise.cancelled", "promise.settled", "campaign.created", "campaign.stopped", "lead.skipped"}


def sources() -> list[Path]:
    found: list[Path] = []
    for room in ROOMS:
        path = ROOT / room
        found += [path] if path.is_file() else sorted(path.rglob("*.py"))
    return [path for path in found if path.name not in ("catalogue.py", "holiday_table.py")]


def test_every_rule_in_the_code_is_in_the_catalogue_and_the_other_way_round() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources())
    named = set(RULE.findall(text)) - AUDIT - {"number.bad"}  # why a promise ended, not a refusal

    assert set() == named - set(RULES)
    assert {"number.class"} == set(RULES) - named  # its kinds are made of it: number.class.premium


@pytest.mark.parametrize(
    ("rule", "same_as"),
    [("number.class.premium", "number.class"), ("hours.closed", "hours.closed"), ("cap.day", "cap.day")],
)
def test_a_rule_is_explained_by_its_nearest_family(rule: str, same_as: str) -> None:
    assert RULES[same_as] == explain(rule)


def test_a_rule_nobody_knows_is_still_explained() -> None:
    assert explain("weather.bad").endswith(".")
