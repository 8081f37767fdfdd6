"""What agents and supervisors ask for, from the form and the API alike."""

from collections.abc import Collection

from dialer.bootstrap import agent_lines
from dialer.core.access.visitor import EVERYBODY, Visitor
from dialer.core.agents.leave import Leave, LeaveKind, next_moment
from dialer.core.calling.disposition import LIVE_WORDS, Disposition
from dialer.core.organisation.entries import DispositionWord
from dialer.core.organisation.house_words import word_buttons, word_named
from dialer.services.agents import agents, leaves, previews
from dialer.services.agents.closing_signals import SaidClosing, say_closing
from dialer.services.agents.contacts import zones_of
from dialer.services.agents.corrections import TakenBack, correct_disposition, take_back
from dialer.services.agents.dispositions import RecordedDisposition, record_disposition
from dialer.services.agents.drafts import keep_draft
from dialer.services.agents.leaves import Direction
from dialer.services.agents.listening import ListenAsked, ask_to_listen
from dialer.services.agents.live_calls import (
    RecordedLiveDisposition,
    record_live_disposition,
    zones_of_caller,
)
from dialer.services.agents.live_corrections import correct_live_disposition, keep_live_draft, take_back_live
from dialer.services.agents.live_links import customers_like, link_caller
from dialer.services.customers.persons import FoundCustomer
from dialer.web.dependencies import Dependencies
from dialer.web.errors import RequestError, not_found, passed
from dialer.web.languages import say
from dialer.web.schemas import (
    DirectionInput,
    DispositionFields,
    DraftForm,
    LeaveInput,
    LinkFields,
    ListenInput,
    LiveDraftForm,
    LookForForm,
    PreviewInput,
    WishInput,
    on_customers_clock,
)


def take_wish(deps: Dependencies, agent: str, form: WishInput) -> None:
    """Hand a wish to the engine. Raises `RequestError` for an agent nobody knows."""
    _known(agents.wish(deps.database, agent, form.wish))
    deps.dashboards.ring()


def take_leave(deps: Dependencies, agent: str, form: LeaveInput) -> None:
    """Plan a leave, or none. Raises `RequestError` for an unknown agent or reason."""
    leave = None
    if form.kind != "stay":
        now = deps.now()
        at = now if form.at is None else next_moment(form.at, now, deps.settings.queues.zone)
        kind = LeaveKind(form.kind)
        leave = Leave(at=at, kind=kind, reason=_reason(deps, form.reason) if kind is LeaveKind.PAUSE else "")
    _known(leaves.plan_leave(deps.database, agent, leave))
    deps.dashboards.ring()


def take_closing(deps: Dependencies, agent: str, attempt: str) -> SaidClosing:
    """Hand on that a talk or wrap-up is about to end. Raises `RequestError` where over or not theirs."""
    said = passed(say_closing(deps.database, agent, attempt, deps.now()))
    deps.dashboards.ring()
    return said


def take_disposition(
    deps: Dependencies, agent: str, attempt: str, form: DispositionFields
) -> RecordedDisposition:
    """Write down what came of a call. Raises `RequestError` where a rule refuses it.

    A moment without an offset is on the customer's clock.
    """
    again = on_customers_clock(form.call_again_at, zones_of(deps.database, attempt))
    word = _word(deps, form.disposition)
    recorded = passed(
        record_disposition(
            deps.database, agent, attempt, word.meaning, form.note, again, deps.now(), said_as=word.id
        )
    )
    deps.dashboards.ring()
    return recorded


def take_live_disposition(
    deps: Dependencies, agent: str, caller: str, form: DispositionFields
) -> RecordedLiveDisposition:
    """Write down what came of a live caller's call. Raises `RequestError` where a rule refuses it."""
    again = on_customers_clock(form.call_again_at, zones_of_caller(deps.database, agent, caller))
    word = _word(deps, form.disposition, LIVE_WORDS)
    recorded = passed(
        record_live_disposition(
            deps.database, agent, caller, word.meaning, form.note, again, deps.now(), said_as=word.id
        )
    )
    deps.dashboards.ring()
    return recorded


def take_correction(
    deps: Dependencies, agent: str, attempt: str, form: DispositionFields
) -> RecordedDisposition:
    """Say another word of a call instead. Raises `RequestError` where a rule refuses it."""
    again = on_customers_clock(form.call_again_at, zones_of(deps.database, attempt))
    word = _word(deps, form.disposition)
    corrected = passed(
        correct_disposition(
            deps.database, agent, attempt, word.meaning, form.note, again, deps.now(), said_as=word.id
        )
    )
    deps.dashboards.ring()
    return corrected


def take_undo(deps: Dependencies, agent: str, attempt: str) -> TakenBack:
    """Take a word back. Raises `RequestError` where a rule refuses it."""
    taken = passed(take_back(deps.database, agent, attempt, deps.now()))
    deps.dashboards.ring()
    return taken


def take_live_correction(
    deps: Dependencies, agent: str, caller: str, form: DispositionFields
) -> RecordedLiveDisposition:
    """Say another word of a live caller's call instead. Raises `RequestError` where a rule refuses it."""
    again = on_customers_clock(form.call_again_at, zones_of_caller(deps.database, agent, caller))
    word = _word(deps, form.disposition, LIVE_WORDS)
    corrected = passed(
        correct_live_disposition(
            deps.database, agent, caller, word.meaning, form.note, again, deps.now(), said_as=word.id
        )
    )
    deps.dashboards.ring()
    return corrected


def take_live_undo(deps: Dependencies, agent: str, caller: str) -> TakenBack:
    """Take back the word of a live caller's call. Raises `RequestError` where a rule refuses it."""
    taken = passed(take_back_live(deps.database, agent, caller, deps.now()))
    deps.dashboards.ring()
    return taken


def take_live_draft(deps: Dependencies, agent: str, form: LiveDraftForm) -> None:
    """Keep what was typed of a live caller and not sent. Raises `RequestError` where a rule refuses it."""
    passed(keep_live_draft(deps.database, agent, form.attempt, form.note, form.call_again_at))


def find_for_caller(deps: Dependencies, agent: str, form: LookForForm) -> tuple[FoundCustomer, ...]:
    """Who an agent's live caller may be. Raises `RequestError` where they have no such caller."""
    region = deps.settings.calling.default_region
    return passed(customers_like(deps.database, agent, form.attempt, form.who, region))


def take_link(deps: Dependencies, agent: str, caller: str, form: LinkFields) -> None:
    """Say who a live caller is. Raises `RequestError` where a rule refuses it, or for no such customer."""
    if not passed(link_caller(deps.database, agent, caller, form.customer, deps.now())):
        raise not_found("customer")
    deps.dashboards.ring()


def take_draft(deps: Dependencies, agent: str, form: DraftForm) -> None:
    """Keep what was typed and not sent. Raises `RequestError` where a rule refuses it."""
    passed(keep_draft(deps.database, agent, form.attempt, form.note, form.call_again_at, deps.now()))


def take_direction(deps: Dependencies, agent: str, form: DirectionInput, actor: str) -> None:
    """A supervisor's word. Raises `RequestError` for an unknown agent or reason."""
    reason = _reason(deps, form.reason) if form.act == "pause" else ""
    direction = Direction(act=form.act, why=form.why, reason=reason)
    _known(leaves.direct_agent(deps.database, agent, direction, deps.now(), actor))
    deps.dashboards.ring()


def take_listening(deps: Dependencies, agent: str, form: ListenInput, visitor: Visitor, actor: str) -> None:
    """Put a supervisor on an agent's call. Raises `RequestError` where that cannot be."""
    policy = deps.settings.web.floor.listening
    if policy == "off":
        raise RequestError("listen.off", "Nobody listens to calls in this centre (web.floor.listening).")
    # whose phone rings is the visitor's own; where nobody logs in, they say whose
    listener = form.phone if visitor is EVERYBODY else visitor.agent
    asked = ListenAsked(agent=agent, listener=listener or "", mode=form.mode)
    lines = agent_lines(deps.settings)
    try:
        refused = ask_to_listen(deps.database, lines, asked, deps.now(), actor, tell=policy == "told")
    except LookupError:
        raise not_found("agent") from None
    if refused is not None:
        raise RequestError(refused.code, refused.sentence)
    deps.dashboards.ring()


def take_preview(deps: Dependencies, agent: str, form: PreviewInput) -> None:
    """Call or skip the customer before the agent. Raises `RequestError` where that preview is over."""
    if form.act == "call":
        done = previews.ask_for_call(deps.database, agent, form.lead)
    else:
        done = previews.skip_preview(deps.database, agent, form.lead, form.reason, deps.now())
    if not done:
        raise RequestError("preview.over", "This customer is no longer yours to call: the time was over.")
    deps.dashboards.ring()


def _word(
    deps: Dependencies, given: str, meanings: Collection[Disposition] = frozenset(Disposition)
) -> DispositionWord:
    """The house's word that was given. Raises `RequestError` for one it has not, or not for such a call."""
    words = deps.organisation.dispositions
    named = word_named(words, given)
    if named is None or named.meaning not in meanings:
        known = ", ".join(button.id for button in word_buttons(words, meanings))
        why = say("What came of such a call is one of: %(words)s.", words=known)
        raise RequestError("disposition.unknown", why)
    return named


def _reason(deps: Dependencies, reason: str) -> str:
    known = deps.settings.pause_reasons
    if not reason:
        return known[0]
    if reason not in known:
        why = say("A pause is for one of: %(reasons)s.", reasons=", ".join(known))
        raise RequestError("pause.reason-unknown", why)
    return reason


def _known(done: bool) -> None:  # noqa: FBT001 - the answer of a service, looked at once
    if not done:
        raise not_found("agent")
