"""Sentences that rooms below the pages write as plain English, found in their source with their facts.

Those rooms know of no catalogue, and some of what they say is stored as text before a page shows it. A page
reads such a text back by the message it was made of (`dialer.web.read_back`); here is where the messages
come from, so that nobody writes them down a second time.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from churnmodel.data.delimited import MARKUP, STRANGERS
from dialer.core.importing.notation import COMPACT_SHOWN, SERIALS_SHOWN
from dialer.core.importing.rows import REASONS
from dialer.core.importing.spoken_refusals import REFUSALS_SHOWN
from dialer.core.organisation.entries import KINDS
from dialer.services.customers.customer_file import PACKED
from dialer.services.outbox.events import NOBODY_S
from dialer.services.outbox.mails import NOT_SENT
from dialer.services.schedule.jobs import TAKEN_OUT

ROOT: Final = Path(__file__).parents[1]
#: modules all of whose sentences may come to a page
SPEAKING: Final = (
    "callbacks/ledger.py",
    "churnmodel/data/delimited.py",
    "churnmodel/data/quoted_rows.py",
    "churnmodel/data/workbooks.py",
    "churnmodel/effect.py",
    "churnmodel/save_rate.py",
    "churnmodel/uplift/model_selection.py",
    "dialer/core/calling/list_condition.py",
    "dialer/core/compliance/windows.py",
    "dialer/core/importing/column_roles.py",
    "dialer/core/importing/dates.py",
    "dialer/core/importing/fiction.py",
    "dialer/core/importing/mapping.py",
    "dialer/core/importing/notation.py",
    "dialer/core/importing/readings.py",
    "dialer/core/organisation/changes.py",
    "dialer/core/organisation/entries.py",
    "dialer/core/recordings/silence.py",
    "dialer/engine/asterisk_files.py",
    "dialer/jobs/carriers.py",
    "dialer/jobs/mail_carriers.py",
    "dialer/services/analytics/promotion.py",
    "dialer/services/analytics/scoring.py",
    "dialer/services/analytics/training.py",
    "dialer/services/customers/customer_file.py",
    "dialer/services/customers/imports.py",
    "dialer/services/customers/sourced_imports.py",
    "dialer/services/evidence/acts.py",
    "dialer/services/organisation/rendering.py",
    "dialer/services/organisation/setup.py",
    "dialer/services/organisation/setup_file.py",
    "dialer/services/outbox/delivery.py",
    "dialer/services/outbox/events.py",
    "dialer/services/outbox/mails.py",
    "dialer/services/reporting/mailings.py",
    "dialer/services/reporting/reports.py",
    "telephony/asterisk/config/reloading.py",
)
FEWEST_WORDS: Final = 2
WORD: Final = re.compile(r"[A-Za-z]{2,}")
NO_NAMES: Final = frozenset({"self", "len", "join", "str", "sorted"})  # of facts: what is done to them


#: what no page shows of it: pieces of a sentence, and what only the command line asks for
NOT_SHOWN: Final = frozenset(
    {
        "%(packed)stext in %(removesuffix)s with %(mark)s between the cells",
        "--encoding %(encoding)s is not an encoding Python knows",
        "a workbook, sheet %(sheet)s%(rest)s",
        "links need public.key",
        "no column tells customers apart.%(why)s Name one with --id COLUMN; the file has: %(columns)s",
        " %(twice)s is named so, but often has the same value twice.",
        "no date",
        "only a workbook has sheets",
        "pause_reasons = %(value)s",
        (
            "the file has numbers (%(phones)s). Leave out --numbers generate, or add --phone none to put "
            "fictional ones in their place."
        ),
        "there is no file %(path)s",
    }
)
#: what they put together of pieces, as it comes out
PUT_TOGETHER: Final = (
    "Nobody it learned from had been assigned to a call before the outcome.",
    (
        "%(called)s customers had been assigned to be called before their outcome was known. They were "
        "learned from as they are, so risk is understated where calls helped: without them %(leavers)s "
        "effective leavers and %(stayers)s stayers would be left, %(fewest)s of each are needed."
    ),
    (
        "%(called)s customers had been assigned to be called before their outcome was known and were not "
        "learned from. The %(uncalled)s others stand for them, weighted by one over the logged chance of "
        "being left uncalled (at most %(most)s); they are worth %(effective)s customers."
    ),
    "For %(certain)s of them nobody stands, as they were to be called whatever chance said.",
    "%(name)s %(rate)s (95 %%: %(low)s to %(high)s)",
    "%(rate)s (95 %%: %(low)s to %(high)s)",
    "a workbook, sheet %(sheet)s",
    "a workbook, sheet %(sheet)s; it also has %(others)s (--sheet)",
    "gzip, text in %(encoding)s with %(mark)s between the cells",
    (
        "no column tells customers apart. %(twice)s is named so, but often has the same value twice. Name "
        "one with --id COLUMN; the file has: %(columns)s"
    ),
    "no column tells customers apart. Name one with --id COLUMN; the file has: %(columns)s",
    "Nothing in the file tells which.",
    "Say how it is meant with --notation 'COLUMN=READING', or leave it out with --ignore.",
    "numbers with a decimal comma",
    "numbers with a decimal point",
    "text in %(encoding)s with %(mark)s between the cells",
    "unit separators",
    "zip (%(member)s), text in %(encoding)s with %(mark)s between the cells",
    "Everything was so already: nothing was written, nothing reloaded.",
    "Wrote %(files)s into %(folder)s; told Asterisk: %(commands)s.",
    "Wrote %(files)s into %(folder)s.",
    "The files were up to date; told Asterisk: %(commands)s.",
    "Asterisk runs what is rendered.",
    "%(parts)s still runs otherwise.",
    "%(what)s: run `winback asterisk render %(folder)s`, then %(commands)s.",
    "queue %(queue)s is new",
    "queue %(queue)s is gone",
    "Asterisk has something else",
)


def plain_texts() -> Iterator[str]:
    """Every message of these modules, its facts as `%(name)s`."""
    yield from PUT_TOGETHER
    yield from REASONS.values()
    yield from TAKEN_OUT.values()
    yield from (what for _, what in (*STRANGERS, *MARKUP, *PACKED))
    yield from (REFUSALS_SHOWN, COMPACT_SHOWN, SERIALS_SHOWN, "days, kept as 2026-11-28", *KINDS.values())
    yield from (NOBODY_S, NOT_SENT)
    for path in SPEAKING:
        found = texts_in((ROOT / path).read_text(encoding="utf-8"))
        yield from (text for text in found if text not in NOT_SHOWN)


def texts_in(source: str) -> Iterator[str]:
    """The messages that a module raises, gives back or hands on; no docstring, no name and no part of one."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        yield from _messages(_handed_on(node))


def _handed_on(node: ast.AST) -> list[ast.expr]:
    """What a statement raises, gives back, appends to something, or says why."""
    match node:
        case ast.Raise(exc=ast.Call(args=said)) | ast.Call(func=ast.Attribute(attr="append"), args=said):
            return said
        case ast.Assign(value=ast.List(elts=said)):
            return said
        case ast.Assign(targets=[ast.Name(id="why")], value=one) | ast.keyword(arg="why", value=one):
            return [one]
        case ast.Return(value=ast.expr() as one) | ast.Yield(value=ast.expr() as one):
            return [one]
        case _:
            return []


def _messages(nodes: list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.IfExp):
            yield from _messages([node.body, node.orelse])
        elif isinstance(node, ast.Tuple):
            yield from _messages(node.elts)
        elif isinstance(node, ast.JoinedStr) or (
            isinstance(node, ast.Constant) and isinstance(node.value, str)
        ):
            message = _message(node)
            if " " in message and len(WORD.findall(re.sub(r"%\(\w+\)s", "", message))) >= FEWEST_WORDS:
                yield message


def _message(node: ast.expr) -> str:
    if not isinstance(node, ast.JoinedStr):
        assert isinstance(node, ast.Constant)  # noqa: S101 - as it was chosen
        return str(node.value)
    called: dict[str, str] = {}
    return "".join(
        str(part.value).replace("%", "%%")
        if isinstance(part, ast.Constant)
        else f"%({_name(part.value, called)})s"  # type: ignore[attr-defined] # nothing else is in one
        for part in node.values
    )


def _name(fact: ast.expr, called: dict[str, str]) -> str:
    """What a fact is called: the last name of its expression, told apart from other facts of that name."""
    expression = ast.unparse(fact)
    if expression not in called:
        names = [
            each.attr if isinstance(each, ast.Attribute) else each.id
            for each in ast.walk(fact)
            if isinstance(each, ast.Attribute | ast.Name)
        ]
        name = next((name.lower().lstrip("_") for name in names if name not in NO_NAMES), "fact")
        taken = sum(other.rpartition("_")[0] == name or other == name for other in called.values())
        called[expression] = f"{name}_{taken + 1}" if taken else name
    return called[expression]
