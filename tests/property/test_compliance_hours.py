"""Whatever the number, the zone and the moment: an allowed call rings inside the hours, and `until` holds."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import example, given, settings
from hypothesis import strategies as st

from callbacks.refusals import Fatal
from dialer.core.compliance.caps import room_again, spaced_again
from dialer.core.compliance.check import ComplianceFacts, judge
from dialer.core.compliance.rule_packs import packaged_rulebook
from dialer.core.compliance.rulebook import Purpose, Rulebook
from dialer.core.compliance.windows import CallingWindow, Hours, LocalClock, next_opening, refusal_of

STRICT, COUNTRY = packaged_rulebook("strict"), packaged_rulebook("country")
EXAMPLES = (
    settings.default.max_examples
)  # of the profile in force: most rules here take two or three times as many
ZONES = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
#: moments around which clocks are put forward or back somewhere, and ordinary ones
SUMMER_TIMES = [
    datetime(2026, 3, 8, 10, tzinfo=UTC),
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 4, 4, 16, tzinfo=UTC),
    datetime(2026, 10, 3, 16, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 11, 1, 9, tzinfo=UTC),
    datetime(2027, 1, 1, 0, tzinfo=UTC),
]
moments = st.one_of(
    st.datetimes(datetime(2024, 1, 2), datetime(2035, 11, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.builds(
        lambda change, offset: change + timedelta(seconds=offset),
        st.sampled_from(SUMMER_TIMES),
        st.integers(-200_000, 200_000),
    ),
)
zones = st.lists(st.sampled_from(ZONES), min_size=1, max_size=4, unique=True).map(tuple)
countries = st.sampled_from(["NO", "GB", "US", "DE", "FR", "AU", "SE", "JP", "001", None])
purposes = st.sampled_from([Purpose.MARKETING, Purpose.SERVICE])
rulebooks = st.sampled_from([STRICT, COUNTRY])


def facts_at(moment: datetime) -> st.SearchStrategy[ComplianceFacts]:
    """Facts of a person with a past of rings, abandoned calls and refusals before `moment`."""
    ages = st.lists(st.integers(60, 32 * 24 * 3600), max_size=14)
    age = st.one_of(st.none(), st.integers(60, 70 * 24 * 3600))
    return st.builds(
        lambda country, where, purpose, past, abandoned, said_no, agent, asked: ComplianceFacts(
            purpose=purpose,
            country=country,
            zones=where,
            consent=True,
            rings=tuple(sorted(moment - timedelta(seconds=back) for back in past)),
            last_abandoned_at=moment - timedelta(seconds=abandoned) if abandoned is not None else None,
            last_refused_at=moment - timedelta(seconds=said_no) if said_no is not None else None,
            agent_reserved=agent,
            asked_again=asked,
        ),
        countries, zones, st.sampled_from(list(Purpose)), ages, age, age, st.booleans(), st.booleans(),
    )  # fmt: skip


people = moments.flatmap(lambda moment: st.tuples(st.just(moment), facts_at(moment)))


@given(moment=moments, where=zones, country=countries, purpose=purposes, rules=rulebooks)
@settings(max_examples=3 * EXAMPLES)
@example(
    moment=datetime(2026, 3, 29, 7, 30, tzinfo=UTC), where=("Europe/Oslo",), country="NO",
    purpose=Purpose.MARKETING, rules=COUNTRY,
)  # fmt: skip
@example(
    moment=datetime(2026, 10, 26, 8, 30, tzinfo=UTC), where=("Europe/London",), country="GB",
    purpose=Purpose.MARKETING, rules=STRICT,
)  # fmt: skip
def test_an_allowed_call_rings_inside_the_hours_on_every_possible_clock(
    moment: datetime, where: tuple[str, ...], country: str | None, purpose: Purpose, rules: Rulebook
) -> None:
    """The hours are read here by hand from the pack, not by the code under test."""
    facts = ComplianceFacts(purpose=purpose, country=country, zones=where, consent=True)
    if judge(facts, rules, moment) is not None:
        return
    for zone in where:
        local = moment.astimezone(ZoneInfo(zone))
        for pack in rules.packs_for(country):
            minute = local.hour * 60 + local.minute
            assert any(
                local.weekday() in window.days and window.opens <= minute < window.closes
                for window in pack.hours[purpose].windows
            ), (zone, local, pack.name)
            calendar = rules.calendars.get(country or "")
            if calendar is not None and pack.hours[purpose].observed != "none":
                assert local.date() not in calendar.national
            assert calendar is not None or pack.hours[purpose].observed == "none"
    if rules is STRICT:
        for zone in where:
            local = moment.astimezone(ZoneInfo(zone))
            assert 9 <= local.hour < 20
            assert local.weekday() < 5


@given(moment=moments, where=zones, country=countries, purpose=purposes, rules=rulebooks)
@settings(max_examples=2 * EXAMPLES)
def test_a_call_inside_all_hours_on_a_plain_day_is_allowed(
    moment: datetime, where: tuple[str, ...], country: str | None, purpose: Purpose, rules: Rulebook
) -> None:
    """The other half: the compliance check refuses for a reason, never out of habit."""
    locals_ = [moment.astimezone(ZoneInfo(zone)) for zone in where]
    inside = all(14 <= local.hour < 17 and local.weekday() < 5 for local in locals_)
    calendar = rules.calendars.get(country or "")
    off = calendar.national | calendar.regional | calendar.eves if calendar is not None else frozenset[date]()
    closes = any(pack.hours[purpose].observed != "none" for pack in rules.packs_for(country))
    if not inside or any(local.date() in off for local in locals_) or (calendar is None and closes):
        return
    facts = ComplianceFacts(purpose=purpose, country=country, zones=where, consent=True)

    assert judge(facts, rules, moment) is None


@given(person=people, rules=rulebooks)
@settings(max_examples=3 * EXAMPLES)
def test_at_until_the_call_is_allowed_and_not_a_moment_of_the_way_before(
    person: tuple[datetime, ComplianceFacts], rules: Rulebook
) -> None:
    moment, facts = person
    refusal = judge(facts, rules, moment)
    if refusal is None or refusal.until is None:
        return
    assert refusal.until > moment
    assert judge(facts, rules, refusal.until) is None
    for part in range(1, 20):
        between = moment + (refusal.until - moment) * part / 20
        assert judge(facts, rules, between) is not None, between


@given(person=people, rules=rulebooks)
@settings(max_examples=2 * EXAMPLES)
def test_what_the_check_refuses_ends_the_number_or_comes_up_again_and_never_before_now(
    person: tuple[datetime, ComplianceFacts], rules: Rulebook
) -> None:
    moment, facts = person
    refusal = judge(facts, rules, moment)
    if refusal is None or refusal.rule.fatal is Fatal.NUMBER:
        return
    again = refusal.again_at(moment)
    assert again is not None
    assert again >= moment


@given(person=people, rules=rulebooks)
@settings(max_examples=2 * EXAMPLES)
def test_more_rings_or_more_zones_never_turn_a_no_into_a_yes(
    person: tuple[datetime, ComplianceFacts], rules: Rulebook
) -> None:
    moment, facts = person
    if judge(facts, rules, moment) is None:
        return
    rung = replace(facts, rings=tuple(sorted((*facts.rings, moment - timedelta(hours=30)))))
    wider = replace(facts, zones=(*facts.zones, "Pacific/Auckland"))

    assert judge(rung, rules, moment) is not None
    assert judge(wider, rules, moment) is not None


windows = st.builds(
    lambda days, start, length: CallingWindow(days=days, opens=start, closes=min(1440, start + length)),
    st.frozensets(st.integers(0, 6), min_size=1),
    st.integers(0, 1439),
    st.integers(1, 1440),
)
clocks = st.lists(
    st.builds(
        lambda zone, found: LocalClock(zone=zone, hours=Hours(windows=tuple(found))),
        st.sampled_from(ZONES),
        st.lists(windows, min_size=1, max_size=3),
    ),
    min_size=1,
    max_size=3,
)


@given(found=clocks, moment=moments)
@settings(max_examples=2 * EXAMPLES)
def test_no_opening_is_overlooked(found: list[LocalClock], moment: datetime) -> None:
    """A walk in steps of a quarter of an hour finds no open moment before the one that is named."""
    if refusal_of(found, moment) is None:
        return
    opening = next_opening(found, moment)
    limit = min(opening, moment + timedelta(days=9)) if opening else moment + timedelta(days=9)
    step = moment
    while (step := step + timedelta(minutes=15)) < limit:
        assert refusal_of(found, step) is not None, step
    if opening is not None:
        assert refusal_of(found, opening) is None


@given(
    ages=st.lists(st.integers(0, 100_000), max_size=12),
    limit=st.integers(1, 6),
    span_s=st.integers(1, 90_000),
)
def test_a_cap_is_never_exceeded_in_any_window_if_it_is_asked_each_time(
    ages: list[int], limit: int, span_s: int
) -> None:
    """Ring whenever the cap says yes: no window of its length ever holds more than the limit."""
    start, span = datetime(2026, 11, 23, tzinfo=UTC), timedelta(seconds=span_s)
    rings: list[datetime] = []
    moment = start
    for gap in ages:
        moment += timedelta(seconds=gap)
        again = room_again(rings, limit, span, moment)
        if again is None:
            rings.append(moment)
        else:
            assert again > moment
            assert room_again(rings, limit, span, again) is None
    for first in rings:
        assert sum(first <= ring < first + span for ring in rings) <= limit


@given(ages=st.lists(st.integers(0, 100_000), max_size=12), spacing_s=st.integers(0, 90_000))
def test_rings_are_never_closer_than_the_spacing(ages: list[int], spacing_s: int) -> None:
    spacing = timedelta(seconds=spacing_s)
    moment = datetime(2026, 11, 23, tzinfo=UTC)
    rings: list[datetime] = []
    for gap in ages:
        moment += timedelta(seconds=gap)
        if spaced_again(rings, spacing, moment) is None:
            rings.append(moment)
    assert all(later - earlier >= spacing for earlier, later in pairwise(rings))
