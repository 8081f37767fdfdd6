"""What commands say when something is wrong: the setting or option, and the fix."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

Type = Callable[..., Result]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "customers.csv"
    rows = "".join(f"{number},{('S', 'M')[number % 2]},{number % 3 == 0:d}\n" for number in range(400))
    path.write_text("id,plan,churned\n" + rows)
    return path


def test_a_column_that_is_not_there_is_named_with_its_flag(type_in: Type, file: Path) -> None:
    said = type_in("import", str(file), "--phone", "mobile", code=2).output

    assert "--phone 'mobile'" in said
    assert "id, plan, churned" in said


def test_customers_without_numbers_are_said_to_be_out_of_reach(type_in: Type, file: Path) -> None:
    assert "400 customers have no number" in type_in("import", str(file)).output


def test_trying_says_that_nothing_was_stored(type_in: Type, file: Path) -> None:
    assert "Nothing was stored" in type_in("import", str(file), "--try").output
    assert "400 customers added" in type_in("import", str(file)).output


def test_a_column_of_numbers_that_cannot_be_read_ends_with_1_and_says_what_helps(
    type_in: Type, tmp_path: Path
) -> None:
    path = tmp_path / "f.csv"
    path.write_text("id,phone\n1,41 00 00 01\n2,91000003\n3,22 33 44 55\n")
    said = type_in("import", str(path), code=1).output

    assert "calling.default_region" in said
    assert "NO" in said
    assert "3 rows in the file: 3 good, 0 bad" in said
    assert "calling.default_region" not in type_in("import", str(path), "--phone", "none").output


def test_a_file_without_one_good_row_is_a_failure(type_in: Type, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("id,plan\n,S\n")

    assert "No row could be used" in type_in("import", str(path), "--id", "id", code=1).output


def test_an_outcome_that_is_not_there_names_the_option(type_in: Type, file: Path) -> None:
    type_in("import", str(file), "--label", "none", "--ignore", "churned")

    assert "--label" in type_in("train", code=2).output
    assert "--label" in type_in("train", "--label", "left", code=2).output


def test_a_model_file_that_is_gone_says_how_to_get_another(type_in: Type, file: Path, tmp_path: Path) -> None:
    type_in("import", str(file))
    type_in("train", "--quick")
    for piece in (tmp_path / "app" / "models").rglob("*.skops"):
        piece.unlink()

    assert "winback train" in type_in("score", code=2).output


def test_work_for_a_worker_waits_for_one(type_in: Type, file: Path) -> None:
    said = type_in("import", str(file), "--queue").output

    assert "waits for a worker" in said
    assert "winback worker" in said


def test_a_campaign_that_is_not_there_lists_those_that_are(type_in: Type, file: Path) -> None:
    type_in("import", str(file), "--numbers", "generate")
    type_in("campaign", "create", "Spring", "--where", "plan=S", "--yes")

    assert "'Spring'" in type_in("campaign", "start", "Autumn", code=2).output
    assert "already" in type_in("campaign", "create", "Spring", code=2).output
    type_in("campaign", "finish", "Spring")
    assert "is finished" in type_in("campaign", "start", "Spring", code=1).output


def test_a_campaign_counts_before_it_saves_and_holds_some_out(type_in: Type, file: Path) -> None:
    type_in("import", str(file), "--numbers", "generate")
    chosen = ("--where", "plan=S", "--hold-out", "0.5")
    said = type_in("campaign", "create", "Spring", *chosen, "--with-left").output

    # half are held out; of the others a tenth is left to a coin, which calls every second one
    assert "200 customers match, 200 go on the list, about 95 will be called" in said
    assert "About 100 of the list are held out" in said
    assert "133 customers match" in type_in("campaign", "create", "x", *chosen, "--try").output
    assert "would be empty" in type_in("campaign", "create", "x", "--where", "plan=Q", code=1).output


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--where", "plan"), "Not a condition"),
        (("--trunk", "moon"), "main"),
        (("--queue", "nowhere"), "outbound"),
        (("--caller-id", "+999123456789"), "+442079460001"),
        (("--caller-id", "+442079460001\r\nX: y"), "control character"),
        (("--hold-out", "2"), "0.9"),
    ],
)
def test_options_that_make_no_sense_say_what_would(type_in: Type, words: tuple[str, ...], named: str) -> None:
    assert named in type_in("campaign", "create", "x", *words, code=2).output


def test_each_command_out_of_turn_names_the_one_that_comes_first(type_in: Type, tmp_path: Path) -> None:
    assert "winback import FILE" in type_in("train", code=2).output
    assert "winback train" in type_in("score", code=2).output
    assert "winback train" in type_in("campaign", "create", "A", "--top", "5", code=1).output
    assert "there is no file" in type_in("import", str(tmp_path / "nothing.csv"), code=2).output


def test_an_audit_of_a_queue_that_is_none_is_refused_with_those_there_are(type_in: Type) -> None:
    assert "there are support." in type_in("callbacks", "audit", "--queue", "suport", code=2).output
    assert "No promise" in type_in("callbacks", "audit", "--queue", "support").output


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("move", "--day", "2026-11-24", "--to", "2020-01-01"), 2, "--to 2020-01-01 is past; today is"),
        (("move", "--day", "2999-11-24", "--to", "2999-11-25"), 0, "No call was to be made on 2999-11-24"),
        (("move", "--day", "2999-11-24", "--to", "2999-11-25", "--queue", "x"), 2, "there are support."),
        (("unkept", "--note", "rang them"), 2, "--done"),
        (("held", "--ring"), 0, "No promise waits for a decision."),
    ],
)
def test_words_about_promises_that_do_nothing_say_why(
    type_in: Type, words: tuple[str, ...], code: int, said: str
) -> None:
    assert said in type_in("callbacks", *words, code=code).output


@pytest.mark.parametrize("day", ["tomorrow", "2026-13-01", "24.11.2026"])
def test_what_is_no_day_is_told_how_days_are_written(type_in: Type, day: str) -> None:
    for command in (("staffing", "--day"), ("callbacks", "audit", "--from"), ("report", "inbound", "--to")):
        said = type_in(*command, day, code=2).output.replace("│", " ")
        assert "is no day; expected: one such as 2026-12-31" in " ".join(said.split())
