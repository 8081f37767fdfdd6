"""The decision log to hand over: a table for spreadsheets, and a page for people."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from html import escape
from typing import Final

from dialer.core.compliance.catalogue import SENTENCES
from dialer.core.evidence.chain import EntryKind
from dialer.core.importing.spreadsheet import guarded
from dialer.services.evidence.decision_log import LoggedDecision

HEADINGS: Final = (
    *("entry", "time (UTC)", "decision", "rule or act", "in words", "number or subject", "by", "said"),
    *("allowed from", "attempt", "lead", "promise", "digest"),
)
_DECIDED: Final = {
    EntryKind.ACT: "act",
    EntryKind.PERMIT: "may ring",
    EntryKind.REFUSAL: "refused",
}
_IN_WORDS: Final = {rule.value: sentence for rule, sentence in SENTENCES.items()}
_STYLE: Final = (
    "body{font:14px/1.4 sans-serif;margin:2em}table{border-collapse:collapse}"
    "td,th{border:1px solid #bbb;padding:.2em .5em;text-align:left;vertical-align:top}"
    "th{background:#eee;position:sticky;top:0}td:last-child{font:11px monospace}"
)


def as_csv(decisions: Iterable[LoggedDecision]) -> Iterator[str]:
    """The table line by line; no spreadsheet takes a cell of it for a formula."""
    yield _line(HEADINGS)
    for decision in decisions:
        yield _line(cells(decision))


def as_html(decisions: Iterable[LoggedDecision], *, title: str, facts: Iterable[str]) -> Iterator[str]:
    """The same as a page of its own, under its title and what is to be known of it."""
    name = escape(title)
    yield f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{name}</title>'
    yield f"<style>{_STYLE}</style></head>\n<body><h1>{name}</h1>\n"
    yield from (f"<p>{escape(fact)}</p>\n" for fact in facts)
    yield f"<table><thead><tr>{_row('th', HEADINGS)}</tr></thead><tbody>\n"
    for decision in decisions:
        yield f"<tr>{_row('td', cells(decision))}</tr>\n"
    yield "</tbody></table></body></html>\n"


def cells(decision: LoggedDecision) -> tuple[str, ...]:
    """One decision under the headings."""
    return (
        str(decision.number),
        _time(decision.at),
        _DECIDED[decision.kind],
        decision.what,
        _IN_WORDS.get(decision.what, ""),
        decision.whom,
        decision.who,
        decision.said,
        _time(datetime.fromisoformat(decision.until)) if decision.until else "",
        decision.attempt,
        decision.lead,
        decision.promise,
        decision.digest,
    )


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def _row(tag: str, words: Iterable[str]) -> str:
    return "".join(f"<{tag}>{escape(word)}</{tag}>" for word in words)


def _line(words: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(map(guarded, words))
    return line.getvalue()
