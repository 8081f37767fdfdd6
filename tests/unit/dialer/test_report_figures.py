"""Sums of days put together, windows that authorities look at, and when a report is sent again."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.dashboard.standing import LimitStanding, judge
from dialer.core.reporting.abandonment import judge_windows, worst
from dialer.core.reporting.catalogue import CONTACTS, DAY_REPORTS
from dialer.core.reporting.columns import Unit
from dialer.core.reporting.day_report import DayLine, Grouping, add_up
from dialer.core.reporting.mailing import Rhythm, period_due

FIRST = date(2026, 11, 4)  # a Wednesday
ANSWERED, ABANDONED = 1, 3

lines = st.lists(
    st.builds(
        lambda ahead, key, counts: DayLine(
            day=FIRST + timedelta(days=ahead), keys=(key,), counts=(*map(float, counts),)
        ),
        st.integers(0, 60),
        st.sampled_from(("Spring", "Autumn")),
        st.lists(st.integers(0, 99), min_size=len(CONTACTS.counts), max_size=len(CONTACTS.counts)),
    ),
    max_size=30,
)


@given(lines, st.sampled_from(Grouping))
def test_however_days_are_put_together_nothing_is_lost_and_a_share_is_that_of_the_sums(
    days: list[DayLine], grouping: Grouping
) -> None:
    table = add_up(CONTACTS, days, FIRST, grouping).as_dicts()

    for number, column in enumerate(CONTACTS.counts):
        assert sum(row[column.name] for row in table) == sum(day.counts[number] for day in days)  # type: ignore[misc]
    for row in table:
        assert row["reach"] == (row["answered"] / row["attempts"] if row["attempts"] else None)  # type: ignore[operator]
        assert row["from"] >= FIRST  # type: ignore[operator]


def test_a_week_begins_on_monday_and_no_row_before_the_day_asked_for() -> None:
    day = DayLine(day=date(2026, 11, 10), keys=("Spring",), counts=(1.0,) * len(CONTACTS.counts))
    early = DayLine(day=FIRST, keys=("Spring",), counts=(1.0,) * len(CONTACTS.counts))

    assert [date(2026, 11, 9), FIRST] == [
        row["from"] for row in add_up(CONTACTS, [early, day], FIRST, Grouping.WEEK).as_dicts()
    ]


def test_abandonment_is_judged_over_each_window_by_its_own_limit() -> None:
    counts = [0.0] * len(CONTACTS.counts)
    last = date(2026, 11, 28)

    def line(ahead: int, answered: float, abandoned: float) -> DayLine:
        counts[ANSWERED], counts[ABANDONED] = answered, abandoned
        return DayLine(day=last - timedelta(days=ahead), keys=("Spring",), counts=tuple(counts))

    days = [line(0, 100, 4), line(10, 900, 20), line(29, 100, 0), line(30, 9_000, 9_000)]
    table = judge_windows(days, last, ANSWERED, ABANDONED)

    assert [(100, 4, "over the limit"), (1100, 24, "within"), (1000, 24, "within")] == [
        (row["answered"], row["abandoned"], row["standing"]) for row in table.as_dicts()
    ]
    assert worst(table) is LimitStanding.OVER
    assert ["answered", "abandoned"] == [CONTACTS.counts[place].name for place in (ANSWERED, ABANDONED)]


@pytest.mark.parametrize(
    ("figure", "standing"),
    [
        (None, LimitStanding.UNKNOWN),
        (0.0, LimitStanding.WITHIN),
        (0.024, LimitStanding.WITHIN),
        (0.025, LimitStanding.NEAR),
        (0.03, LimitStanding.NEAR),
        (0.0301, LimitStanding.OVER),
    ],
)
def test_a_figure_is_near_its_limit_before_it_is_over_it(
    figure: float | None, standing: LimitStanding
) -> None:
    assert judge(figure, 0.03) is standing


@pytest.mark.parametrize(
    ("rhythm", "period"),
    [
        (Rhythm.DAILY, (date(2026, 11, 29), date(2026, 11, 29))),
        (Rhythm.WEEKLY, (date(2026, 11, 23), date(2026, 11, 29))),
        (Rhythm.MONTHLY, (date(2026, 10, 1), date(2026, 10, 31))),
    ],
)
def test_a_report_is_sent_once_of_the_latest_period_that_is_over(
    rhythm: Rhythm, period: tuple[date, date]
) -> None:
    monday = date(2026, 11, 30)

    assert period == period_due(rhythm, None, monday)
    assert period_due(rhythm, period[1], monday) is None


def test_every_ratio_is_of_counts_that_its_report_has_and_every_column_says_what_it_means() -> None:
    for report in DAY_REPORTS.values():
        names = [column.name for column in report.columns]
        counted = {column.name for column in report.counts}

        assert len(names) == len(set(names))
        assert {part for ratio in report.ratios for part in (ratio.over, ratio.under)} <= counted
        assert all(column.means for column in report.columns)
        assert all(column.unit in {Unit.COUNT, Unit.SECONDS} for column in report.counts)
