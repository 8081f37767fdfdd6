"""The language of a call is set on its legs before any sound, on real Asterisks."""

import asyncio

import pytest
from asterisk.tones import heard, write_tone
from bench.testbed.install import KNOWN_SUITES
from integration.test_asterisk_legs import CONSENT, RINGING, TALKS, Leg, interface, running, talk

from telephony.calls.events import Abandoned, Connected

SWEDISH_CONSENT, SWEDISH_GOODBYE, OWN_GOODBYE = 2000.0, 2300.0, 2600.0


@pytest.mark.usefixtures("asterisk")
@pytest.mark.parametrize("suite", list(KNOWN_SUITES))
def test_a_customer_hears_the_language_that_the_permit_names_and_else_the_pbxs_own(suite: str) -> None:
    async def scenario() -> None:
        async with running(suite, logged_in=False) as leg:
            sounds = leg.server.sounds
            write_tone(sounds / "sv/tones/consent.wav", SWEDISH_CONSENT, 1.0)
            write_tone(sounds / "sv/winback/information.wav", SWEDISH_GOODBYE, 1.0)
            write_tone(sounds / "winback/information.wav", OWN_GOODBYE, 1.0)
            assert await abandoned(leg, "sv") == (SWEDISH_GOODBYE,)
            assert await abandoned(leg, "") == (OWN_GOODBYE,)
            await leg.pbx.resume(interface(RINGING))
            assert await connected(leg, "sv") == (SWEDISH_CONSENT,)
            assert await connected(leg, "") == (CONSENT,)

    asyncio.run(scenario())


async def abandoned(leg: Leg, language: str) -> tuple[float, ...]:
    """What somebody hears who was called while nobody was there."""
    attempt = await call(leg, language)
    await leg.ear.of(attempt, Abandoned)
    return await asyncio.to_thread(ear, leg, attempt)


async def connected(leg: Leg, language: str) -> tuple[float, ...]:
    """What somebody hears who talks with an agent and is recorded."""
    attempt = await call(leg, language)
    await leg.ear.of(attempt, Connected)
    await talk(leg, attempt)
    await leg.end(attempt)
    return await asyncio.to_thread(ear, leg, attempt)


async def call(leg: Leg, language: str) -> str:
    leg.permits.languages[f"wb-leg{len(leg.calls):06d}"] = language
    return await leg.call(TALKS)


def ear(leg: Leg, attempt: str) -> tuple[float, ...]:
    """The prompts in the customer's ear, once the call is over."""
    sound = leg.sound(f"ears/customer-{leg.number(attempt, TALKS)}.wav")
    voices = (SWEDISH_CONSENT, SWEDISH_GOODBYE, OWN_GOODBYE, CONSENT)
    return tuple(voice for voice in voices if heard(sound, voice)[1] > 0.5)
