"""A supervisor on an agent's call, from the page through the engine to the PBX."""

from functools import partial
from pathlib import Path

from integration.test_agents_day import HEADSET, PHONE, Day, live

from dialer.bootstrap import agent_lines
from dialer.core.agents.state import AgentState
from dialer.services.agents.listening import NO_CALL, ListenAsked, ask_to_listen
from telephony.asterisk.ami.wire import Frame
from telephony.asterisk.config.chanspy import ListenMode


def test_a_supervisors_phone_is_rung_for_the_call_and_hung_up_after_it(tmp_path: Path) -> None:
    async def scene(today: Day) -> None:
        await today.sees(HEADSET, AgentState.READY)
        today.database.customers(1)
        today.database.campaign()
        await today.talks(HEADSET)
        asked = ListenAsked(agent=HEADSET, listener=PHONE, mode=ListenMode.WHISPER)
        lines = agent_lines(today.app.settings)
        ask = partial(ask_to_listen, today.app.database, lines, asked, today.app.clock(), "lead", tell=True)
        assert ask() is None
        rung = await today.until("the phone is rung", lambda: sent(today, "originate", PHONE))
        assert (rung.get("Context"), rung.get("Exten")) == ("winback-listen", f"whisper-{HEADSET}")
        card = today.card(HEADSET)
        assert card is not None
        assert "only you hear them" in card.told

        assert today.pbx.exchange.agent_hangs_up(HEADSET)
        await today.sees(HEADSET, AgentState.WRAPPING_UP)
        await today.until("it is over with the call", lambda: sent(today, "hangup", rung.get("ChannelId")))
        assert ask() == NO_CALL

    def sent(today: Day, action: str, of: str) -> Frame | None:
        named = (frame for frame in today.tap.sent if frame.action.lower() == action)
        return next((frame for frame in named if frame.get("Channel") in {of, f"PJSIP/{of}"}), None)

    live(scene, tmp_path)
