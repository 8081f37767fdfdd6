"""The site's own files, read as Asterisk reads them."""

from pathlib import Path

import pytest

from telephony.asterisk.config.site_files import (
    adoption_fault,
    missing_sounds,
    music_fault,
    music_of_queue,
    read_sections,
    web_socket_faults,
)

LINE = "context = winback-offer"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "asterisk.conf").write_text(
        f"[directories](!) ; a template\nastdatadir => {tmp_path}/data\n[options]\ndefaultlanguage = sv\n"
    )
    (tmp_path / "queues.conf").write_text(
        "[usual](!)\nmusicclass = bach ; not too loud\n[400](usual)\nstrategy=ringall\n"
        '#tryinclude nowhere.conf\n#include "more.conf"\n; [500]\n'
    )
    (tmp_path / "more.conf").write_text("[400](+)\ncontext=winback-offer\n#include more.conf\n[401](usual)\n")
    (tmp_path / "data/sounds/sv/winback").mkdir(parents=True)
    (tmp_path / "data/sounds/sv/winback/offer.alaw").touch()
    (tmp_path / "data/sounds/beep.gsm").touch()
    return tmp_path


def test_includes_templates_and_sections_that_go_on_are_one_whole(folder: Path) -> None:
    assert read_sections(folder, "queues.conf")["400"] == {
        "musicclass": "bach", "strategy": "ringall", "context": "winback-offer",
    }  # fmt: skip
    assert "500" not in read_sections(folder, "queues.conf")
    assert music_of_queue(folder, "401") == "bach"


def test_an_adopted_queue_needs_to_be_there_and_to_have_the_line(folder: Path) -> None:
    assert adoption_fault(folder, "400", LINE) is None
    assert "has no line" in (adoption_fault(folder, "401", LINE) or "")
    assert "has no queue" in (adoption_fault(folder, "402", LINE) or "")


def test_a_sound_is_there_in_the_sites_language_or_without_one(folder: Path) -> None:
    asked = ("winback/offer", "winback/off", "beep", "winback/information")
    assert missing_sounds(folder, asked) == ("winback/off", "winback/information")


def test_music_is_a_class_whose_folder_has_files(folder: Path) -> None:
    (folder / "musiconhold.conf").write_text(
        "[default]\nmode=files\ndirectory=moh\n[radio]\nmode=custom\napplication=/usr/bin/radio\n"
    )
    assert "has no files" in (music_fault(folder, "default") or "")
    (folder / "data/moh").mkdir()
    (folder / "data/moh/one.wav").touch()
    assert music_fault(folder, "default") is None
    assert music_fault(folder, "radio") is None
    assert "no class [jazz]" in (music_fault(folder, "jazz") or "")


@pytest.fixture
def telephone(tmp_path: Path) -> Path:
    """A folder in which a browser is let in."""
    (tmp_path / "asterisk.conf").write_text(f"[directories]\nastmoddir => {tmp_path}/modules\n")
    (tmp_path / "modules.conf").write_text("[modules]\nautoload = yes\nnoload => res_snmp.so\n")
    (tmp_path / "http.conf").write_text(
        "[general]\nenabled = yes\ntlsenable = yes\ntlscertfile = /etc/asterisk/keys/pbx.pem\n"
    )
    (tmp_path / "modules").mkdir()
    for name in ("res_http_websocket", "res_pjsip_transport_websocket", "res_srtp", "codec_opus"):
        (tmp_path / f"modules/{name}.so").touch()
    return tmp_path


def test_nothing_is_said_where_a_browser_can_be_a_phone(telephone: Path) -> None:
    assert web_socket_faults(telephone, secure=True, codecs=("opus", "ulaw")) == ()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("enabled = yes", "no line `enabled = yes`"),
        ("tlsenable = yes", "no line `tlsenable = yes`"),
        ("tlscertfile = /etc/asterisk/keys/pbx.pem", "no certificate"),
    ],
)
def test_what_http_conf_lacks_for_a_browser_is_named(telephone: Path, line: str, said: str) -> None:
    path = telephone / "http.conf"
    path.write_text(path.read_text().replace(line, ""))
    (fault,) = web_socket_faults(telephone, secure=True, codecs=("ulaw",))
    assert said in fault
    assert str(path) in fault


def test_on_one_machine_a_browser_needs_no_certificate(telephone: Path) -> None:
    (telephone / "http.conf").write_text("[general]\nenabled = yes\n")
    assert web_socket_faults(telephone, secure=False, codecs=("ulaw",)) == ()


def test_modules_that_a_browser_needs_and_are_not_loaded_are_named(telephone: Path) -> None:
    (telephone / "modules/codec_opus.so").unlink()
    (telephone / "modules/res_srtp.so").unlink()
    with (telephone / "modules.conf").open("a") as file:
        file.write("noload => res_pjsip_transport_websocket.so\n")
    faults = web_socket_faults(telephone, secure=True, codecs=("opus", "ulaw"))
    assert [fault.split(":")[0] for fault in faults] == [
        "module res_pjsip_transport_websocket is not loaded",
        "module res_srtp is not loaded",
        "there is no module codec_opus",
    ]
    assert len(web_socket_faults(telephone, secure=True, codecs=("ulaw",))) == 2
