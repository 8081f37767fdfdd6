"""The reports that are counted day by day. Pages, commands, API, files and docs are made from this."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from dialer.core.agents.my_day import RESOLVED_AFTER
from dialer.core.calling.caller_story import SHORT_S, SOON_S
from dialer.core.reporting.columns import ReportColumn, Unit
from dialer.core.reporting.day_report import DayReport, FormulaColumn, RatioColumn
from dialer.core.surveys.promoter_score import reach_of, score_of

#: a promise is over within days, and words are corrected until midnight: then a day's figures stay
OPEN_FOR: Final = timedelta(days=8)


def _name(name: str, means: str) -> ReportColumn:
    return ReportColumn(name=name, title=name.replace("_", " ").capitalize(), unit=Unit.NAME, means=means)


def _count(name: str, means: str) -> ReportColumn:
    return ReportColumn(name=name, title=name.replace("_", " ").capitalize(), unit=Unit.COUNT, means=means)


def _share(name: str, over: str, under: str, means: str) -> RatioColumn:
    title = name.replace("_", " ").capitalize()
    return RatioColumn(
        column=ReportColumn(name=name, title=title, unit=Unit.SHARE, means=means), over=over, under=under
    )


_TALK_S: Final = ReportColumn(
    name="talk_s", title="Talk", unit=Unit.SECONDS, means="time agents talked, added up"
)


def _mean_talk(under: str) -> RatioColumn:
    column = ReportColumn(
        name="talk_mean_s", title="Talk, mean", unit=Unit.SECONDS, means=f"talk_s by {under}"
    )
    return RatioColumn(column=column, over="talk_s", under=under)


CONTACTS: Final = DayReport(
    name="contacts",
    title="Contacts",
    says="Calls placed, by campaign: how many reached a person and an agent, and what came of them.",
    keys=(_name("campaign", "its name; promised calls, which are of none, under (promises)"),),
    counts=(
        _count("attempts", "calls placed, by the day they were opened on; our own failures among them"),
        _count("answered", "picked up by a person; answering machines are none"),
        _count("connected", "put together with an agent"),
        _count("abandoned", "answered by a person, and no agent within two seconds"),
        _count("saved", "talks whose word was saved"),
        _count("offers_made", "talks whose word was offer made"),
        _count("lost", "talks whose word was lost"),
        _count("call_again", "talks that agreed on another call"),
        _count("opt_outs", "talks whose word was opt-out"),
        _TALK_S,
    ),
    ratios=(
        _share("reach", "answered", "attempts", "answered of attempts"),
        _share("abandonment", "abandoned", "answered", "abandoned of answered"),
        _share("save_share", "saved", "connected", "saved of connected; not the effect of calling"),
        _mean_talk("connected"),
    ),
    settles=timedelta(days=1),
)
AGENTS: Final = DayReport(
    name="agents",
    title="Agents",
    says="Talks by agent. Whom somebody gets to talk with is chance and list: no ranking follows from it.",
    keys=(_name("agent", "the agent's id"),),
    counts=(
        _count("talks", "talks, of calls placed and of callers who rang in"),
        _count("rang_in", "those of callers who rang in"),
        _count("words", "talks of which the agent said what came of them"),
        _count("saved", "talks whose word was saved"),
        _count("lost", "talks whose word was lost"),
        _count("promises_kept", "promised calls that this agent made good"),
        _TALK_S,
    ),
    ratios=(
        _share("words_share", "words", "talks", "words of talks"),
        _mean_talk("talks"),
    ),
    settles=timedelta(days=1),
)
PROMISES: Final = DayReport(
    name="promises",
    title="Promises",
    says="Calls promised, by the day they were promised on and by queue: made = kept + settled + cancelled + "
    "closed + open.",
    keys=(_name("queue", "the queue the caller was waiting in"),),
    counts=(
        _count("made", "promises made"),
        _count("kept", "kept: the customer and an agent talked"),
        _count("settled", "settled otherwise: the customer called again and was served"),
        _count("cancelled", "cancelled by the customer or by a person of the centre"),
        _count("closed", "closed with an apology and a reason"),
        _count("open", "open as yet"),
        _count("told", "of which a time was told"),
        _count("in_window", "of those told, first called within it"),
    ),
    ratios=(
        _share("kept_share", "kept", "made", "kept of made"),
        _share("in_window_share", "in_window", "told", "in_window of told"),
    ),
    settles=OPEN_FOR,
)
SERVICE_LEVEL: Final = DayReport(
    name="service-level",
    title="Service level",
    says=f"Callers who rang in, by queue. The service level is those served within {SOON_S:g} s, of those "
    f"who were served or gave up after {SHORT_S:g} s or later.",
    keys=(_name("queue", "the queue they waited in"),),
    counts=(
        _count("callers", "callers, by the day they joined on"),
        _count("served", "connected with an agent"),
        _count("gave_up", "hung up before, without a promise"),
        _count("promised", "were promised a call back, and not served in this call"),
        _count("soon", f"served within {SOON_S:g} s"),
        _count("counted", f"served, or gave up after {SHORT_S:g} s or later"),
        ReportColumn(name="wait_s", title="Wait", unit=Unit.SECONDS, means="wait of those served, added up"),
        _TALK_S,
    ),
    ratios=(
        _share("service_level", "soon", "counted", "soon of counted"),
        RatioColumn(
            column=ReportColumn(
                name="wait_mean_s", title="Wait, mean", unit=Unit.SECONDS, means="wait_s by served"
            ),
            over="wait_s",
            under="served",
        ),
        _mean_talk("served"),
    ),
    settles=timedelta(days=1),
)
RESOLUTION: Final = DayReport(
    name="resolution",
    title="First-contact resolution",
    says="Talks with somebody known after which the same person and the centre did not talk again within "
    "seven days. The last seven days are not known yet, and left out.",
    keys=(_name("way", "we rang, or they rang"),),
    counts=(
        _count("talks", "talks with a customer, or from a number that was told"),
        _count("resolved", "of them, with no further talk within seven days"),
    ),
    ratios=(_share("resolved_share", "resolved", "talks", "resolved of talks"),),
    settles=RESOLVED_AFTER + timedelta(days=1),
)
REASONS: Final = DayReport(
    name="reasons",
    title="Reasons for contact",
    says="Why customers and the centre talked, as agents said on their page.",
    keys=(_name("reason", "the agent's word for it; (not said) where there is none"),),
    counts=(
        _count("talks", "all talks"),
        _count("we_rang", "those in which we rang"),
        _count("they_rang", "those in which they did"),
        _count("saved", "talks whose word was saved"),
        _count("lost", "talks whose word was lost"),
    ),
    ratios=(_share("saved_share", "saved", "talks", "saved of talks"),),
    settles=timedelta(days=1),
)

WORDS: Final = DayReport(
    name="words",
    title="What came of talks",
    says="Talks by the house's own word for what came of them, as agents' buttons have it.",
    keys=(
        _name("word", "the house's word; (not said) where nothing was written down"),
        _name("meaning", "what that word means to Winback"),
    ),
    counts=(
        _count("talks", "all talks of which it was said"),
        _count("we_rang", "those in which we rang"),
        _count("they_rang", "those in which they did"),
        _TALK_S,
    ),
    ratios=(_mean_talk("talks"),),
    settles=timedelta(days=1),
)


def _points(name: str, means: str, of: Callable[[float, float, float], float | None]) -> FormulaColumn:
    title = name.replace("_", " ").capitalize()
    return FormulaColumn(
        column=ReportColumn(name=name, title=title, unit=Unit.POINTS, means=means),
        of=lambda sums: of(sums["promoters"], sums["detractors"], sums["answers"]),
    )


PROMOTERS: Final = DayReport(
    name="promoters",
    title="Promoter score",
    says="How likely customers are to recommend the company, asked by text or key after a talk, by the day "
    "they were asked on. Who answers chooses to: hold it against its own past, not against other companies.",
    keys=(_name("queue", "the queue of the talk"),),
    counts=(
        _count("asked", "customers who were asked"),
        _count("answers", "of them, who answered"),
        _count("promoters", "answers of 9 and 10"),
        _count("passives", "answers of 7 and 8"),
        _count("detractors", "answers of 0 to 6"),
    ),
    ratios=(_share("answer_share", "answers", "asked", "answers of asked"),),
    made=(
        _points("score", "share of promoters less that of detractors, times 100", score_of),
        _points("reach", "of its 95 % interval to either side; none below ten answers", reach_of),
    ),
    settles=timedelta(days=30),
)

DAY_REPORTS: Final[Mapping[str, DayReport]] = {
    report.name: report
    for report in (CONTACTS, AGENTS, PROMISES, SERVICE_LEVEL, RESOLUTION, REASONS, WORDS, PROMOTERS)
}
