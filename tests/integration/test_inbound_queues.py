"""Each inbound queue offers by its own policy: its own wait, its own promises, a call by default."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from callbacks.lifecycle import PromiseState
from dialer.bootstrap import App, open_app
from dialer.core.agents.floor import FloorState
from dialer.db.queries import promises
from dialer.engine.callback_ivr import make_capture
from dialer.engine.callback_offers import CallbackOffers
from dialer.engine.callback_waits import make_wait_teller
from dialer.inbound_settings import InboundSettings
from dialer.pbx_settings import QueueSettings
from dialer.services.promises.promises import MadePromise, PromiseRequest, make_promise
from dialer.settings import CallbackSettings, Settings
from telephony.calls.events import CallerJoined, CallerLeft, Device, MemberSeen
from telephony.errors import HungUp

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MOBILE = "07700900123"


@dataclass
class Line:
    """A caller's channel: what is heard on it, and the keys that are pressed when something is asked.

    `leaves_after`: hangs up once this has been said.
    """

    caller: str
    queue: str = "support"
    keys: list[str] = field(default_factory=list)
    leaves_after: str = ""
    heard: list[str] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    hung_up: bool = False

    @property
    def request(self) -> SimpleNamespace:
        return SimpleNamespace(unique_id=self.caller, caller=MOBILE, language="sv", extension=self.queue)

    async def play(self, prompt: str, keys: str) -> None:
        del keys
        self._hear(prompt.removeprefix("winback/"))

    async def say_digits(self, digits: str, keys: str) -> None:
        del keys
        self._hear(digits)

    async def say_number(self, number: int, keys: str) -> None:
        del keys
        self._hear(str(number))

    async def ask_digits(self, prompt: str, **bounds: Any) -> str:
        del bounds
        self._hear(prompt.removeprefix("winback/"))
        return self.keys.pop(0) if self.keys else ""

    async def record(self, sound: str, **bounds: Any) -> None:
        del bounds
        self._hear(f"records {sound}")

    async def set_variable(self, name: str, value: str) -> None:
        if self.hung_up:
            raise HungUp("the caller left")
        self.variables[name] = value

    def _hear(self, said: str) -> None:
        if self.hung_up:
            raise HungUp("the caller left")
        self.heard.append(said)
        self.hung_up = said == self.leaves_after


class House:
    """A centre of one agent, whose calls take twenty minutes, and its queues."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.floor = FloorState(inbound="support", further=app.settings.queues.callers())
        self.offers = CallbackOffers(app, self.floor)
        self.member = MemberSeen(
            at=NOON, queue="support", agent="a1", interface="Local/a1@winback-agents/n",
            device=Device.IN_USE, paused=False, reason="", in_call=True,
        )  # fmt: skip
        self.floor.see(self.member)
        self.view: Any = SimpleNamespace(floor=self.floor, offers=self.offers, ready=True, leads=True)

    def agent_is_free(self) -> None:
        self.floor.see(
            replace(self.member, device=Device.FREE, in_call=False, at=NOON + timedelta(seconds=1))
        )

    def waits(self, caller: str, queue: str) -> None:
        at = NOON - timedelta(minutes=5)
        self.floor.see(CallerJoined(at=at, queue=queue, caller=caller, number=None, position=1))

    def rings_in(self, line: Line) -> Line:
        asyncio.run(make_wait_teller(self.app, lambda: self.view)(cast("Any", line)))
        return line

    def presses_one(self, line: Line) -> Line:
        fact = CallerJoined(at=NOON, queue=line.queue, caller=line.caller, number=MOBILE, position=1)
        self.floor.see(fact)
        self.floor.see(CallerLeft(at=NOON, queue=line.queue, caller=line.caller, abandoned=False))
        asyncio.run(make_capture(self.app, lambda: self.view)(cast("Any", line)))
        return line

    def promise(self, caller: str) -> Any:
        with self.app.database.read() as tx:
            found = promises.of_call(tx, caller)
            if found is not None:
                tx.expunge(found)
            return found


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Support books by default from ten minutes on, sales offers by key and lets choose and say why."""
    policies = [
        InboundSettings.model_validate({"offer": "default"}),
        InboundSettings(queue="sales", choose_time=True, record_reason=True),
    ]
    settings = Settings(
        data_dir=tmp_path,
        callbacks=CallbackSettings(call_s=1200.0, promises_per_day=5, source_per_hour=5),
        queues=QueueSettings(policies=policies),
    )
    with open_app(settings) as app:
        yield House(replace(app, clock=lambda: NOON))


def test_at_overload_a_call_is_booked_before_it_is_said_and_rung_once_the_caller_is_gone(
    house: House,
) -> None:
    line = house.rings_in(Line("1"))
    promise = house.promise("1")

    assert line.heard[:3] == ["wait-less", "35", "minutes"]
    assert line.heard[-1] == "goodbye"
    assert line.heard.index("booked") < line.heard.index("07700900123") < line.heard.index("booked-or-stay")
    assert line.variables["CB_OK"] == "1"
    assert (promise.queue, promise.language, promise.state) == ("support", "sv", PromiseState.WAITING)
    assert promise.virtual_join == NOON
    assert promise.rung_from < NOON + timedelta(seconds=10), "the dialplan has hung up by now"
    assert house.floor.line.seats() == ()


def test_while_an_agent_is_free_nobody_is_booked(house: House) -> None:
    house.agent_is_free()
    line = house.rings_in(Line("1"))

    assert (line.heard, line.variables) == ([], {})
    assert house.promise("1") is None


def test_who_presses_two_waits_at_the_place_of_their_ringing_in_and_nothing_is_promised(house: House) -> None:
    line = house.rings_in(Line("1", keys=["2"]))
    promise = house.promise("1")

    assert line.heard[-1] == "place-kept"
    assert (line.variables["CB_OK"], line.variables["CB_POSITION"]) == ("", "1")
    assert (promise.state, promise.end_reason) == (PromiseState.CANCELLED, "stays on the line")
    assert house.floor.joined["1"] == NOON


@pytest.mark.parametrize(("leaves_after", "promised"), [("minutes", False), ("booked", True)])
def test_a_hang_up_counts_from_the_moment_it_is_booked(
    house: House, leaves_after: str, *, promised: bool
) -> None:
    house.rings_in(Line("1", leaves_after=leaves_after))

    assert (house.promise("1") is not None) is promised


def test_queues_wait_for_themselves_alone(house: House) -> None:
    for number in range(4):
        house.waits(f"s{number}", "support")
    long = house.rings_in(Line("1", "support"))
    short = house.presses_one(Line("2", "sales", keys=["1", "1", "1"]))
    promise = house.promise("2")

    assert long.heard[0] == "wait-between", "four stand in front"
    assert short.heard[:2] == ["wait-less", "35"], "nobody waits in sales"
    assert promise is None, "there is one promise a number, whatever the queue"
    assert short.heard[-3:] == ["already-open", "to-change-or-cancel", "place-kept"]


@pytest.mark.parametrize("queue", ["support", "sales"])
def test_who_rings_in_cancels_the_call_that_stands_by_key_and_waits(house: House, queue: str) -> None:
    house.rings_in(Line("1"))
    keys = ["3"] if queue == "support" else ["1", "1", "3"]
    again = Line("2", queue, keys=keys)
    again = house.rings_in(again) if queue == "support" else house.presses_one(again)
    promise = house.promise("1")

    assert again.heard[-2:] == ["no-longer", "place-kept"]
    assert "CB_OK" not in again.variables or again.variables["CB_OK"] == ""
    assert (promise.state, promise.end_reason) == (PromiseState.CANCELLED, "no longer needed")


def test_who_rings_in_moves_the_call_that_stands_to_a_free_hour_and_is_let_go(house: House) -> None:
    house.rings_in(Line("1"))
    again = house.presses_one(Line("2", "sales", keys=["1", "1", "2", "1"]))
    promise = house.promise("1")

    assert "at-time" in again.heard
    assert again.heard[-1] == "goodbye"
    assert again.variables["CB_OK"] == "1"
    assert promise.state is PromiseState.WAITING
    assert promise.wanted_from > NOON
    assert house.promise("2") is None


def test_a_free_hour_is_read_out_chosen_by_key_and_promised(house: House) -> None:
    line = house.presses_one(Line("1", "sales", keys=["1", "2", "2"]))
    promise = house.promise("1")
    asked = line.heard.index("place-or-time")

    assert line.heard[asked + 1 : asked + 8] == [
        "today",
        "hour-from",
        "13",
        "hour-to",
        "14",
        "hour-press",
        "1",
    ]
    assert line.heard[line.heard.index("at-time") + 1 :][:5] == ["tomorrow", "hour-from", "8", "hour-to", "9"]
    assert (promise.queue, promise.said_from) == ("sales", datetime(2026, 11, 24, 8, tzinfo=UTC))
    assert promise.wanted_from is not None


def test_what_callers_say_is_recorded_under_the_promises_reference_and_kept_with_it(house: House) -> None:
    line = house.presses_one(Line("1", "sales", keys=["1", "1"]))
    promise = house.promise("1")

    assert line.heard[-3:] == ["say-reason", f"records winback/reasons/{promise.reference}", "goodbye"]
    assert promise.reason_recording == f"winback/reasons/{promise.reference}"


def test_who_hangs_up_before_the_tone_said_nothing(house: House) -> None:
    house.presses_one(Line("1", "sales", keys=["1", "1"], leaves_after="say-reason"))

    assert house.promise("1").reason_recording is None


def own_promise(house: House, owner: str) -> None:
    """To the number that rings in: this agent is to call it."""
    request = PromiseRequest(
        e164="+447700900123", queue="support", source_call="desk-1", virtual_join=NOON, owner=owner
    )
    assert isinstance(make_promise(house.app.database, request, NOON), MadePromise)


def test_who_rings_in_is_led_to_the_agent_who_was_to_call_them_while_that_one_is_free(house: House) -> None:
    own_promise(house, "a1")
    assert "CB_FIRST" not in house.rings_in(Line("c1")).variables, "the agent talks"

    house.agent_is_free()
    assert house.rings_in(Line("c2")).variables["CB_FIRST"] == "desk_a1"
    joined = CallerJoined(at=NOON, queue="desk_a1", caller="c2", number=MOBILE, position=1)
    assert house.floor.line.in_queue_rung(joined) == replace(joined, queue="support")
    assert house.floor.line.in_queue_rung(replace(joined, caller="c9")).queue == "desk_a1"

    house.view.leads = False
    assert "CB_FIRST" not in house.rings_in(Line("c3")).variables, "only the engine that leads follows them"
    house.view.leads = True
    house.waits("earlier", "support")
    assert "CB_FIRST" not in house.rings_in(Line("c4")).variables, "nobody who waits is overtaken"


def test_anybody_may_answer_whose_promise_is_everybodys(house: House) -> None:
    own_promise(house, "somebody-else")
    house.agent_is_free()
    assert "CB_FIRST" not in house.rings_in(Line("c1")).variables
