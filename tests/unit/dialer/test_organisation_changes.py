"""The organisation as declared: what has to be done is told before it is done, and nothing more is."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.calling.disposition import Disposition
from dialer.core.organisation.changes import EntryAct, changes_between, fault_of
from dialer.core.organisation.entries import (
    CallerQueue,
    Centre,
    DispositionWord,
    NumberShown,
    Organisation,
    PauseReason,
    StaffAgent,
    StaffTeam,
)
from dialer.services.organisation.organisation import declared_by, settings_of
from dialer.services.organisation.setup_file import SetupRefused, as_toml, read_setup
from dialer.settings import Settings

AMIRA, BEN = StaffAgent(id="amira", name="Amira", phone="PJSIP/101"), StaffAgent(id="ben")
NORTH = StaffTeam(id="north", name="North", agents=("amira", "ben"))
SOUTH = StaffTeam(id="south")
HOUSE = declared_by(Settings()).model_copy(update={"agents": (AMIRA, BEN), "teams": (NORTH, SOUTH)})


def told(wanted: Organisation, there: Organisation = HOUSE) -> list[str]:
    return [change.words for change in changes_between(there, wanted)]


def test_what_is_as_declared_is_left_alone() -> None:
    assert [] == told(HOUSE)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"teams": (SOUTH,)}, "team north is removed"),
        ({"teams": (NORTH, SOUTH, StaffTeam(id="west"))}, "team west is added with nobody"),
        (
            {"teams": (NORTH, StaffTeam(id="south", agents=("ben",), weights={"ben": 3}))},
            "team south: ben joins",
        ),
        (
            {"teams": (StaffTeam(id="north", agents=("ben",)), SOUTH)},
            "team north: amira leaves, it is called north",
        ),
        (
            {"teams": (StaffTeam(id="north", name="North", agents=NORTH.agents, weights={"ben": 2}), SOUTH)},
            "team north: ben weighs 2",
        ),
        (
            {"agents": (StaffAgent(id="amira", name="Amira", phone="PJSIP/102"), BEN)},
            "agent amira: phone PJSIP/101 → PJSIP/102",
        ),
        ({"agents": (AMIRA, BEN, StaffAgent(id="cy", code="103"))}, "agent cy is added (code 103)"),
        (
            {
                "pause_reasons": tuple(
                    PauseReason(id=each) for each in ("lunch", "break", "meeting", "training")
                )
            },
            "pause reasons stand in this order: lunch, break, meeting, training",
        ),
        (
            {"centre": Centre(holidays=(date(2026, 12, 25),))},
            "the centre: holidays none → 2026-12-25",
        ),
    ],
)
def test_each_change_is_said_in_one_line(change: dict[str, object], words: str) -> None:
    assert [words] == told(HOUSE.model_copy(update=change))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"teams": (NORTH, NORTH)}, "team north stands there twice"),
        ({"teams": (StaffTeam(id="north", agents=("amria",)),)}, "nobody knows the agent 'amria'"),
        ({"teams": (StaffTeam(id="north", weights={"ben": 2.0}),)}, "weighs ben, who is not in it"),
        ({"inbound_queues": (CallerQueue(id="support", team="west"),)}, "there is no team 'west'"),
        ({"numbers": (NumberShown(id="+442079460001", team="west"),)}, "there is no team 'west'"),
        ({"inbound_queues": ()}, "must be an inbound queue"),
        ({"pause_reasons": ()}, "at least one reason to pause"),
        ({"trunks": ()}, "must be a trunk"),
        ({"dispositions": HOUSE.dispositions[1:]}, "no word in use means 'saved'"),
        ({"agents": (BEN,), "teams": ()}, "agent amira is at work"),
        ({"agents": (StaffAgent(id="amira", phone="PJSIP/7"), BEN)}, "agent amira is at work"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(change: dict[str, object], words: str) -> None:
    fault = fault_of(HOUSE, HOUSE.model_copy(update=change), at_work={"amira": "wrapping_up"})

    assert fault is not None
    assert words in fault


def test_an_agent_who_was_only_seen_may_be_in_a_team() -> None:
    wanted = HOUSE.model_copy(update={"teams": (StaffTeam(id="north", agents=("seen",)),)})

    assert fault_of(HOUSE, wanted, seen_agents={"seen"}) is None


@given(
    names=st.lists(st.from_regex(r"[a-z][a-z0-9]{0,5}", fullmatch=True), unique=True, max_size=4),
    title=st.text(st.characters(exclude_categories=["C", "Z"]), max_size=12),
    weight=st.floats(0.1, 10),
    days=st.lists(st.dates(), max_size=3),
)
def test_a_file_that_was_shown_says_the_same_when_it_is_read(
    names: list[str], title: str, weight: float, days: list[date]
) -> None:
    team = StaffTeam(id="t", name=title, agents=tuple(names), weights=dict.fromkeys(names[:1], weight))
    house = HOUSE.model_copy(
        update={
            "agents": tuple(StaffAgent(id=name, name=title, skills=("sales",)) for name in names),
            "teams": (team,),
            "centre": Centre(holidays=tuple(days), hours="Mon-Fri 08:00-20:00", zone="Europe/Oslo"),
        }
    )
    again = read_setup(as_toml(house)).over(Organisation())

    assert [] == told(again, house)
    assert () == changes_between(
        house, declared_by(settings_of(house, Settings())).model_copy(update={"agents": house.agents})
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[teams]]\nid = 'No name'", 'teams "No name".id: '),
        ("[[teams]]\nid = 'a'\n[[teams]]\nid = 'b'\nagents = ['c', 1]", 'teams "b".agents #2: '),
        ("[[teams]]\nname = 'North'", 'teams "North".id: '),
        ("[[agents]]\nid = 'a'\n[[agents]]\nphone = 'web'", "agents #2.id: "),
        ("[centre]\nholidays = [2026-12-24, 'Easter']", "holidays #2: "),
        ("[[team]]\nid = 'north'", "team"),
        ("[[teams]", "cannot be read as TOML"),
        ("pause_reasons = ['reserved']", "no reason to pause"),
        ("[centre]\nzone = 'Mars'", "no time zone"),
        ("[centre]\nhours = 'always'", "hours"),
        ("[[numbers]]\nid = '0123'", "E.164"),
        ("[[dispositions]]\nid = 'x'\nlabel = 'X'\nmeaning = 'gone'", 'dispositions "x".meaning'),
    ],
)
def test_a_slip_in_a_file_is_named_with_its_place(text: str, said: str) -> None:
    with pytest.raises(SetupRefused, match=said):
        read_setup(text).over(HOUSE)


def test_a_kind_that_a_file_leaves_out_stays_as_it_is() -> None:
    wanted = read_setup("[centre]\nzone = 'Europe/Oslo'").over(HOUSE)

    assert ["the centre: zone UTC → Europe/Oslo"] == told(wanted)


def test_changed_acts_are_named_for_the_audit() -> None:
    (change,) = changes_between(HOUSE, HOUSE.model_copy(update={"teams": (NORTH,)}))

    assert (EntryAct.REMOVED, SOUTH, None) == (change.act, change.before, change.after)


def test_a_word_named_like_a_meaning_means_it() -> None:
    lost_as_saved = DispositionWord(id="lost", label="Stays", meaning=Disposition.SAVED)
    words = tuple(word for word in HOUSE.dispositions if word.id != "lost")

    fault = fault_of(HOUSE, HOUSE.model_copy(update={"dispositions": (*words, lost_as_saved)}))

    assert fault == "disposition lost is a meaning's own name and cannot mean 'saved'"
