"""Writes the pages that are drawn from the code: `python docs/draw.py`.

docs/machines.md from the transition tables, docs/settings.md from the settings tree, docs/rules.md from the
rule files and the catalogue of rules. None is edited by hand; a test holds them to the code.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from callbacks.ivr_table import DIALOGUE
from callbacks.lifecycle import PROMISE
from callbacks.refusals import Fatal, Rule
from callbacks.return_call import RETURN_CALL
from callbacks.spoken_code import CODE_CALL
from dialer.core.agents.state import AGENT
from dialer.core.calling.attempt import ATTEMPT
from dialer.core.calling.campaign import CAMPAIGN, LEAD
from dialer.core.compliance.catalogue import SENTENCES
from dialer.core.compliance.rule_packs import packaged_rulebook
from dialer.core.compliance.rulebook import Pack, Purpose, StatedLaw, Subdivision, say_hours
from dialer.core.importing.received_file import RECEIVED_FILE
from dialer.core.outbox.message import MESSAGE
from dialer.core.outbox.texts import LANGUAGES, TextFacts, kinds, write_text
from dialer.core.retention.given_offer import GIVEN_OFFER
from dialer.settings import Settings
from telephony.calls.hangup_causes import ENDINGS
from telephony.state_machine import StateMachine

DOCS = Path(__file__).parent
MACHINES: tuple[StateMachine[Any, Any], ...] = (
    ATTEMPT,
    PROMISE,
    GIVEN_OFFER,
    AGENT,
    CAMPAIGN,
    LEAD,
    DIALOGUE,
    RETURN_CALL,
    CODE_CALL,
    RECEIVED_FILE,
    MESSAGE,
)


def draw(machine: StateMachine[Any, Any]) -> str:
    """One machine as a Mermaid diagram."""
    edges: dict[tuple[StrEnum, StrEnum], list[str]] = {}
    for (state, event), after in machine.table.items():
        edges.setdefault((state, after), []).append(event.value)
    lines = [f"## {machine.name.capitalize()}", "", "```mermaid", "stateDiagram-v2"]
    lines.append(f"    [*] --> {machine.start.value}")
    lines += [
        f"    {state.value} --> {after.value}: {', '.join(events)}"
        for (state, after), events in edges.items()
    ]
    lines += [f"    {end.value} --> [*]" for end in sorted(machine.ends, key=lambda end: str(end.value))]
    return "\n".join([*lines, "```", ""])


def machines_page() -> str:
    """Every state machine."""
    head = (
        "# State machines\n\n"
        "Drawn by `python docs/draw.py` from the tables in the code. An event that has no arrow from a\n"
        "state is illegal there: it raises `IllegalTransition` and changes nothing.\n\n"
    )
    return head + "\n".join(draw(machine) for machine in MACHINES) + "\n" + endings_table()


def endings_table() -> str:
    """What every hang-up cause says, by phase."""
    head = (
        "## How a call's end is read\n\n"
        "By Q.850 cause, as Asterisk tells it (SIP answers beside it), and by how far the call had come. A\n"
        "call that is `broken_off` once is tried again after a minute and costs the customer nothing; the\n"
        "second time in a row at the same number it is that number's: it counts, and waits as after no\n"
        "answer.\n\n"
        "| cause | in words | before it rang | after it rang | in a talk |\n|---|---|---|---|---|\n"
    )
    rows = [
        f"| {cause} | {ending.words} | `{ending.before}` | `{ending.ringing}` | "
        f"{'cut off' if ending.cut_off else 'ended'} |"
        for cause, ending in ENDINGS.items()
    ]
    return head + "\n".join(rows) + "\n"


def settings_page() -> str:
    """Every setting, its variable, default and meaning."""
    head = (
        "# Settings\n\n"
        "Drawn by `python docs/draw.py`. A setting is a variable, or a line in `winback.toml` in the\n"
        "working directory (`WINBACK_CONFIG` names another file); variables win. In TOML a dot is a table:\n"
        '`pbx.host` is `host = "…"` below `[pbx]`; `agents`, `teams` and `trunks` are lists of tables.\n\n'
        "| setting | variable | default | meaning |\n|---|---|---|---|\n"
    )
    rows = [
        f"| `{name}` | {f'`{variable(name)}`' if '[]' not in name else ''} | {default} | {meaning} |"
        for name, default, meaning in walk(Settings)
    ]
    return head + "\n".join(rows) + "\n"


def walk(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str, str]]:
    """Every leaf of a settings tree: dotted name, default, meaning."""
    for name, field in model.model_fields.items():
        inner = branch(field)
        if inner is None:
            yield prefix + name, shown(field), (field.description or "").replace("|", "\\|")
        elif isinstance(field.annotation, type):
            yield from walk(inner, f"{prefix}{name}.")
        else:
            yield from walk(inner, f"{prefix}{name}[].")


def branch(field: FieldInfo) -> type[BaseModel] | None:
    """The table behind a field, or behind the members of a list; None for a plain value."""
    for kind in (field.annotation, *get_args(field.annotation)):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None


def shown(field: FieldInfo) -> str:
    """A default as one writes it; nothing where there is none."""
    value = field.get_default(call_default_factory=True, validated_data={})
    return "" if value is None or field.is_required() else f"`{value!s}`" if str(value) else '`""`'


def variable(name: str) -> str:
    """The environment variable of a dotted name."""
    return "WINBACK_" + name.upper().replace(".", "__")


RULES_HEAD = """# Rules of calling

Drawn by `python docs/draw.py`. Every call, callbacks included, passes one compliance check twice: before
its intent is committed, and at the last moment inside the call path. The compliance check asks the rules
that time does not heal first, then the others; a refusal carries the rule's id and the first moment at
which *every* rule would allow the call. None of this is legal advice: have your own lawyer read the table
for your countries.

## Whose clock

A time zone the customer stated stands alone. Without one, every zone the number may belong to must be open:
a mobile number tells its country only, so all of the country's zones count. So does every number of the
United States and Canada: people take them along, and an area code tells where a number once began.

An address settles it: columns of state, postcode and country in the customer file tell where a person lives,
and then that state's clocks alone count (the United States, Canada, Australia, Brazil; both clocks of a state
that has two), and its own rules too. What contradicts itself counts with all that it says: a state and a
postcode of another, a stated zone elsewhere, an address in another country than the number's, whose hours and
holidays then hold beside those of the number's country. Summer time is the zone's own affair.

Public holidays are a frozen table (`dialer/core/compliance/rules/holidays.toml`, with its date and
source), so that no update of a library changes a calling day. A year that is not in it is closed, and so is
a country that is not in it: `hours.no-calendar`. `winback doctor` and the engine's log at its start name the
countries of customers that this closes. Under the strict table Christmas Eve, New Year's Eve, Midsummer Eve
(Sweden, Finland) and Constitution Day (Denmark) end at noon.

## Purposes

* `marketing`: any offer, to an own customer too. `service`: about the running contract, nothing is sold.
* `requested`: the person asked for this call (every promise). It skips offers' hours, the do-not-call list
  and the spacing; it keeps the queue's own hours (`queues.hours`), the number's validity and the cap of
  rings in 24 hours, and it rests by night (`callbacks.day`, on the person's clock) once the person asked more
  than an hour ago.

## Hours and limits by place

`calling.rulebook = "strict"` (the default) asks the strict table **and** the country's; `"country"` asks the
country's alone, and the strict table where there is none. A country's cap is used where it is lower than
the setting. The tables are files in `dialer/core/compliance/rules`: a country's file that is there is in
force (`se.toml` for Sweden), and one that cannot be read stops the start with one sentence that names it.

A country has a file where a source was read that says something of its own; elsewhere the strict table,
with the country's holidays, is what holds. Your lawyer's file beside the others is in force at the next
start.

"""


SUBDIVISIONS_HEAD = """\
Where a part of a country is narrower, its rules hold beside the country's for everybody whose address is
there, and for every number that began there: its first digits tell that, wherever its owner lives now.
Sources are as the tables cite them that the law `us.states` names; the statutes themselves were not read."""


def rules_page() -> str:
    """Every rule file, and every rule by its id."""
    rulebook = packaged_rulebook()
    lines = [
        RULES_HEAD + "| place | since | marketing | service | holidays off | more |",
        "|---|---|---|---|---|---|",
        *(pack_row(pack) for pack in (rulebook.strict, *rulebook.packs.values())),
        "",
        "## Parts of a country",
        "",
        SUBDIVISIONS_HEAD,
        "",
        "| place | of | hours | holidays off | more | source | numbers that start with |",
        "|---|---|---|---|---|---|---|",
        *(
            subdivision_row(country, part)
            for country, pack in rulebook.packs.items()
            for part in pack.subdivisions
        ),
        "",
        "## What the laws say",
        "",
        "Each with its source, and the rules by which the compliance check holds it. Where there is none,",
        "the centre itself has to.",
        "",
        "| law | since | purposes | what it says | held by | source |",
        "|---|---|---|---|---|---|",
        *(law_row(law) for pack in (rulebook.strict, *rulebook.packs.values()) for law in pack.law),
        "",
        "## Rules by id",
        "",
        "What is refused for a while is asked again at the moment that the refusal names. The last column",
        "says what follows where it names none.",
        "",
        "| rule | meaning | without a moment |",
        "|---|---|---|",
        *(f"| `{rule}` | {meaning} | {follows(rule)} |" for rule, meaning in SENTENCES.items()),
    ]
    return "\n".join(lines) + "\n"


FATAL = {
    Fatal.MATTER: "never: the lead is closed",
    Fatal.NUMBER: "never: the next number, or none",
    Fatal.LEADER: "never: this engine stands down",
    Fatal.REQUEST: "never: ask for something else",
}


def follows(rule: Rule) -> str:
    """What becomes of something that this rule refused without saying until when."""
    if rule.fatal is not None:
        return FATAL[rule.fatal]
    minutes = (rule.retry_after or timedelta()) // timedelta(minutes=1)
    return {1: "after a minute", 60: "after an hour", 24 * 60: "after a day"}[minutes]


def subdivision_row(country: str, part: Subdivision) -> str:
    """A part of a country as a line of its table."""
    hours = part.pack.hours[Purpose.MARKETING]
    day = part.pack.attempts_per_day
    more = f"at most {day} attempts a day" if day is not None else ""
    starts = " ".join(sorted(part.starts))
    return (
        f"| {part.pack.name} | {country} | {say_hours(hours.windows)} | {hours.observed} | {more} "
        f"| {part.source} | {starts} |"
    )


def pack_row(pack: Pack) -> str:
    """One rule file as a line of the table."""
    marketing, service = (pack.hours[purpose] for purpose in (Purpose.MARKETING, Purpose.SERVICE))
    more = []
    if pack.marketing_needs_consent:
        more.append("marketing needs consent on record")
    if pack.attempts_per_day is not None:
        more.append(f"at most {pack.attempts_per_day} attempts a day")
    if pack.attempts_per_30_days is not None:
        more.append(f"at most {pack.attempts_per_30_days} attempts in 30 days")
    if pack.agent_only_after_abandoned is not None:
        hours = pack.agent_only_after_abandoned / timedelta(hours=1)
        more.append(f"{hours:g} hours agent-reserved only after an abandoned call")
    if pack.quiet_after_refusal is not None:
        more.append(f"{pack.quiet_after_refusal.days} days off after a no")
    off = f"{marketing.observed}{' and eves' if marketing.eves else ''}"
    return (
        f"| {pack.name} | {pack.dated} | {say_hours(marketing.windows)} | {say_hours(service.windows)} "
        f"| {off} | {'; '.join(more)} |"
    )


def law_row(law: StatedLaw) -> str:
    """What one law says as a line of the table."""
    held = ", ".join(f"`{rule}`" for rule in law.refuses) or "the centre"
    purposes = ", ".join(law.purposes)
    return f"| `{law.id}` | {law.date} | {purposes} | {law.text} | {held} | {law.source} |"


TEXTS_HEAD = """# What customers are told by text

Drawn by `python docs/draw.py` from `dialer/core/outbox/texts.toml`, with made-up facts. When each goes out:
[messages.md](messages.md).
"""


def texts_page() -> str:
    """Every text in every language, as a customer reads it."""
    facts = TextFacts(
        name="Acme",
        reference="41807733",
        window=(datetime(2026, 12, 3, 15, tzinfo=UTC), datetime(2026, 12, 3, 16, tzinfo=UTC)),
        zone="Europe/Oslo",
        link="https://call.example.com/c/AAABBQAAAAAq3x9kQm1vTz0Y2n4",
        code="041807",
    )
    lines = [TEXTS_HEAD]
    for kind in kinds():
        lines += [f"## {kind}", ""]
        lines += [f"- `{language}` {write_text(kind, language, facts)}" for language in LANGUAGES]
        lines.append("")
    return "\n".join(lines)


PAGES = {
    "machines.md": machines_page,
    "rules.md": rules_page,
    "settings.md": settings_page,
    "texts.md": texts_page,
}

if __name__ == "__main__":
    for file_name, page in PAGES.items():
        (DOCS / file_name).write_text(page(), encoding="utf-8")
