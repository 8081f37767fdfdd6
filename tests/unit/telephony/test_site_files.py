"""The site's own files, read as Asterisk reads them."""

from pathlib import Path

import pytest

from telephony.asterisk.config.site_files import (
    adoption_fault,
    missing_sounds,
    music_fault,
    music_of_queue,
    read_sections,
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
