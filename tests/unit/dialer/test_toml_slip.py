"""A slip in a TOML file is told by its kind, with line and column, in the reader's language."""

import tomllib

import pytest

from dialer.core.toml_slip import OTHERWISE, toml_slip
from dialer.web.languages import speaking, translate


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id = north", "line 1, column 6: a value that is neither a number nor true or false"),
        ("[centre]\nzone", "line 2, column 5: a name without ="),
        ("a = [1, 2", "line 1, column 10: a list without its closing ]"),
        ("a = {b = 1", "line 1, column 11: fields without their closing }"),
        ('\na = "north\nb = 1', "line 2, column 11: a text without its closing quotation mark"),
        ("a = 'north\nb = 1", "line 2, column 6: a text without its closing quotation mark"),
        ('a = "north', "line 1, column 11: a text without its closing quotation mark"),
        ('a = """north', "line 1, column 13: a text without its closing quotation mark"),
        ("[[teams]\n", "line 1, column 8: a heading without its closing bracket"),
        ("[centre\n", "line 1, column 8: a heading without its closing bracket"),
        ("a = 1 b = 2", "line 1, column 7: more on a line than one entry"),
        ("= 1", "line 1, column 1: a line that begins with no name"),
        ("a.ä = 1", "line 1, column 3: a name with signs that need quotation marks"),
        ('a = "C:\\winback"', "a \\ in a text: write it twice"),
        ("a = 2026-02-30", "line 1, column 5: a day or time that does not exist"),
        ("a = 1\na = 2", "something that is there already"),
        ("[a]\n[a]", "something that is there already"),
        ("a = {b = 1, b = 2}", "something that is there already"),
        ("a = 1 # \x01", OTHERWISE),
    ],
)
def test_a_slip_is_named_by_its_kind_and_place_in_every_language(text: str, said: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as fault:
        tomllib.loads(text)

    slip = toml_slip(fault.value, text)

    assert said in slip
    for language in ("nb", "sv", "da", "fi", "de"):
        with speaking(language):
            told = translate(slip)
        kind = told.split(": ", 1)[1].split(" (", 1)[0]
        assert kind not in slip, (language, told)
