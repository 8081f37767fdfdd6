"""Whom the manager interface lets in, as Asterisk reads its own files."""

from pathlib import Path

import pytest

from telephony.asterisk.config.manager_access import login_fault, permits

CLOSED = ("deny", "0.0.0.0/0.0.0.0")
HERE = "192.0.2.7"


@pytest.mark.parametrize(
    ("rules", "address", "expected"),
    [
        ([], HERE, True),
        ([CLOSED], HERE, False),
        ([CLOSED, ("permit", "192.0.2.0/255.255.255.0")], HERE, True),
        ([("permit", "192.0.2.0/24"), CLOSED], HERE, False),
        ([CLOSED, ("permit", "192.0.2.7")], HERE, True),
        ([CLOSED, ("permit", "192.0.2.5/24")], HERE, True),
        ([CLOSED, ("permit", "198.51.100.0/24,192.0.2.0/24")], HERE, True),
        ([CLOSED, ("permit", "192.0.2.0/24,!192.0.2.7")], HERE, False),
        ([CLOSED, ("permit", "not-a-network")], HERE, False),
        ([CLOSED], "2001:db8::1", True),
        ([CLOSED, ("deny", "::/0"), ("permit", "2001:db8::/32")], "2001:db8::1", True),
        ([CLOSED, ("permit", "192.0.2.0/24")], "::ffff:192.0.2.7", True),
        ([("deny", "::/0")], "fe80::1%eth0", False),
    ],
)
def test_the_last_rule_about_an_address_decides(
    *, rules: list[tuple[str, str]], address: str, expected: bool
) -> None:
    assert permits(rules, address) is expected


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "manager.conf").write_text(
        "[general]\n[closed](!)\ndeny = 0.0.0.0/0\n[other]\nsecret = other\n#include ours.conf\n"
    )
    (tmp_path / "ours.conf").write_text(
        "[winback](closed)\nsecret = s-e-c-r-e-t ; ours\npermit = 192.0.2.0/24\nacl = office,second\n"
    )
    (tmp_path / "acl.conf").write_text("[office]\ndeny = 192.0.2.9\n[second]\npermit = 0.0.0.0/0\n")
    return tmp_path


def test_user_address_list_and_secret_are_told_apart(folder: Path) -> None:
    assert login_fault(folder, "winback", "s-e-c-r-e-t", HERE) is None
    assert (login_fault(folder, "winbakc", "s-e-c-r-e-t", HERE) or "").startswith("user: ")
    assert (login_fault(folder, "winback", "s-e-c-r-e-t", "192.0.3.1") or "").startswith("ACL: ")
    assert (login_fault(folder, "winback", "s-e-c-r-e-t", "192.0.2.9") or "").startswith("ACL: ")
    wrong = login_fault(folder, "winback", "another", HERE) or ""
    assert wrong.startswith("secret: ")
    assert "s-e-c-r-e-t" not in wrong
    assert "another than" in wrong
