"""What a campaign asks of the site, held against what the site has: queue, trunk and the number it shows."""

from dataclasses import dataclass

from dialer.core.compliance.windows import read_hours
from dialer.core.sentence import Plain, Sentence
from dialer.services.campaigns.campaign_changes import CampaignTerms
from dialer.services.campaigns.campaigns import CampaignDraft
from dialer.setting_names import breaks_lines
from dialer.settings import E164_SHAPE, Settings
from telephony.numbers import E164, NumberError, NumberKind


@dataclass(frozen=True, slots=True, kw_only=True)
class TermRefused:
    """Why a campaign cannot be: a stable code, and a sentence that names what there is."""

    code: str
    sentence: str


def refused_term(settings: Settings, draft: CampaignDraft) -> TermRefused | None:
    """The first thing the campaign asks for that this site does not have; None where it has all.

    Every call of such a campaign would fail, one after the other, and nobody would be told why.
    """
    texts = (
        (Sentence("name"), draft.name),
        (Sentence("queue"), draft.queue),
        (Sentence("caller id"), draft.caller_id),
    )
    for what, text in texts:
        if breaks_lines(text):
            sentence = Sentence(
                "The %(what)s holds a line end or another control character; write it without.", what=what
            )
            return TermRefused(code="text.control-characters", sentence=sentence)
    teams = tuple(team.id for team in settings.teams)
    if draft.team is not None and draft.team not in teams:
        there = (
            Sentence("There are: %(names)s.", names=", ".join(teams))
            if teams
            else Sentence("There are none yet; see `winback setup`.")
        )
        unknown = Sentence("There is no team %(team)s.", team=repr(draft.team))
        return TermRefused(code="team.unknown", sentence=Sentence.joined([unknown, there]))
    queues = (settings.queue_of(draft.team),)
    if draft.queue not in queues:
        return _unknown(Sentence("queue"), draft.queue, queues, "queues.outbound")
    trunks = tuple(trunk.name for trunk in settings.trunks)
    if draft.trunk not in trunks:
        return _unknown(Sentence("trunk"), draft.trunk, trunks, "trunks")
    return _refused_numbers(draft) or _refused_days(draft)


def refused_change(settings: Settings, terms: CampaignTerms) -> TermRefused | None:
    """The same of a campaign that is changed."""
    trunks = tuple(trunk.name for trunk in settings.trunks)
    if terms.trunk not in trunks:
        return _unknown(Sentence("trunk"), terms.trunk, trunks, "trunks")
    return _refused_numbers(terms) or _refused_days(terms)


def _refused_numbers(terms: CampaignDraft | CampaignTerms) -> TermRefused | None:
    for number in (terms.caller_id, *terms.caller_ids):
        fault = _fault_of_caller_id(number)
        if number and fault is not None:
            sentence = Sentence(
                "The caller id %(number)s %(fault)s; write a number you answer, like +442079460001.",
                number=repr(number),
                fault=fault,
            )
            return TermRefused(code="caller-id.invalid", sentence=sentence)
    return None


def _refused_days(terms: CampaignDraft | CampaignTerms) -> TermRefused | None:
    try:
        read_hours(terms.hours)
    except ValueError as fault:
        return TermRefused(
            code="hours.unreadable", sentence=Sentence("The campaign's hours: %(fault)s.", fault=Plain(fault))
        )
    if terms.starts_on is not None and terms.ends_on is not None and terms.ends_on < terms.starts_on:
        return TermRefused(
            code="days.reversed", sentence=Sentence("The campaign would end before it begins.")
        )
    return None


def _unknown(what: Sentence, name: str, there_are: tuple[str, ...], setting: str) -> TermRefused:
    sentence = Sentence(
        "There is no %(what)s %(name)s for campaigns. Set up in `%(setting)s`: %(names)s.",
        what=what,
        name=repr(name),
        setting=setting,
        names=", ".join(there_are),
    )
    return TermRefused(code=f"{what}.unknown", sentence=sentence)


def _fault_of_caller_id(text: str) -> str | None:
    if not E164_SHAPE.fullmatch(text):
        return Sentence("is not written in E.164")
    try:
        number = E164.parse(text)
    except NumberError:
        return Sentence("is in no country's numbering plan")
    # Ofcom, guidance on calling line identification: a number shown must not be one of a premium service
    return Sentence("is a premium number") if number.kind is NumberKind.PREMIUM else None
