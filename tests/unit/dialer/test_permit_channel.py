"""Only the attempt's own channel is given its permit; nothing is consumed for another."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from dialer.engine.dial_permit import make_dial_permit
from telephony.asterisk.agi.wire import Request


class Asked:
    """A talk with the dialplan that keeps what it was told."""

    def __init__(self, channel: str) -> None:
        self.request = Request(fields={"extension": "wb-12345678", "uniqueid": channel})
        self.told: dict[str, str] = {}

    async def set_variable(self, name: str, value: str) -> None:
        self.told[name] = value


@pytest.mark.parametrize("channel", ["", "wb-12345678;1", "wb-87654321", "wb-87654321;2", "1700000000.1"])
def test_another_channel_than_the_attempts_own_gets_a_refusal_and_leaves_the_attempt_alone(
    channel: str,
) -> None:
    without_a_database: Any = SimpleNamespace()  # whoever looked into it would fail
    asked: Any = Asked(channel)
    asyncio.run(make_dial_permit(without_a_database)(asked))

    assert asked.told == {"WB_RULE": "attempt.unknown"}
