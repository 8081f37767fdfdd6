"""What happens in a made-up centre before somebody looks: one function a scene, on top of a busy morning."""

import io
import wave
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from dialer.core.agents.state import AgentState
from dialer.core.calling.disposition import Disposition
from dialer.core.calling.list_condition import Narrowed, read_condition
from dialer.core.calling.list_filter import ListFilter
from dialer.core.outbox.message import Delivered, Delivery, NotDelivered
from dialer.core.retention.allowance import OfferTerms
from dialer.core.retention.contact_reason import ContactReason
from dialer.db.queries.recordings import ChosenTalks
from dialer.db.queries.recordings import talks as recorded_talks
from dialer.messaging_settings import TextSettings, WebhookSettings
from dialer.services.calls.inbound_calls import record_caller
from dialer.services.campaigns.saved_lists import save_list
from dialer.services.outbox.delivery import note_delivery, spread_events, take_message
from dialer.services.outbox.events import OutgoingEvent
from dialer.services.retention.allowances import AskedOffer, decide_offer, give_offer
from dialer.services.retention.offer_list import OfferDraft, add_offer, close_offer
from dialer.settings import Settings
from telephony.calls.events import CallerConnected, CallerJoined
from tests.browser.seeded import PBX, Seeded, web_settings

CALLER: Final = "1700000000.9"
RATE: Final = 8000  # samples a second, as a telephone's sound has
OFFERS: Final = (
    ("Two months at half price", 44.0, 190.0, OfferTerms(per_customer=1, per_agent=2)),
    ("Free router", 40.0, None, OfferTerms(per_team=10, per_day=20, valid_until=date(2026, 12, 31))),
    ("A fifth off for two years", 120.0, 260.0, OfferTerms(per_customer=1, per_agent=0)),
    ("Summer gift", 15.0, None, OfferTerms()),
)


def folder_of(seeded: Seeded) -> Path:
    """Where its database lies."""
    return Path(seeded.database.url.removeprefix("sqlite:///")).parent


def seen_settings(seeded: Seeded) -> Settings:
    """Pages of a centre that texts, tells a CRM, and whose recordings are seen."""
    plain, root = web_settings(), folder_of(seeded) / "monitor"
    (root / plain.pbx.names.prefix).mkdir(parents=True, exist_ok=True)
    crm = WebhookSettings(name="crm", url="https://crm.example.com/winback", secret=SecretStr("s" * 24))
    return plain.model_copy(
        update={
            "sound": plain.sound.model_copy(update={"record": True, "recordings": root}),
            "texts": TextSettings(way="file", name="Northlight"),
            "webhooks": [crm],
        }
    )


def rings(seeded: Seeded) -> None:
    seeded.agent("ben", AgentState.RINGING, attempt=seeded.ring(agent="ben"))


def talks(seeded: Seeded) -> None:
    seeded.connect(seeded.ring(), "ben")
    seeded.later(42)
    seeded.show()


def promised(seeded: Seeded) -> None:
    seeded.connect(seeded.ring(promise=True), "ben")
    seeded.later(12)
    seeded.show()


def caller(seeded: Seeded) -> None:
    for fact in (
        CallerJoined(at=seeded.now, caller=CALLER, queue="support", number="+441632960777", position=1),
        CallerConnected(at=seeded.now, caller=CALLER, queue="support", agent="ben"),
    ):
        record_caller(seeded.database, PBX, "GB", fact, seeded.now)
    seeded.agent("ben", AgentState.TALKING, caller=CALLER)


def wraps_up(seeded: Seeded) -> None:
    attempt = seeded.ring()
    seeded.connect(attempt, "ben")
    seeded.later(90)
    seeded.hang_up(attempt, "ben")


def pauses(seeded: Seeded) -> None:
    seeded.agent("ben", AgentState.PAUSED, reason="lunch")


def keeps_list(seeded: Seeded) -> None:
    where = tuple(map(read_condition, ("Contract = One year", "@last_contact not in last 30 days")))
    filters = ListFilter(min_risk=0.3, narrowed=Narrowed(where=where))
    save_list(seeded.database, "Loyal, at risk", seeded.now, "mia", filters=filters, top=500)


def gives_offers(seeded: Seeded) -> None:
    """Talks with offers in them: some within the limit, one allowed above it, one refused."""
    offers = [
        add_offer(
            seeded.database,
            OfferDraft(
                name=name, words=f"I would like to give you: {name}.", cost=cost, margin=margin, terms=terms
            ),
            "mia",
            seeded.now,
        ).id
        for name, cost, margin, terms in OFFERS
    ]
    close_offer(seeded.database, offers[-1], "mia", seeded.now, closed=True)
    words = (Disposition.SAVED, Disposition.SAVED, Disposition.LOST)
    for turn in range(9):
        attempt = seeded.ring()
        seeded.connect(attempt, "dev")
        given = give_offer(seeded.database, "dev", attempt, offers[turn % 3], ContactReason.PRICE, seeded.now)
        assert isinstance(given, AskedOffer), given
        if given.why:
            decide_offer(seeded.database, "dev", given.given, "mia", seeded.now, allow=turn % 2 == 0)
        seeded.later(80)
        seeded.hang_up(attempt, "dev")
        seeded.say(attempt, "dev", words[turn % len(words)])


def records_talks(seeded: Seeded) -> None:
    """There is a recording of each talk: silence, of the length of the talk."""
    settings = seen_settings(seeded)
    assert settings.sound.recordings is not None
    day = timedelta(days=1)
    with seeded.database.read() as tx:
        ended = recorded_talks(tx, ChosenTalks(since=seeded.now - day, until=seeded.now + day), 100)
    for talk in ended:
        written = io.BytesIO()
        with wave.open(written, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(RATE)
            sound.writeframes(bytes(2 * RATE * round(talk.talk_s or 0)))
        path = settings.sound.recordings / settings.pbx.names.prefix / f"{talk.call}.wav"
        path.write_bytes(written.getvalue())


def sends_messages(seeded: Seeded) -> None:
    """The messages of the morning leave the house: some arrive, some do not, the last ones wait."""
    settings = seen_settings(seeded)
    while spread_events(seeded.database, settings, seeded.now):
        pass
    turn = 0
    while (taken := take_message(seeded.database, settings, seeded.now)) is not None:
        turn += 1
        result: Delivery = Delivered()
        if turn % 7 == 0:
            to_program = isinstance(taken.ready, OutgoingEvent)
            result = NotDelivered(
                why="it answered 503" if to_program else "it answered 400", lasting=not to_program
            )
        note_delivery(seeded.database, taken, result, seeded.now)
    seeded.promise(9)
    spread_events(seeded.database, settings, seeded.now)
