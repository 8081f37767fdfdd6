"""An agent's day against their own past: by the centre's clock, and without repeat contacts of anybody's."""

from datetime import UTC, date, datetime, timedelta

from dialer.core.agents.my_day import AgentTalk, DayFigures, day_of, resolved_at_first, usual_day

NOON = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)
ZONE = "Europe/London"


def talk(days_ago: float, person: str = "c1", *, saved: bool = False, kept: bool = False) -> AgentTalk:
    return AgentTalk(at=NOON - timedelta(days=days_ago), person=person, saved=saved, kept=kept)


def test_a_day_begins_at_the_centres_midnight() -> None:
    late = AgentTalk(at=datetime(2026, 6, 9, 23, 30, tzinfo=UTC), person="c1", saved=True, kept=False)
    assert day_of([late], date(2026, 6, 10), ZONE) == DayFigures(talks=1, saves=1, kept=0)
    assert day_of([late], date(2026, 6, 9), ZONE) == DayFigures(talks=0, saves=0, kept=0)


def test_the_usual_day_is_the_mean_of_the_days_worked_in_four_weeks_and_leaves_today_out() -> None:
    talks = [talk(0, saved=True), talk(1, saved=True), talk(1), talk(3, kept=True), talk(29, saved=True)]
    assert usual_day(talks, NOON.date(), ZONE) == DayFigures(talks=1.5, saves=0.5, kept=0.5)
    assert usual_day([talk(0)], NOON.date(), ZONE) is None


def test_a_talk_is_resolved_unless_the_same_person_talked_with_anybody_within_a_week() -> None:
    talks = [talk(10, "c1"), talk(10, "c2"), talk(10, "c3"), talk(10, "")]
    contacts = {
        "c1": [NOON - timedelta(days=10)],  # this very talk
        "c2": [NOON - timedelta(days=10), NOON - timedelta(days=4)],
        "c3": [NOON - timedelta(days=2)],  # more than a week later
    }
    found = resolved_at_first(talks, contacts, NOON - timedelta(days=14), NOON - timedelta(days=7))
    assert (found.talks, found.resolved) == (3, 2)
    nothing = resolved_at_first(talks, contacts, NOON - timedelta(days=5), NOON)
    assert (nothing.talks, nothing.share) == (0, None)
