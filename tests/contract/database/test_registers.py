"""Registers come as files: a newer one replaces the older, and one that is too old stops marketing."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from databases.centre import Centre, number
from sqlalchemy import event

from callbacks.refusals import Refusal, Rule
from dialer.core.calling.campaign import CampaignEvent
from dialer.core.compliance.registers import RegisterSource
from dialer.core.compliance.rulebook import Purpose
from dialer.db.queries import registers
from dialer.db.session import Transaction
from dialer.services.campaigns.campaign_start import StartRefused
from dialer.services.campaigns.campaigns import move_campaign
from dialer.services.campaigns.held_leads import look_at_list
from dialer.services.customers import registers as use_case
from dialer.services.customers.customer_file import FileRefused
from dialer.services.customers.register_copies import list_registers
from dialer.services.customers.registers import RegisterFile, RegisterReport, import_register
from dialer.services.customers.suppression import add_do_not_call, list_do_not_call


def bring(
    centre: Centre, path: Path, *lines: str, source: RegisterSource = RegisterSource.TPS, **values: Any
) -> RegisterReport:
    """Import a register of these lines."""
    path.write_text("".join(f"{line}\n" for line in lines))
    file = RegisterFile(
        **{"path": path, "source": source, "dated": centre.now, "actor": "eve", "country": "GB", **values}
    )
    return import_register(centre.database, file, centre.now)


def registered(centre: Centre, *indices: int) -> list[bool]:
    with centre.database.read() as tx:
        return [registers.holds(tx, number(index)) for index in indices]


def test_a_newer_file_of_a_register_replaces_the_older_one_and_says_what_came_and_left(
    centre: Centre, tmp_path: Path
) -> None:
    first = bring(centre, tmp_path / "a.txt", number(0), number(1))
    second = bring(centre, tmp_path / "b.txt", number(1), number(2), shorter=True)

    assert (first.added, first.removed) == (2, 0)
    assert (second.known, second.added, second.removed) == (2, 1, 1)
    assert registered(centre, 0, 1, 2) == [False, True, True]
    (card,) = list_registers(centre.database, centre.now)
    assert (card.copy.name, card.numbers, card.file_name) == ("tps", 2, "b.txt")


def test_a_much_shorter_file_of_a_register_changes_nothing_until_somebody_says_it_is_so(
    centre: Centre, tmp_path: Path
) -> None:
    bring(centre, tmp_path / "a.txt", *map(number, range(10)))

    with pytest.raises(FileRefused, match=r"2 of the 10 numbers of tps \(20.0%\)"):
        bring(centre, tmp_path / "b.txt", *map(number, range(8)))
    assert registered(centre, 8, 9) == [True, True]

    assert bring(centre, tmp_path / "b.txt", *map(number, range(8)), shorter=True).removed == 2
    assert bring(centre, tmp_path / "c.txt", *map(number, range(8))).removed == 0


def test_registers_do_not_replace_each_other(centre: Centre, tmp_path: Path) -> None:
    bring(centre, tmp_path / "a.txt", number(0))
    bring(centre, tmp_path / "b.txt", number(0), "+34912345678", source=RegisterSource.ROBINSON, country="ES")
    bring(
        centre,
        tmp_path / "c.txt",
        "+34912345678",
        source=RegisterSource.ROBINSON,
        country="ES",
        shorter=True,
    )

    assert [card.copy.name for card in list_registers(centre.database, centre.now)] == ["robinson-es", "tps"]
    assert registered(centre, 0) == [True]


def test_the_houses_own_numbers_outlive_every_file(centre: Centre, tmp_path: Path) -> None:
    add_do_not_call(centre.database, number(0), "asked on the telephone", "agent", centre.now)
    bring(centre, tmp_path / "own.txt", number(0), number(1), source=RegisterSource.OWN)
    again = bring(centre, tmp_path / "own2.txt", number(2), source=RegisterSource.OWN)
    bring(centre, tmp_path / "tps.txt", number(3))

    assert (again.added, again.removed) == (1, 0)
    listed = {row.e164: row.reason for row in list_do_not_call(centre.database)}
    assert listed == {
        number(0): "asked on the telephone",
        number(1): "own.txt",
        number(2): "own2.txt",
    }


def test_an_older_file_does_not_replace_a_newer_one(centre: Centre, tmp_path: Path) -> None:
    bring(centre, tmp_path / "a.txt", number(0))

    with pytest.raises(FileRefused, match="--dated"):
        bring(centre, tmp_path / "b.txt", number(1), dated=centre.now - timedelta(days=2))

    assert registered(centre, 0, 1) == [True, False]


def test_a_file_without_a_number_changes_nothing(centre: Centre, tmp_path: Path) -> None:
    bring(centre, tmp_path / "a.txt", number(0))

    with pytest.raises(FileRefused, match="numbers? of GB"):
        bring(centre, tmp_path / "b.txt", "name", "somebody", "nobody")

    assert registered(centre, 0) == [True]


def test_an_import_that_broke_off_binds_what_was_and_what_came_and_is_done_by_doing_it_again(
    centre: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(use_case, "AT_ONCE", 1)
    bring(centre, tmp_path / "a.txt", number(0), number(1))
    written: list[int] = []
    real = registers.put

    def fail(tx: Transaction, register: int, piece: Sequence[int]) -> None:
        if written:
            raise RuntimeError("power cut")
        written.extend(piece)
        real(tx, register, piece)

    monkeypatch.setattr(registers, "put", fail)
    with pytest.raises(RuntimeError):
        bring(centre, tmp_path / "b.txt", number(2), number(3), number(1), shorter=True)
    monkeypatch.setattr(registers, "put", real)
    assert registered(centre, 0, 1) == [True, True]

    bring(centre, tmp_path / "b.txt", number(2), number(3), number(1), shorter=True)

    assert registered(centre, 0, 1, 2, 3) == [False, True, True, True]


def test_a_registered_number_is_rung_for_no_offer_at_either_look(centre: Centre, tmp_path: Path) -> None:
    centre.customers(3)
    card = centre.campaign()
    work = {each.lead: each for each in centre.work()[1]}
    bring(centre, tmp_path / "a.txt", number(0))

    assert len(centre.work()[1]) == 2
    (gone,) = set(work) - {each.lead for each in centre.work()[1]}
    refusal = centre.try_open(work[gone])
    assert isinstance(refusal, Refusal)
    assert refusal.rule is Rule.DNC_REGISTER
    held = look_at_list(centre.database, card.id, centre.now)
    assert held.callable + sum(row.leads for row in held.held) == 3


def test_a_call_on_its_way_is_refused_at_the_last_look(centre: Centre, tmp_path: Path) -> None:
    centre.customers(1)
    centre.campaign()
    order = centre.open()
    bring(centre, tmp_path / "a.txt", number(0))

    from dialer.services.calls.attempts import consume_attempt  # noqa: PLC0415

    refusal = consume_attempt(centre.database, order.attempt, centre.now)

    assert isinstance(refusal, Refusal)
    assert refusal.rule is Rule.DNC_REGISTER


def test_a_register_binds_no_service_call(centre: Centre, tmp_path: Path) -> None:
    centre.customers(1)
    centre.campaign(purpose=Purpose.SERVICE)
    bring(centre, tmp_path / "a.txt", number(0), dated=centre.now - timedelta(days=60))

    assert not isinstance(centre.try_open(centre.work()[1][0]), Refusal)


def test_a_stale_register_stops_marketing_in_its_country_until_a_newer_file_is_there(
    centre: Centre, tmp_path: Path
) -> None:
    centre.customers(2)
    card = centre.campaign()
    work = centre.work()[1]
    bring(centre, tmp_path / "a.txt", number(900), dated=centre.now - timedelta(days=28))

    assert centre.work()[1] == ()
    refusal = centre.try_open(work[0])
    assert isinstance(refusal, Refusal)
    assert refusal.rule is Rule.DNC_REGISTER_STALE
    held = look_at_list(centre.database, card.id, centre.now).held
    assert Rule.DNC_REGISTER_STALE in {row.rule for row in held}

    bring(centre, tmp_path / "b.txt", number(900))

    assert work[1] in centre.work()[1]


def test_no_marketing_campaign_starts_on_a_stale_register_of_its_country(
    centre: Centre, tmp_path: Path
) -> None:
    centre.customers(2)
    centre.campaign(started=False)
    centre.campaign("service", started=False, purpose=Purpose.SERVICE)
    old = centre.now - timedelta(days=90)
    bring(centre, tmp_path / "us.txt", "2015550142", source=RegisterSource.FTC, dated=old)
    bring(centre, tmp_path / "a.txt", number(900), dated=centre.now - timedelta(days=28))

    with pytest.raises(StartRefused, match=r"tps is of .* 28 days.*\[dnc.register-stale\]") as refused:
        move_campaign(centre.database, "winter", CampaignEvent.START, centre.now, "eve")

    assert "ftc" not in str(refused.value)
    move_campaign(centre.database, "service", CampaignEvent.START, centre.now, "eve")
    bring(centre, tmp_path / "b.txt", number(900), dated=centre.now - timedelta(days=27, hours=23))
    move_campaign(centre.database, "winter", CampaignEvent.START, centre.now, "eve")


def test_importing_a_file_again_writes_no_number(centre: Centre, tmp_path: Path) -> None:
    bring(centre, tmp_path / "a.txt", number(0), number(1))
    said: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        said.append(statement)

    event.listen(centre.database.engine, "before_cursor_execute", hear)
    again = bring(centre, tmp_path / "a.txt", number(0), number(1))
    event.remove(centre.database.engine, "before_cursor_execute", hear)

    assert (again.added, again.removed) == (0, 0)
    assert not [each for each in said if each.startswith(("INSERT INTO registered", "INSERT OR", "DELETE"))]
