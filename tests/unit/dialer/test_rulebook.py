"""Rule files: data with a date and a source, read strictly."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from importlib.metadata import version
from pathlib import Path

import pytest

from callbacks.refusals import Rule
from dialer.cli import main
from dialer.core.compliance.check import ComplianceFacts, judge
from dialer.core.compliance.rule_packs import packaged_rulebook, read_rulebook
from dialer.core.compliance.rulebook import Purpose, RulebookError, read_pack, say_hours
from dialer.core.compliance.windows import read_hours
from dialer.services.customers.dialing_regions import number_facts
from docs.holiday_table import FIRST_YEAR, LAST_YEAR, render_holidays

PACK = """
name = "Somewhere"
country = "XX"
dated = 2026-01-01
agent_only_after_abandoned_h = 72
[hours.marketing]
open = "Mon-Fri 09:00-20:00"
holidays = "national"
[hours.service]
open = "Mon-Sat 08:00-21:00"
[[law]]
id = "xx.hours"
text = "By day only."
source = "a law"
date = 2026-01-01
purposes = ["marketing"]
refuses = ["hours.closed"]
"""
HOLIDAYS = """
dated = 2026-01-01
source = "a table"
first_year = 2026
last_year = 2026
[countries.XX.national]
2026 = "01-01"
"""
STRICT = PACK.replace('country = "XX"', "")


def folder_of(path: Path, **files: str) -> Path:
    for name, text in {"strict": STRICT, "holidays": HOLIDAYS, **files}.items():
        (path / f"{name}.toml").write_text(text, encoding="utf-8")
    return path


def test_every_packaged_file_says_where_it_comes_from_and_since_when() -> None:
    rulebook = packaged_rulebook()

    assert {"AU", "DE", "FR", "GB", "NO", "US"} <= set(rulebook.packs)
    for pack in (rulebook.strict, *rulebook.packs.values()):
        assert pack.law
        assert date(2008, 9, 30) <= pack.dated <= date(2026, 12, 31)
        assert {Purpose.MARKETING, Purpose.SERVICE} <= set(pack.hours)
        assert Purpose.REQUESTED not in pack.hours  # a requested call keeps the queue's hours


def test_every_country_with_a_pack_has_a_calendar() -> None:
    rulebook = packaged_rulebook()

    assert set(rulebook.packs) <= set(rulebook.calendars)
    assert date(2026, 5, 17) in rulebook.calendars["NO"].national
    assert date(2026, 12, 28) in rulebook.calendars["GB"].national
    assert date(2026, 6, 4) in rulebook.calendars["DE"].regional
    assert (2024, 2035) == (rulebook.calendars["NO"].first_year, rulebook.calendars["NO"].last_year)


def test_the_holiday_table_is_what_its_source_says() -> None:
    """The file is frozen; only where the library is the very one it was made with can it be compared."""
    frozen = resources.files("dialer.core.compliance.rules").joinpath("holidays.toml").read_text("utf-8")
    made_with = f'source = "python package holidays {version("holidays")}"'
    fresh = render_holidays(dated=date(2026, 11, 29))

    assert fresh.count("\n") == frozen.count("\n")
    assert made_with not in frozen or fresh == frozen
    assert LAST_YEAR - FIRST_YEAR >= 9


def test_strict_rules_apply_with_the_countrys_own_and_alone_elsewhere() -> None:
    strict, country = packaged_rulebook("strict"), packaged_rulebook("country")

    assert (strict.strict, strict.packs["NO"]) == strict.packs_for("NO")
    assert (country.packs["NO"],) == country.packs_for("NO")
    assert (strict.strict,) == strict.packs_for("PT") == country.packs_for(None)


def test_a_pack_is_read_with_its_spans() -> None:
    pack = read_pack(PACK)

    assert timedelta(hours=72) == pack.agent_only_after_abandoned
    assert pack.quiet_after_refusal is None
    # what a file does not say, it does not ask for
    assert not any(hours.eves for hours in pack.hours.values())
    assert not pack.marketing_needs_consent
    quiet = read_pack(PACK.replace("agent_only_after_abandoned_h = 72", "quiet_after_refusal_d = 60"))
    assert timedelta(days=60) == quiet.quiet_after_refusal


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("name =", "nmae =", "nmae"),
        ("dated = 2026-01-01", "", "dated"),
        ('"Mon-Fri 09:00-20:00"', '"Mon-Fri 9 to 20"', "hours.marketing"),
        ('"Mon-Fri 09:00-20:00"', '""', "hours.marketing.open.*no hours"),
        ("[hours.marketing]", "[hours.fun]", "fun"),
        ('"national"', '"sometimes"', "hours.marketing.holidays"),
        ('[hours.service]\nopen = "Mon-Sat 08:00-21:00"', "", "no hours for service"),
        ("= 72", '= "three days"', "agent_only_after_abandoned_h"),
        ("= 2026-01-01", "= 2026-13-01", "not TOML"),
        ('"hours.closed"', '"hours.shut"', 'law "xx.hours".refuses #1'),
        ('source = "a law"', "", 'law "xx.hours".source'),
    ],
)
def test_a_rule_file_with_a_mistake_is_refused_by_name(old: str, new: str, match: str) -> None:
    with pytest.raises(RulebookError, match=match):
        read_pack(PACK.replace(old, new))


def test_a_country_whose_file_is_in_the_folder_is_in_force(tmp_path: Path) -> None:
    rulebook = read_rulebook(folder_of(tmp_path, xx=PACK), "country")

    assert ["Somewhere"] == [pack.name for pack in rulebook.packs_for("XX")]
    assert (rulebook.strict,) == rulebook.packs_for("YY")
    assert date(2026, 1, 1) in rulebook.calendars["XX"].national


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"xx": "hours ="}, "xx.toml: not TOML"),
        ({"xx": PACK.replace("dated", "dtaed")}, "xx.toml: dated: this has to be there"),
        ({"xx": PACK.replace('"XX"', '"YY"')}, "xx.toml: country is 'YY', and by its name it is 'XX'"),
        ({"xx": STRICT}, "xx.toml: country is None, and by its name it is 'XX'"),
        (
            {"yy": PACK.replace('"XX"', '"YY"')},
            "yy.toml: closes on holidays, and holidays.toml has none",
        ),
        ({"strict": "name = 1"}, "strict.toml: name: expected: a text"),
        ({"holidays": HOLIDAYS.replace('01-01"', '13-01"')}, "holidays.toml: not a day"),
    ],
)
def test_a_broken_rule_file_stops_the_start_with_its_name_and_what_is_wrong(
    tmp_path: Path, files: dict[str, str], said: str
) -> None:
    with pytest.raises(RulebookError) as broken:
        read_rulebook(folder_of(tmp_path, **files))

    assert str(broken.value).startswith(said)
    assert "\n" not in str(broken.value)


def test_a_country_that_closes_on_no_holiday_needs_no_table_of_them(tmp_path: Path) -> None:
    pack = PACK.replace('"XX"', '"YY"').replace('holidays = "national"\n', "")

    assert "YY" in read_rulebook(folder_of(tmp_path, yy=pack)).packs


def test_a_missing_table_stops_the_start_too(tmp_path: Path) -> None:
    (folder_of(tmp_path) / "holidays.toml").unlink()

    with pytest.raises(RulebookError, match="holidays.toml"):
        read_rulebook(tmp_path)


def test_a_broken_rule_file_is_one_sentence_on_the_command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def start() -> None:
        raise RulebookError("xx.toml: dated: this has to be there")

    monkeypatch.setattr(main, "cli", start)
    with pytest.raises(SystemExit, match="2"):
        main.main()

    said = " ".join(capsys.readouterr().err.split())
    assert "A rule file cannot be read, so nothing is called: xx.toml: dated: this has to be there" == said


def test_hours_are_said_as_they_are_read() -> None:
    windows = read_hours("Mon-Tue 09:00-20:00, Sat 10:00-16:30")
    said = say_hours(windows)

    assert "Mon-Tue 09:00-20:00, Sat 10:00-16:30" == said
    assert windows == read_hours(said)
    assert "Mon 00:00-24:00, Wed 00:00-24:00" == say_hours(
        (replace(windows[0], days=frozenset({0, 2}), opens=0, closes=1440),)
    )


@pytest.mark.parametrize(
    ("number", "zone", "when", "rule"),
    [
        ("+12125550142", None, "2026-07-08T13:05:00", "hours.closed"),  # 06:05 in Los Angeles
        ("+13105550142", None, "2026-07-09T02:30:00", "hours.closed"),  # 22:30 in New York
        ("+12125550142", "America/New_York", "2026-07-08T13:05:00", None),
        ("+905321234567", None, "2026-10-28T11:00:00", "hours.no-calendar"),
        ("+919812345678", None, "2026-01-27T08:00:00", "hours.no-calendar"),
        ("+359881234567", None, "2026-09-22T11:00:00", "hours.holiday"),
        ("+35799123456", None, "2026-10-01T11:00:00", "hours.holiday"),
        ("+35679123456", None, "2026-12-08T11:00:00", "hours.holiday"),
        ("+4741000001", None, "2026-12-24T11:30:00", "hours.holiday"),
        ("+4741000001", None, "2026-12-24T09:30:00", None),
        ("+46701234567", None, "2026-06-19T11:00:00", "hours.holiday"),
        ("+4520123456", None, "2026-06-05T11:00:00", "hours.holiday"),
        ("+41791234567", None, "2026-04-03T11:00:00", "hours.holiday"),  # Good Friday, a matter of cantons
    ],
)
def test_what_is_not_known_is_closed_and_eves_and_every_possible_clock_count(
    number: str, zone: str | None, when: str, rule: str | None
) -> None:
    known = number_facts(number, zone)
    facts = ComplianceFacts(
        purpose=Purpose.SERVICE, country=known.country, zones=known.zones, number_rule=known.rule
    )
    refusal = judge(facts, packaged_rulebook("strict"), datetime.fromisoformat(when).replace(tzinfo=UTC))

    assert rule == (refusal and refusal.rule)


def test_every_law_has_an_id_of_its_own_under_its_country_and_what_is_settled_is_cited() -> None:
    rulebook = packaged_rulebook()
    packs = (rulebook.strict, *rulebook.packs.values())
    ids = [law.id for pack in packs for law in pack.law]

    assert len(ids) == len(set(ids))
    for pack in packs:
        held = {rule for law in pack.law for rule in law.refuses}
        assert all(law.id.startswith(f"{(pack.country or 'strict').lower()}.") for law in pack.law)
        assert Rule.HOURS_CLOSED in held
        assert (Rule.CONSENT_MISSING in held) == pack.marketing_needs_consent
        caps = [each.attempts_per_day for each in (pack, *(part.pack for part in pack.subdivisions))]
        assert (Rule.CAP_DAY in held) == any(caps)
        assert (Rule.CAP_MONTH in held) == (pack.attempts_per_30_days is not None)
        assert (Rule.REFUSED_QUIET in held) == (pack.quiet_after_refusal is not None)
        assert (Rule.ABANDONED_AGENT_ONLY in held) == (pack.agent_only_after_abandoned is not None)


def test_denmark_wants_consent_of_own_customers_too_and_brazil_is_called_twice_a_day() -> None:
    packs = packaged_rulebook("country").packs

    assert packs["DK"].marketing_needs_consent
    assert 2 == packs["BR"].attempts_per_day


def test_a_country_whose_holidays_nobody_knows_is_named() -> None:
    strict, country = packaged_rulebook("strict"), packaged_rulebook("country")

    assert (True, False) == (strict.lacks_calendar("TR"), strict.lacks_calendar("NO"))
    assert not country.lacks_calendar("US")
