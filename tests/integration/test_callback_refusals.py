"""Each rule against a promise, as a caller in the dialogue meets it: same rule id, and back in the queue."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import text

from dialer.bootstrap import App, open_app
from dialer.core.agents.floor import FloorState
from dialer.engine.callback_ivr import make_capture
from dialer.engine.callback_offers import CallbackOffers
from dialer.services.promises.callback_blocks import block_number
from dialer.settings import CallbackSettings, Settings
from telephony.calls.events import CallerJoined

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOME = "+442079460123"
OTHERS = ("+442079460124", "+442079460125", "+442079460126")


@dataclass
class Line:
    """A caller who shows a number and presses these keys."""

    unique_id: str
    shown: str
    keys: list[str]
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def request(self) -> SimpleNamespace:
        return SimpleNamespace(unique_id=self.unique_id, caller=self.shown, language="en")

    async def play(self, prompt: str, keys: str) -> None:
        del prompt, keys

    async def say_digits(self, digits: str, keys: str) -> None:
        del digits, keys

    async def say_number(self, number: int, keys: str) -> None:
        del number, keys

    async def ask_digits(self, prompt: str, **bounds: Any) -> str:
        del prompt, bounds
        return self.keys.pop(0) if self.keys else ""

    async def set_variable(self, name: str, value: str) -> None:
        self.variables[name] = value


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """A centre in Britain whose clock stands still at noon."""
    callbacks = CallbackSettings(source_per_hour=2, source_per_day=9, all_per_hour=3, all_per_day=9)
    with open_app(Settings(data_dir=tmp_path, callbacks=callbacks)) as app:
        yield replace(app, clock=lambda: NOON)


def calls(app: App, caller: str, shown: str, *keys: str) -> bool:
    """Whether this caller, who presses these keys, is promised a call."""
    floor = FloorState(inbound="support")
    floor.see(CallerJoined(at=NOON, caller=caller, queue="support", number=shown, position=1))
    view = SimpleNamespace(floor=floor, offers=CallbackOffers(app, floor), ready=False)
    line = Line(caller, shown, list(keys))
    asyncio.run(make_capture(app, lambda: cast("Any", view))(cast("Any", line)))
    return line.variables.get("CB_OK") == "1"


def refused(app: App) -> list[str]:
    """The rules that refused, oldest first."""
    with app.database.read() as tx:
        return list(tx.scalars(text("SELECT rule FROM refusal ORDER BY id")))


@pytest.mark.parametrize(
    ("typed", "rule"),
    [
        ("0025261234567", "number.region"),
        ("005351234567", "number.region"),
        ("00881612345678", "number.class.global"),
        ("07012345678", "number.class.personal"),
        ("09098790123", "number.class.premium"),
        ("1234", "number.impossible"),
    ],
)
def test_a_typed_number_that_is_not_called_back_is_refused_by_its_rule(
    app: App, typed: str, rule: str
) -> None:
    assert not calls(app, "1", HOME, "2", typed, typed, "1")
    assert [rule] * 2 == refused(app)


def test_a_shown_number_from_abroad_is_refused_and_another_one_asked_for(app: App) -> None:
    assert calls(app, "1", "+4722123456", HOME.replace("+44", "0"), "1")
    assert ["number.region"] == refused(app)


def test_a_blocked_caller_is_not_offered_a_call_and_a_blocked_number_not_confirmed(app: App) -> None:
    block_number(app.database, HOME, "did not ask", "anna", NOON)

    assert not calls(app, "1", HOME, "1")
    assert not calls(app, "2", OTHERS[0], "2", HOME.replace("+44", "0"), "1")
    assert ["number.blocked"] * 2 == refused(app)


def test_a_calling_number_and_all_of_them_together_get_so_many_promises_an_hour(app: App) -> None:
    typed = [number.replace("+44", "0") for number in OTHERS]
    assert all(calls(app, f"{n}", HOME, "2", typed[n], "1") for n in range(2))
    assert not calls(app, "3", HOME, "2", typed[2], "1")
    assert calls(app, "4", OTHERS[2], "1")
    assert not calls(app, "5", "anonymous", HOME.replace("+44", "0"), "1")

    assert ["promise.source-hour", "promise.all-hour"] == refused(app)


@pytest.mark.parametrize("day", ["06:00-21:00", "08:00-23:30", "21:00-08:00", "all day"])
def test_hours_at_which_people_sleep_are_no_day(day: str) -> None:
    with pytest.raises(ValueError, match="day"):
        CallbackSettings(day=day)
