"""Taking messages out of the outbox: who wants to hear of a step, what is said, and what came of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from callbacks.limits import refuse_number
from dialer.core.compliance.catalogue import SENTENCES
from dialer.core.outbox.message import HELD_FOR, Delivery, Impossible, MessageChannel, plan_next_try
from dialer.core.outbox.signed_links import LinkPurpose, proof_code, sign_link
from dialer.core.outbox.texts import TextFacts, language_of, write_text
from dialer.db.models import OutboxMessage, Promise
from dialer.db.queries import outbox, promises
from dialer.db.session import Database, Transaction
from dialer.services.calls.callback_limits import limits_for
from dialer.services.customers.dialing_regions import number_facts
from dialer.services.outbox.events import OutgoingEvent, ready_event
from dialer.services.outbox.mails import OutgoingMail, ready_mail
from dialer.services.outbox.outbox import MOBILE, add_text
from dialer.services.surveys.surveys import ASKED, survey_link
from dialer.settings import Settings
from telephony.numbers import E164, NumberError

AT_ONCE: Final = 50  # steps told of in one transaction: it lasts some hundredths of a second
#: the texts that a step asks for; the others are asked for by whoever knows more than the step
TEXT_OF: Final[Mapping[str, str]] = {
    "promise.made": "promise.made",
    "promise.miss": "promise.missed",
    "promise.cancel": "promise.cancelled",
    "promise.give_up": "promise.closed",
    "promise.talked": "promise.kept",
}
#: what is of no use once the promise is over
WHILE_OPEN: Final = frozenset(
    {
        "promise.made",
        "promise.moved",
        "promise.put_off",
        "promise.outage",
        "promise.busy",
        "promise.handed_on",
        "promise.missed",
    }
)
CODE: Final = "proof.code"
SOON: Final = timedelta(hours=1)  # a call within it may come any minute: no time is told


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingText:
    """One text, as a gateway is given it; `key` is the same at every try."""

    key: str
    to: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenMessage:
    """A message that is this courier's for a minute; `ready` is what to send, or why it cannot be."""

    id: int
    tries: int
    endpoint: str
    created_at: datetime
    expires_at: datetime | None
    ready: OutgoingText | OutgoingEvent | OutgoingMail | Impossible


class TextGateway(Protocol):
    """Takes texts to people's phones."""

    def send(self, text: OutgoingText) -> Delivery:
        """Hand one text over; returns within seconds and raises nothing."""
        ...


class WebhookSender(Protocol):
    """Takes events to other programs."""

    def post(self, event: OutgoingEvent) -> Delivery:
        """Hand one event over; returns within seconds and raises nothing."""
        ...


def spread_events(database: Database, settings: Settings, now: datetime) -> int:
    """Turn steps into a message to each who wants to hear of it, in one transaction; how many steps.

    A step that nobody wants to hear of is gone with it.
    """
    with database.write() as tx:
        events = outbox.take(tx, MessageChannel.EVENT, now, now + HELD_FOR, AT_ONCE)
        for event in events:
            promise = promises.find(tx, event.promise_id)
            if promise is not None:
                _spread(tx, settings, event, promise, now)
            outbox.remove(tx, event.id)
        return len(events)


def _spread(
    tx: Transaction, settings: Settings, event: OutboxMessage, promise: Promise, now: datetime
) -> None:
    data = {
        **event.data,
        "promise": promise.id,
        "reference": promise.reference,
        "queue": promise.queue,
        "customer": promise.customer_id,
    }
    for endpoint in settings.webhooks:
        outbox.add(
            tx,
            MessageChannel.WEBHOOK,
            event.kind,
            event.created_at,
            key=f"{event.key}-{endpoint.name}",
            endpoint=endpoint.name,
            data=data,
            promise_id=promise.id,
        )
    kind = TEXT_OF.get(event.kind)
    if settings.texts.way != "none" and kind in settings.texts.kinds:
        add_text(tx, promise, kind, now, key=f"{event.key}-text")


def take_message(
    database: Database, settings: Settings, now: datetime, *, but: Collection[str] = ()
) -> TakenMessage | None:
    """Take what is due first and write down that it is tried: texts, then events, then mails.

    `but` are endpoints that are left alone; a text's is the empty one.
    """
    with database.write() as tx:
        for channel in (MessageChannel.TEXT, MessageChannel.WEBHOOK, MessageChannel.MAIL):
            for row in outbox.take(tx, channel, now, now + HELD_FOR, 1, but=but):
                return TakenMessage(
                    id=row.id,
                    tries=row.tries,
                    endpoint=row.endpoint,
                    created_at=row.created_at,
                    expires_at=row.expires_at,
                    ready=_ready(tx, database, settings, row, now),
                )
    return None


def note_delivery(database: Database, taken: TakenMessage, result: Delivery, now: datetime) -> bool:
    """Write down what came of a try; False where somebody else has the message by now."""
    plan = plan_next_try(
        result, tries=taken.tries, created_at=taken.created_at, expires_at=taken.expires_at, now=now
    )
    with database.write() as tx:
        return outbox.end_try(tx, taken.id, taken.tries, plan, now)


def _ready(
    tx: Transaction, database: Database, settings: Settings, row: OutboxMessage, now: datetime
) -> OutgoingText | OutgoingEvent | OutgoingMail | Impossible:
    if row.expires_at is not None and row.expires_at <= now:
        return Impossible(why="it is too late for it")
    if row.channel is MessageChannel.WEBHOOK:
        return ready_event(tx, settings, row, now)
    if row.channel is MessageChannel.MAIL:
        return ready_mail(tx, settings, row, now)
    promise = promises.find(tx, row.promise_id)
    never = _never_texted(tx, database, settings, row, promise)
    if never is not None:
        return Impossible(why=never)
    words = write_text(
        row.kind,
        language_of(row.language, settings.web.language),
        replace(
            text_facts(settings, row.e164, promise, request=row.data.get("request"), now=now),
            answer=survey_link(settings, row.data["survey"], now) if row.kind == ASKED else "",
        ),
    )
    return OutgoingText(key=row.key, to=row.e164, words=words)


def _never_texted(
    tx: Transaction, database: Database, settings: Settings, row: OutboxMessage, promise: Promise | None
) -> str | None:
    """Why this text goes to nobody, looked at when it is sent: what was harmless before may be blocked."""
    if settings.texts.way == "none":
        return "no texts are sent (texts.way)"
    if row.kind == ASKED and not settings.survey.ask:
        return "nobody is asked any more (survey.ask)"
    if row.kind not in {CODE, ASKED} and row.kind not in settings.texts.kinds:
        return "texts of this kind are not sent (texts.kinds)"
    if row.kind in WHILE_OPEN and (promise is None or promise.ended_at is not None):
        return "the promise is over"
    try:
        number = E164.parse(row.e164)
    except NumberError:
        return "it is no number"
    if number.kind not in MOBILE:
        return "it is not a mobile number"
    refused = refuse_number(number, limits_for(tx, database.policy, row.e164))
    return SENTENCES[refused.rule] if refused is not None else None


def text_facts(
    settings: Settings, e164: str, promise: Promise | None, *, request: int | None = None, now: datetime
) -> TextFacts:
    """What a text to this number may tell."""
    zones = number_facts(e164).zones
    public = settings.public
    key = public.key.get_secret_value().encode() if public.key is not None else b""
    link = ""
    if promise is not None and public.open and promise.ended_at is None:
        link = promise_link(settings, promise, now)
    return TextFacts(
        name=settings.texts.name,
        reference=promise.reference if promise is not None else "",
        window=_window(promise, now) if promise is not None else None,
        zone=zones[0] if len(zones) == 1 else settings.queues.zone,
        link=link,
        code=proof_code(request, e164, key) if request is not None and key else "",
    )


def _window(promise: Promise, now: datetime) -> tuple[datetime, datetime | None] | None:
    """What was told while it can still hold; else from when on the next call comes, if that is a while."""
    next_call = promise.next_action_at
    if promise.said_from is not None and promise.said_until is not None and promise.said_until > now:
        put_off = next_call is not None and next_call >= promise.said_until  # by a closing, or a night
        if not put_off:
            return promise.said_from, promise.said_until
    return (next_call, None) if next_call is not None and next_call > now + SOON else None


def promise_link(settings: Settings, promise: Promise, now: datetime) -> str:
    """The address at which whoever has it may look at, move or cancel one promise."""
    public = settings.public
    if public.key is None:
        raise ValueError("links need public.key")
    ends_at = max(now, promise.said_until or now) + timedelta(days=public.link_days)
    token = sign_link(LinkPurpose.PROMISE, promise.id, ends_at, public.key.get_secret_value().encode())
    return f"{public.address}/c/{token}"
