"""What the site's own configuration says, where its folder can be read: queues, music on hold and sounds.

Only what is needed to see a fault that callers would meet. Asterisk's forms are read as it reads them:
includes, templates, sections that go on.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

Sections = dict[str, dict[str, str]]
Pairs = dict[str, list[tuple[str, str]]]

_SECTION: Final = re.compile(r"\[([^\]]+)\](?:\(([^)]*)\))?")
_INCLUDE: Final = re.compile(r"#(?:try)?include\s+[\"<]?([^\">]+)[\">]?")
_COMMENT: Final = re.compile(r"(?<!\\);.*")
_DEEPEST: Final = 10  # includes within includes
#: where Asterisk looks for sounds and music unless asterisk.conf says otherwise, by Debian and by itself
_DATA_FOLDERS: Final = (Path("/usr/share/asterisk"), Path("/var/lib/asterisk"))
#: of Asterisk, whose sounds are its own
USUAL_LANGUAGE: Final = "en"


def read_sections(folder: Path, name: str) -> Sections:
    """The sections of one file with everything it includes; a key that comes twice has its last value."""
    return {section: dict(pairs) for section, pairs in read_pairs(folder, name).items()}


def read_pairs(folder: Path, name: str) -> Pairs:
    """The same with every key as often as it comes, in order: in an address list the order decides."""
    sections: Pairs = {}
    section: list[tuple[str, str]] = []
    for line in _lines(folder, name, _DEEPEST):
        if head := _SECTION.fullmatch(line):
            section = sections.setdefault(head[1], [])
            for template in (head[2] or "").split(","):
                section += sections.get(template.strip(), [])
        elif "=" in line:
            key, _, value = line.partition("=")
            section.append((key.strip().lower(), value.removeprefix(">").strip()))
    return sections


def _lines(folder: Path, name: str, depth: int) -> Iterator[str]:
    path = folder / name
    if not depth or not path.is_file():
        return
    for raw in path.read_text(encoding="utf-8", errors="replace").splitlines():
        line = _COMMENT.sub("", raw).strip()
        if include := _INCLUDE.fullmatch(line):
            yield from _lines(folder, include[1].strip(), depth - 1)
        elif line:
            yield line


def data_folder(folder: Path) -> Path:
    """Where this Asterisk has its sounds and its music."""
    said = read_sections(folder, "asterisk.conf").get("directories", {}).get("astdatadir")
    if said:
        return Path(said)
    return next((each for each in _DATA_FOLDERS if (each / "sounds").is_dir()), _DATA_FOLDERS[-1])


def missing_sounds(folder: Path, names: Iterable[str]) -> tuple[str, ...]:
    """Which of these sounds there is no file of, neither in the usual language nor without one."""
    options = read_sections(folder, "asterisk.conf").get("options", {})
    sounds = data_folder(folder) / "sounds"
    places = (sounds / options.get("defaultlanguage", USUAL_LANGUAGE), sounds)
    return tuple(name for name in names if not any(_is_sound(place / name) for place in places))


def _is_sound(path: Path) -> bool:
    return path.parent.is_dir() and any(path.parent.glob(f"{path.name}.*"))


def music_fault(folder: Path, music: str) -> str | None:
    """Why nothing would be heard of this music on hold class; None where something is."""
    section = read_sections(folder, "musiconhold.conf").get(music)
    if section is None:
        return f"{folder / 'musiconhold.conf'} has no class [{music}]"
    if section.get("mode", "files") != "files":
        return None  # a stream or a list: what it plays is not a folder's
    directory = data_folder(folder) / section.get("directory", "moh")
    if not directory.is_dir() or not any(path.is_file() for path in directory.iterdir()):
        return f"class [{music}] has no files in {directory}"
    return None


def music_of_queue(folder: Path, queue: str) -> str | None:
    """The music on hold class a queue of the site's names."""
    section = read_sections(folder, "queues.conf").get(queue, {})
    return section.get("musicclass") or section.get("musiconhold") or section.get("music")


def adoption_fault(folder: Path, queue: str, line: str) -> str | None:
    """What keeps key 1 in a queue of the site's from leading to the callback offer; None for nothing."""
    section = read_sections(folder, "queues.conf").get(queue)
    if section is None:
        return f"{folder / 'queues.conf'} has no queue [{queue}]"
    if f"context = {section.get('context', '')}" != line:
        return f"[{queue}] of {folder / 'queues.conf'} has no line {line}"
    return None


#: of an Asterisk, by its files: what a phone in a page cannot do without
_WEB_MODULES: Final = ("res_http_websocket", "res_pjsip_transport_websocket", "res_srtp")
_YES: Final = frozenset({"yes", "true", "y", "t", "1", "on"})


def web_socket_faults(folder: Path, *, secure: bool, codecs: Iterable[str]) -> tuple[str, ...]:
    """What keeps a browser from being a phone of this Asterisk; modules are looked at where they are here."""
    return (*_http_faults(folder, secure=secure), *_module_faults(folder, codecs))


def _http_faults(folder: Path, *, secure: bool) -> Iterator[str]:
    general, home = read_sections(folder, "http.conf").get("general", {}), folder / "http.conf"
    if general.get("enabled", "no").lower() not in _YES:
        yield f"{home} has no line `enabled = yes` in [general]"
    if secure and general.get("tlsenable", "no").lower() not in _YES:
        yield f"{home} has no line `tlsenable = yes` in [general]"
    if secure and not {"tlscertfile", "sslcert"} & general.keys():
        yield f"{home} names no certificate (`tlscertfile = ...`)"


def _module_faults(folder: Path, codecs: Iterable[str]) -> Iterator[str]:
    stated = read_sections(folder, "asterisk.conf").get("directories", {}).get("astmoddir")
    modules = Path(stated) if stated else None
    if modules is None or not modules.is_dir():
        return
    left_out = {
        value for key, value in read_pairs(folder, "modules.conf").get("modules", []) if key == "noload"
    }
    for name in _WEB_MODULES:
        if not (modules / f"{name}.so").exists() or {name, f"{name}.so"} & left_out:
            yield f"module {name} is not loaded"
    if "opus" in codecs and not any(modules.glob("codec_opus*.so")):
        yield "there is no module codec_opus: opus cannot be translated, and calls would be silent"
