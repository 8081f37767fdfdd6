"""One number is rung for one matter once: what another record's calls to a number mean for this one's lead.

Two records may be one person under two ids, or two people at one telephone. Nobody can tell which, and the
matter is settled with whoever picks up, so a campaign takes the number as one: who was rung first goes on,
the others wait for what comes of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from callbacks.refusals import Rule
from dialer.core.calling.campaign import LeadState
from dialer.core.calling.disposition import CONSEQUENCES, Disposition

#: rules that may hold a lead for ever: another one does not wait for it
LASTING: Final = frozenset(
    {Rule.DNC_LISTED, Rule.DNC_PERSON, Rule.CONSENT_MISSING, Rule.CONSENT_REFUSED, Rule.HOURS_NO_ZONE}
)
IN_PLAY: Final = frozenset({LeadState.LISTED, LeadState.CALLING})


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherCall:
    """A call of the same campaign, under another record, to a number that this customer has too."""

    here: bool  # to the very number that is to be rung now
    first: bool  # the other lead goes before this one, where both are still to be called
    talked: bool
    word: Disposition | None  # what the agent said came of it
    lead: LeadState  # where the other record's lead stands
    held_by: str | None
    prohibited: bool  # the other record's person is put off

    @property
    def reached(self) -> bool:
        """Whether the matter was talked about there; until a word is in, a talk that ended the lead was."""
        if not self.talked:
            return False
        return CONSEQUENCES[self.word].reached if self.word is not None else self.lead is LeadState.DONE

    @property
    def goes_on(self) -> bool:
        """Whether the other lead is to be called again."""
        held = self.held_by is not None and Rule(self.held_by) in LASTING
        return self.lead in IN_PLAY and not held and not self.prohibited


def rule_of_others(calls: Iterable[OtherCall], max_attempts: int) -> Rule | None:
    """The rule by which calls under other records keep this one from being rung, or None."""
    known = tuple(calls)
    here = [call for call in known if call.here]
    if any(call.reached for call in known):
        return Rule.NUMBER_REACHED
    if any(call.first and call.goes_on for call in here):
        return Rule.LEAD_OTHER_FIRST
    if sum(call.word is not Disposition.WRONG_NUMBER for call in here) >= max_attempts:
        return Rule.CAP_CAMPAIGN
    return None


@dataclass(frozen=True, slots=True)
class SharingRecord:
    """A record that has a number which another one has too."""

    e164: str
    external_id: str
    household: str | None


Tie = tuple[str, str]  # what makes records one: "record", "number" or "household", and which
RECORD: Final = "record"
HOUSEHOLD: Final = "household"
NUMBER: Final = "number"


def contact_units(shared: Sequence[SharingRecord]) -> Mapping[Tie, str]:
    """The unit of each record that shares a number, and of its household: what has a number in common is one.

    A unit has the name of the first of its households, so that their draws stay as they were, else of its
    first record.
    """
    parents: dict[Tie, Tie] = {}

    def root(tie: Tie) -> Tie:
        parents.setdefault(tie, tie)
        while parents[tie] != tie:
            parents[tie] = parents[parents[tie]]
            tie = parents[tie]
        return tie

    for row in shared:
        parents[root((NUMBER, row.e164))] = root((RECORD, row.external_id))
        if row.household:
            parents[root((HOUSEHOLD, row.household))] = root((RECORD, row.external_id))
    names: dict[Tie, tuple[bool, str]] = {}
    for tie in [tie for tie in parents if tie[0] != NUMBER]:
        named = (tie[0] != HOUSEHOLD, tie[1])  # households first
        names[root(tie)] = min(names.get(root(tie), named), named)
    return {tie: names[root(tie)][1] for tie in parents if tie[0] != NUMBER}


def unit_name(units: Mapping[Tie, str], external_id: str, household: str | None) -> str | None:
    """The household that chance takes a record for: its unit's, else its own."""
    unit = units.get((RECORD, external_id))
    return unit if unit is not None else units.get((HOUSEHOLD, household or ""), household)
