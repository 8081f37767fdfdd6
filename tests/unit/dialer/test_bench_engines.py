"""What several engines on one database are held to, beside one alone."""

from typing import Any

import pytest

from dialer.cli.bench_engines import judged, summed


def said(**other: float) -> dict[str, Any]:
    return {
        "seconds": 10.0,
        "attempts": 40,
        "utilisation": 0.8,
        "cpu_share": 0.2,
        "statements_a_second": 100.0,
        "machine_share": 0.6,
    } | other


def window(*engines: dict[str, Any], refused: float = 0.0) -> dict[str, Any]:
    return summed(list(engines)) | {"refused_share": refused}


def met(alone: dict[str, Any], together: dict[str, Any]) -> list[bool]:
    return [bar.met for bar in judged(alone, together, 4)[1]]


def test_four_that_do_what_one_does_each_are_four() -> None:
    figures, bars = judged(window(said()), window(*[said()] * 4), 4)

    assert all(bar.met for bar in bars)
    assert (160, 4.0) == (figures["4 engines"]["attempts"], figures["4 engines"]["worth_engines"])


def test_four_that_get_in_each_others_way_are_not() -> None:
    assert [True, False] == met(window(said()), window(*[said(cpu_share=0.3)] * 4))


def test_attempts_opened_for_nothing_are_told() -> None:
    assert [False, True] == met(window(said()), window(*[said()] * 4, refused=0.73))


@pytest.mark.parametrize(
    ("alone", "said_so"),
    [(said(machine_share=0.9), "the machine was too busy"), (said(attempts=0), "one engine made no attempt")],
)
def test_where_it_cannot_be_told_the_ratio_is_said_and_not_judged(
    capsys: pytest.CaptureFixture[str], alone: dict[str, Any], said_so: str
) -> None:
    figures, bars = judged(window(alone), window(*[said()] * 4), 4)

    assert ["4 engines: refused, of attempts opened"] == [bar.figure for bar in bars]
    assert said_so in capsys.readouterr().err.replace("\n", " ")
    assert figures["4 engines"]["worth_engines"]
