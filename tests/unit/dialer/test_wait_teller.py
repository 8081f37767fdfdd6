"""Who rings in hears a long wait before they wait, and is never kept from the queue by it."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from callbacks.limits import CallbackLimits
from callbacks.offers import Offer
from callbacks.refusals import Refusal, Rule
from callbacks.wait_estimate import WaitWindow
from dialer.core.agents.floor import FloorState
from dialer.core.calling.policy import CallingPolicy
from dialer.engine.callback_waits import make_wait_teller
from telephony import errors
from telephony.asterisk.agi.wire import Request

LONG = Offer(queue_position=7, window=WaitWindow(from_min=20, to_min=30), middle_s=1500.0)


class OnTheWayIn:
    """A caller's channel that keeps what it was told; `gone`: it hangs up at the first word."""

    def __init__(self, *, gone: bool = False) -> None:
        self.request = Request(
            fields={"uniqueid": "1700000000.1", "callerid": "02079460123", "extension": "support"}
        )
        self.heard: list[str] = []
        self._gone = gone

    async def play(self, sound: str, keys: str) -> None:
        assert not keys
        if self._gone:
            raise errors.HungUp("the caller left")
        self.heard.append(sound.removeprefix("winback/"))

    async def say_number(self, number: int, keys: str) -> None:
        assert not keys
        self.heard.append(str(number))


def ring_in(decided: Offer | Refusal | None, *, ready: bool = True, gone: bool = False) -> list[str]:
    class Offers:
        async def foresee(self, queue: str, number: str, source: str) -> Offer | Refusal | None:
            assert (queue, number, source) == ("support", "+442079460123", "+442079460123")
            return decided

        def is_agent_free(self, queue: str) -> bool:
            return queue != "support"

    limits = CallbackLimits(regions=frozenset({"GB"}))
    app: Any = SimpleNamespace(
        settings=SimpleNamespace(calling=SimpleNamespace(default_region="GB")),
        database=SimpleNamespace(policy=CallingPolicy(callbacks=limits)),
    )
    floor = FloorState(inbound="support")
    view: Any = SimpleNamespace(leads=False, ready=ready, offers=Offers(), floor=floor)
    session: Any = OnTheWayIn(gone=gone)
    asyncio.run(make_wait_teller(app, lambda: view)(session))
    return session.heard


def test_the_wait_comes_before_the_key() -> None:
    assert ring_in(LONG) == ["wait-between", "20", "and", "30", "minutes", "press-while-waiting"]


@pytest.mark.parametrize(
    "decided",
    [
        None,
        Refusal(rule=Rule.OFFER_CLOSED),
        Offer(queue_position=1, window=None),
        Offer(queue_position=1, window=WaitWindow(from_min=0, to_min=4), middle_s=120.0),
    ],
)
def test_what_could_not_be_kept_or_is_short_is_not_announced(decided: Offer | Refusal | None) -> None:
    assert ring_in(decided) == []


def test_before_the_pbx_was_looked_at_nothing_is_said_and_a_hang_up_is_no_fault() -> None:
    assert ring_in(LONG, ready=False) == []
    assert ring_in(LONG, gone=True) == []
