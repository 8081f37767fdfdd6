"""Campaigns on the same agents: whose turn it is, and what a call may cost all of them.

Each campaign has customers, an answer rate and an abandonment budget of its own; agents are everybody's. So
who rings next is one decision: the campaign furthest behind its share of the answers. And a call harms
whoever is answered after it, in whichever campaign: it has to be worth a price that all of them can pay.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dialer.core.pacing.facts import SharedWith, Standing
from dialer.core.sentence import Figure, Sentence, Several

LONGEST_LAG: Final = 10.0  # answers, for a share of 1, that are caught up with: some minutes of ten agents
SLACK: Final = 1.0  # answers, for a share of 1, that a campaign may be ahead of one that waits for agents


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A campaign that has somebody to ring: its share, and its calls in the air."""

    campaign: int
    share: float = 1.0
    ringing: int = 0
    standing: Standing | None = None  # None: each of its calls keeps an agent of its own

    @property
    def silent(self) -> bool:
        """Whether its customers have stopped picking up."""
        return self.standing is not None and self.standing.silent

    @property
    def expected(self) -> float:
        """Answers that its calls in the air are worth, or agents that they keep from others."""
        if self.standing is None or self.standing.silent:
            return float(self.ringing)
        return self.ringing * self.standing.answer_rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A campaign's turn; `ahead` is how many answers, for a share of 1, it is in front of the last one."""

    campaign: int
    ahead: float
    silent: bool = False

    def is_held_by(self, waiting: "Turn | None") -> bool:
        """Whether it has to wait: one further behind could not ring as much as it has to, for want of agents.

        Without that, whoever has the lower price or the more hopeful estimates would take every agent.
        """
        return waiting is not None and self.ahead - waiting.ahead > SLACK


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignAsked:
    """What came of a campaign's turn: the calls placed, and its pacer's own sentence."""

    name: str
    ahead: float
    placed: int
    sentence: str


class Sharing:
    """Counts who was reached, and says who is next; forgets what is more than some minutes of work."""

    __slots__ = ("_reached",)

    def __init__(self) -> None:
        self._reached: dict[int, float] = {}  # answers for a share of 1

    def answered(self, campaign: int, share: float = 1.0) -> None:
        """A customer of this campaign picked up."""
        if campaign in self._reached:
            self._reached[campaign] += 1.0 / share

    def in_turn(self, claims: Sequence[Claim]) -> tuple[Turn, ...]:
        """The campaigns in the order they are to be asked, furthest behind its share first.

        One that comes new, or has had nobody to ring for a while, is not paid back what it missed. One whose
        customers have stopped picking up is never behind: a few calls find out whether they do again.
        """
        here = [self._reached[claim.campaign] for claim in claims if claim.campaign in self._reached]
        least, most = min(here, default=0.0), max(here, default=0.0)
        standing: dict[int, float] = {}
        for claim in claims:
            lowest = most if claim.silent else most - LONGEST_LAG
            reached = max(lowest, self._reached.get(claim.campaign, least))
            self._reached[claim.campaign] = reached
            standing[claim.campaign] = reached + claim.expected / claim.share
        last = min(standing.values(), default=0.0)
        turns = [
            Turn(campaign=claim.campaign, ahead=standing[claim.campaign] - last, silent=claim.silent)
            for claim in claims
        ]
        return tuple(sorted(turns, key=lambda turn: (turn.ahead, turn.campaign)))


def common_price(own: float, share: float, others: Sequence[SharedWith]) -> float:
    """What a call of one campaign may cost where its answers are mixed with those of others.

    The harm falls on each campaign as often as its customers are among those who answer, so each campaign's
    part of it is weighed by that one's own price: a harmonic mean, the same whoever asks. A campaign that
    may abandon nobody holds all of them to one call per free agent.
    """
    shares = share + sum(other.share for other in others)
    if own <= 0.0 or any(other.price <= 0.0 for other in others):
        return 0.0
    return shares / (share / own + sum(other.share / other.price for other in others))


def explain_turns(asked: Sequence[CampaignAsked]) -> str:
    """Who was asked first, who was let through beside it, and who waits and why; empty where nobody rings."""
    if len(asked) <= 1:
        return asked[0].sentence if asked else ""
    first, *others = asked
    words = [
        Sentence(
            "%(campaign)s is furthest behind its share. %(why)s", campaign=first.name, why=first.sentence
        )
    ]
    words += [
        Sentence("%(name)s: %(why)s", name=other.name, why=other.sentence) for other in others if other.placed
    ]
    waiting = Several(
        Sentence(
            "%(campaign)s (%(answers)s answers ahead)", campaign=other.name, answers=Figure(other.ahead, 1)
        )
        for other in others
        if not other.placed
    )
    if waiting:
        words.append(
            Sentence("The agents are shared; waiting for their turn: %(campaigns)s.", campaigns=waiting)
        )
    return Sentence.joined(words)


def explain_teams(asked: Mapping[str | None, Sequence[CampaignAsked]]) -> str:
    """The same team by team, where campaigns of several were asked."""
    if len(asked) <= 1:
        return next(map(explain_turns, asked.values()), "")
    said = [(team, explain_turns(campaigns)) for team, campaigns in asked.items()]
    return Sentence.joined(
        Sentence("%(name)s: %(why)s", name=f"{team[0].upper()}{team[1:]}", why=words)
        if team
        else Sentence("The whole house: %(why)s", why=words)
        for team, words in said
        if words
    )
