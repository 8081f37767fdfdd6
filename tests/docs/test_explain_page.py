"""What docs/explain.md shows of `winback explain` is what it prints."""

from docs.explain_page import EXAMPLES, PAGE, draw

TWENTY = 20


def test_every_example_of_explain_is_what_the_command_prints_today() -> None:
    assert TWENTY <= len(EXAMPLES)
    assert PAGE.read_text(encoding="utf-8") == draw()
