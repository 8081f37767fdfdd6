"""What pages say that is written down elsewhere: rules' sentences and stored words.

The pure rooms speak English and know of no catalogue; a page translates what they say (`translate`, the
filters `said` and `words`). This is the list of it, from their own tables, so that no catalogue misses one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from enum import Enum
from typing import Final

from callbacks.lifecycle import PromiseEvent, PromiseState
from dialer.core.access.passwords import LEAST_DIFFERENT, LONGEST, SHORTEST
from dialer.core.access.rights import UserRole
from dialer.core.agents.membership import DID_NOT_ANSWER, DID_NOT_START
from dialer.core.agents.state import AgentState
from dialer.core.calling.campaign import CampaignEvent, CampaignState, LeadState
from dialer.core.calling.disposition import Disposition
from dialer.core.compliance.catalogue import SENTENCES
from dialer.core.compliance.windows import DAYS
from dialer.core.dashboard.floor import need_messages
from dialer.core.dashboard.standing import LimitStanding
from dialer.core.importing.column_roles import ColumnRole
from dialer.core.importing.readings import Reading
from dialer.core.importing.received_file import FileEvent, FileState
from dialer.core.organisation.house_words import USUAL_WORDS
from dialer.core.outbox.message import MessageChannel, MessageState
from dialer.core.reporting import abandonment, saves
from dialer.core.reporting.catalogue import DAY_REPORTS
from dialer.core.reporting.columns import Unit
from dialer.core.retention.allowance import LIMIT_SENTENCES, OfferTerms
from dialer.core.retention.contact_reason import ContactReason
from dialer.core.schedule import MEANINGS, ScheduledJob
from dialer.core.toml_slip import OTHERWISE, SLIPS
from dialer.db.database_faults import SENTENCES as DATABASE_SENTENCES
from dialer.expected_input import said_on_pages
from dialer.services.agents.listening import SAID as TOLD_BY_LISTENING
from dialer.services.campaigns.campaign_changes import CampaignTerms
from dialer.services.customers.person_rights import ErasureGround
from dialer.services.organisation.users import USER_FAULTS
from dialer.services.retention.offer_list import OfferDraft
from dialer.web.languages import to_say
from dialer.web.promise_reasons import GIVEN_UP, STORED_REASONS
from dialer.web.told_words import TOLD
from telephony.calls.events import Outcome

#: words that scripts are sent and show, beside those that they hold themselves
SENT_TO_SCRIPTS: Final[tuple[type[Enum], ...]] = (
    AgentState,
    ContactReason,
    LeadState,
    LimitStanding,
    PromiseState,
)
#: what becomes of a call, a phone's devices, an engine's state, and usual reasons to pause
SCRIPT_TERMS: Final = (
    to_say("placed"),
    to_say("answered"),
    to_say("held"),
    to_say("microphone"),
    to_say("speaker"),
    to_say("no engine"),
    to_say("clock set back"),
    to_say("engine silent"),
    to_say("asking the PBX"),
    to_say("engine up"),
    to_say("break"),
    to_say("lunch"),
    to_say("meeting"),
    to_say("training"),
)
STORED: Final[tuple[type[Enum], ...]] = (
    *SENT_TO_SCRIPTS,
    CampaignState,
    ColumnRole,
    Disposition,
    ErasureGround,
    FileEvent,
    FileState,
    MessageChannel,
    MessageState,
    Outcome,
    PromiseEvent,
    Reading,
    Unit,
    UserRole,
)
TERMS: Final = (
    to_say("progressive"),
    to_say("predictive"),
    to_say("preview"),
    to_say("reserved"),
    to_say("marketing"),
    to_say("service"),
    to_say("daily"),
    to_say("weekly"),
    to_say("monthly"),
    to_say("day"),
    to_say("week"),
    to_say("month"),
    to_say("all"),
    to_say("strict"),
    to_say("created"),
    to_say("changed"),
    to_say("recycled"),
    to_say("stopped"),
    to_say("start"),
    to_say("pause"),
    to_say("finish"),
    to_say("reopen"),
    to_say("late"),
    to_say("nearly late"),
    to_say("in 2 h"),
    to_say("tonight"),
    to_say("tomorrow morning"),
    to_say("Monday"),
)

#: names of what an act of the audit tells of itself
DETAILS: Final = (
    to_say("added"),
    to_say("after"),
    to_say("before"),
    to_say("address"),
    to_say("again in s"),
    to_say("agent"),
    to_say("agents"),
    to_say("asked by"),
    to_say("attempt"),
    to_say("bad"),
    to_say("by"),
    to_say("call"),
    to_say("campaign"),
    to_say("cause"),
    to_say("code"),
    to_say("columns"),
    to_say("considered"),
    to_say("corrected"),
    to_say("cost"),
    to_say("dated"),
    to_say("days"),
    to_say("digest"),
    to_say("disposition"),
    to_say("empty"),
    to_say("encoding"),
    to_say("end"),
    to_say("entries"),
    to_say("event"),
    to_say("faults"),
    to_say("file name"),
    to_say("filters"),
    to_say("first"),
    to_say("folder"),
    to_say("for"),
    to_say("from s"),
    to_say("from"),
    to_say("given"),
    to_say("good"),
    to_say("ground"),
    to_say("high"),
    to_say("instead of"),
    to_say("kind"),
    to_say("language"),
    to_say("leads"),
    to_say("left"),
    to_say("low"),
    to_say("missing"),
    to_say("model"),
    to_say("name"),
    to_say("note"),
    to_say("number"),
    to_say("numbers"),
    to_say("offer"),
    to_say("outcome"),
    to_say("owner"),
    to_say("person"),
    to_say("phone of"),
    to_say("promises"),
    to_say("proof"),
    to_say("reason"),
    to_say("removed"),
    to_say("role"),
    to_say("rows"),
    to_say("rule"),
    to_say("said"),
    to_say("scopes"),
    to_say("sheet"),
    to_say("source"),
    to_say("taken-back"),
    to_say("team"),
    to_say("teams"),
    to_say("through"),
    to_say("to s"),
    to_say("to"),
    to_say("top"),
    to_say("trunks"),
    to_say("unreached"),
    to_say("was"),
    to_say("way"),
    to_say("why"),
    to_say("wish"),
    to_say("word"),
    to_say("words"),
    to_say("wrong"),
)


def written_elsewhere() -> Iterator[str]:
    """Every message of it; some more than once."""
    yield from SENTENCES.values()
    yield from DATABASE_SENTENCES.values()
    yield from LIMIT_SENTENCES.values()
    yield from USER_FAULTS.values()
    yield from said_on_pages()
    yield from (OTHERWISE, *(slip for _, slip in SLIPS))
    yield f"A password has {SHORTEST} to {LONGEST} characters; three or four words are easy to keep."
    yield f"A password has at least {LEAST_DIFFERENT} different characters."
    yield "A password does not contain the log-in name."
    for report in DAY_REPORTS.values():
        yield report.title
        yield report.says
        for column in report.columns:
            yield column.title
            yield column.means
    for module in (abandonment, saves):
        yield from (module.TITLE, module.SAYS)
        for column in module.COLUMNS:
            yield from (column.title, column.means)
    yield from _words(
        each.name for terms in (CampaignTerms, OfferDraft, OfferTerms) for each in fields(terms)
    )
    yield from (day.capitalize() for day in DAYS)
    yield from need_messages()
    yield from TOLD
    yield from TOLD_BY_LISTENING.values()
    yield from ("No team", "Everybody")
    yield from GIVEN_UP.values()
    yield from STORED_REASONS
    yield from _words([DID_NOT_ANSWER, DID_NOT_START])
    for table in STORED:
        yield from _words(member.value for member in table)
    yield from (word.label for word in USUAL_WORDS)
    yield from (event.value.capitalize() for event in CampaignEvent)
    for job in ScheduledJob:
        yield job.value.capitalize()
        yield f"{MEANINGS[job].capitalize()}."


def sent_to_scripts() -> Iterator[str]:
    """Those of them that scripts show."""
    yield from SCRIPT_TERMS
    yield from LIMIT_SENTENCES.values()
    for table in SENT_TO_SCRIPTS:
        yield from _words(member.value for member in table)


def _words(stored: Iterable[object]) -> Iterator[str]:
    return (str(word).replace("_", " ") for word in stored)
