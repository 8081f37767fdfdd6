"""The pages on callbacks and on import hold what the code says."""

import re
from pathlib import Path

from callbacks.ivr_dialogue import WHY_NOT
from callbacks.ivr_words import Prompt
from callbacks.refusals import Rule
from dialer.core.importing.mapping import ColumnMapping
from dialer.core.importing.rows import REASONS
from telephony.asterisk.config.prompts import words_in

DOCS = Path(__file__).parents[2] / "docs"


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def test_every_sound_is_listed_with_its_words() -> None:
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", page("callbacks.md"), re.MULTILINE))

    assert rows == {prompt.value.removeprefix("winback/"): words_in("en")[prompt] for prompt in Prompt}


def test_every_reason_for_a_bad_row_is_explained() -> None:
    missing = [rule for rule in REASONS if f"`{rule}`" not in page("import.md")]

    assert missing == []


def test_every_kind_of_column_has_its_option_explained() -> None:
    # who died is put off by --do-not-call, which also says `none` of who may be called; --ignore says ignored
    fields = set(ColumnMapping.__slots__) - {"ignored", "deceased", "may_call"}
    # one option is one column, where the mapping holds several
    options = {field.removesuffix("s").replace("_", "-") for field in fields}
    missing = [option for option in options if f"`--{option}`" not in page("import.md")]

    assert missing == []


def test_every_rule_against_an_offer_is_explained_with_what_the_caller_hears() -> None:
    missing = [
        rule
        for rule, sound in WHY_NOT.items()
        if f"| `{rule}` | `{sound.removeprefix('winback/')}` |" not in page("callbacks.md")
    ]

    assert missing == []


def test_every_refusal_of_a_promise_is_explained() -> None:
    source = (DOCS.parent / "callbacks" / "limits.py").read_text(encoding="utf-8")
    rules = {Rule[name].value for name in re.findall(r"rule=Rule\.([A-Z_]+)", source)} | {"number.class.…"}
    missing = [rule for rule in rules if f"| `{rule}` |" not in page("callbacks.md")]

    assert rules
    assert missing == []
