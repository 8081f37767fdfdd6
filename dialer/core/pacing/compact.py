"""Decisions kept as what changed since the one before, so that a large floor's day of them is small.

The question: a decision rests on the state of every agent, call and lead, some dozens of kilobytes with 300
agents, many times a second; yet from one decision to the next only a handful of them differ.

The method: the first decision after a `start` is kept whole (kind "decide"). Each one after it is a record of
kind "step": agents, calls and leads that are new, gone or different, and the numbers that are different. What
grows by itself with the clock, the age of a call or of an agent's word, is kept as the moment it began, so
that it stays the same. `expand` makes whole decisions of them again, equal to the last digit, because a
replay must take the same ones. So the writer reads each moment back at once and keeps the length itself
where that would not give the same number (a demo's quick clock); and where names are not unique, or
the reasons of two decisions are not alike, it keeps the decision whole.

A damaged line spoils every step until the next `start`; the records of events stand for themselves.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, fields, replace
from typing import Any, Final

from dialer.core.pacing.facts import AgentFacts, CallInAir, Candidate, Decision, PacingFacts
from dialer.core.pacing.trace import Record, read_facts, record_decision

Row = dict[str, Any]

DIGITS: Final = 6  # of seconds: clocks count microseconds
BEGAN: Final = {"age_s": "began_s", "closing_s": "said_s"}
"""Lengths that grow with the clock, and the moments that are kept for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """A sort of thing that a decision rests on: its name in the facts, and what tells one from another."""

    name: str
    key: str
    defaults: Mapping[str, Any]


def _sort(name: str, key: str, kind: type[AgentFacts | CallInAir | Candidate]) -> Sort:
    known = {each.name: each.default for each in fields(kind) if each.default is not MISSING}
    return Sort(name=name, key=key, defaults=known)


SORTS: Final = (
    _sort("agents", "agent", AgentFacts),
    _sort("calls", "attempt", CallInAir),
    _sort("candidates", "lead", Candidate),
)


class NotAStep(Exception):
    """This decision cannot be told by what changed."""


class Compactor:
    """Makes the records of one pacer's decisions, in their order."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, Row]] | None = None  # of the decision before, by sort and name
        self._plain: Row = {}
        self._said: Row = {}

    def begin(self) -> None:
        """A pacer starts: its first decision will be kept whole."""
        self._rows = None

    def decision(self, facts: PacingFacts, decision: Decision) -> Record:
        """The record of this decision."""
        plain = asdict(replace(facts, agents=(), calls=(), candidates=()))
        said = asdict(decision)
        try:
            rows = {sort.name: _rows(sort, getattr(facts, sort.name), facts.now_s) for sort in SORTS}
            if (
                self._rows is None
                or said["reason"]["numbers"].keys() != self._said["reason"]["numbers"].keys()
            ):
                record = record_decision(facts, decision)
            else:
                record = _step(self._rows, rows, self._plain, plain) | _what_was_said(self._said, said)
        except NotAStep:
            self._rows = None
            return record_decision(facts, decision)
        self._rows, self._plain, self._said = rows, plain, said
        return record


def _rows(sort: Sort, things: Sequence[object], now_s: float) -> dict[str, Row]:
    """What is to be kept of each thing, by its name; what is as it mostly is, is left out."""
    rows: dict[str, Row] = {}
    names = tuple(each.name for each in fields(things[0])) if things else ()  # type: ignore[arg-type]
    for thing in things:
        row: Row = {}
        for name in names:
            value = getattr(thing, name)
            if name in sort.defaults and value == sort.defaults[name]:
                continue
            if name in BEGAN:
                moment = round(now_s - value, DIGITS)
                if _length(now_s, moment) == value:
                    row[BEGAN[name]] = moment
                    continue
            row[name] = value
        rows[row.pop(sort.key)] = row
    if len(rows) != len(things):
        raise NotAStep
    return rows


def _length(now_s: float, moment_s: float) -> float:
    """Seconds since then, to the microsecond."""
    return round(now_s - moment_s, DIGITS)


def _step(
    before: dict[str, dict[str, Row]], after: dict[str, dict[str, Row]], was: Row, plain: Row
) -> Record:
    record: Record = {"kind": "step", "facts": _changed(was, plain)}
    for sort in SORTS:
        old, new = before[sort.name], after[sort.name]
        different = {name: row for name, row in new.items() if name in old and row != old[name]}
        fresh = [[index, name, row] for index, (name, row) in enumerate(new.items()) if name not in old]
        gone = [name for name in old if name not in new]
        stayed = [name for name in old if name in new]
        change: Row = {"set": different, "new": fresh, "gone": gone}
        if stayed != [name for name in new if name in old]:
            change["order"] = list(new)
        if kept := {name: value for name, value in change.items() if value}:
            record[sort.name] = kept
    return record


def _what_was_said(was: Row, said: Row) -> Record:
    changed = _changed(was, said)
    changed.pop("reason", None)
    return {
        "decision": changed,
        "numbers": _changed(was["reason"]["numbers"], said["reason"]["numbers"]),
    } | _changed({"sentence": was["reason"]["sentence"]}, {"sentence": said["reason"]["sentence"]})


def _changed(old: Row, new: Row) -> Row:
    return {name: value for name, value in new.items() if value != old[name]}


class _Reader:
    """The decision before, and how the next one follows from it."""

    def __init__(self, record: Record) -> None:
        facts = read_facts(record)
        self._rows = {sort.name: _rows(sort, getattr(facts, sort.name), facts.now_s) for sort in SORTS}
        self._plain = {name: value for name, value in record["facts"].items() if name not in self._rows}
        self._said = dict(record["decision"])
        self._whole: dict[str, dict[str, Row]] = {sort.name: {} for sort in SORTS}  # that do not age

    def next(self, step: Record) -> Record:
        """The whole decision that this step makes of the one before."""
        self._plain |= step["facts"]
        now_s = self._plain["now_s"]
        things = {}
        for sort in SORTS:
            self._change(sort.name, step.get(sort.name, {}))
            things[sort.name] = [
                self._thing(sort, name, row, now_s) for name, row in self._rows[sort.name].items()
            ]
        reason = {
            "numbers": self._said["reason"]["numbers"] | step["numbers"],
            "sentence": step.get("sentence", self._said["reason"]["sentence"]),
        }
        self._said = self._said | step["decision"] | {"reason": reason}
        return {"kind": "decide", "facts": self._plain | things, "decision": self._said}

    def _change(self, sort: str, change: Row) -> None:
        if not change:
            return
        rows, whole = self._rows[sort], self._whole[sort]
        for name in change.get("gone", ()):
            del rows[name]
            whole.pop(name, None)
        for name, row in change.get("set", {}).items():
            rows[name] = row
            whole.pop(name, None)
        order = list(rows)
        for index, name, row in change.get("new", ()):
            order.insert(index, name)
            rows[name] = row
        self._rows[sort] = {name: rows[name] for name in change.get("order", order)}

    def _thing(self, sort: Sort, name: str, row: Row, now_s: float) -> Row:
        thing = self._whole[sort.name].get(name)
        if thing is not None:
            return thing
        thing = {sort.key: name, **sort.defaults, **row}
        ages = [(length, thing.pop(moment)) for length, moment in BEGAN.items() if moment in row]
        if not ages:
            self._whole[sort.name][name] = thing
        return thing | {length: _length(now_s, moment_s) for length, moment_s in ages}


def expand(records: Iterable[Record]) -> Iterator[Record]:
    """The records with every step made a whole decision again; all others as they are.

    Raises KeyError on a step that no decision comes before.
    """
    whole: Record | None = None
    reader: _Reader | None = None
    for record in records:
        if record["kind"] != "step":
            if record["kind"] in ("start", "decide"):
                whole, reader = record, None
            yield record
            continue
        if reader is None:
            if whole is None:
                raise KeyError("facts")
            reader = _Reader(whole)
        yield reader.next(record)
