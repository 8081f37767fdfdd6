"""Who is heard at the FastAGI port: addresses, bounds, and who gives way."""

from ipaddress import ip_network

import pytest

from telephony.asterisk.agi.admission import LOOPBACK, Admission, Bounds

SMALL = Bounds(talks=3, talks_each=2, silent=4, silent_each=2)


def admission() -> tuple[Admission, list[str]]:
    return Admission(LOOPBACK, SMALL), []


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "127.3.2.1"])
def test_loopback_is_heard_in_every_spelling(address: str) -> None:
    assert Admission(LOOPBACK, SMALL).allows(address)


@pytest.mark.parametrize("address", ["10.0.0.1", "::ffff:10.0.0.1", "fe80::1%eth0", "", "unix"])
def test_what_is_not_among_the_networks_is_not_heard(address: str) -> None:
    assert not Admission(LOOPBACK, SMALL).allows(address)
    assert Admission((ip_network("10.0.0.0/8"),), SMALL).allows("::ffff:10.0.0.1")


def test_of_one_address_the_longest_silent_gives_way_to_the_newest() -> None:
    heard, dropped = admission()
    for name in ("first", "second", "third"):
        _, crowded = heard.begin("10.0.0.1", lambda name=name: dropped.append(name))  # type: ignore[misc]
        assert crowded == (name == "third")
    heard.begin("10.0.0.2", lambda: dropped.append("another's"))
    assert dropped == ["first"]


def test_over_all_addresses_too() -> None:
    heard, dropped = admission()
    for n in range(5):
        heard.begin(f"10.0.0.{n}", lambda n=n: dropped.append(str(n)))  # type: ignore[misc]
    assert dropped == ["0"]


def test_talks_are_bounded_of_one_address_and_in_all_and_room_comes_back_with_their_ends() -> None:
    heard, _ = admission()

    def talk(address: str) -> tuple[int, bool]:
        key, _ = heard.begin(address, lambda: None)
        return key, heard.begin_talk(key)

    (first, one), (_, two), (_, three) = (talk("10.0.0.1") for _ in range(3))
    assert (one, two, three) == (True, True, False)
    assert [talk("10.0.0.2")[1], talk("10.0.0.3")[1]] == [True, False]
    heard.end(first)
    assert talk("10.0.0.1")[1]


def test_who_was_dropped_in_the_middle_of_asking_begins_no_talk() -> None:
    heard, _ = admission()
    first, _ = heard.begin("10.0.0.1", lambda: None)
    for _ in range(2):
        heard.begin("10.0.0.1", lambda: None)
    assert not heard.begin_talk(first)
