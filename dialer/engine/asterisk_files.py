"""The rendered files beside the engine: looked at, so that people see what differs, and rendered when asked.

Only the engine knows the manager's secret, without which nothing can be rendered; pages read what it writes
down, and ask. Nothing here is in the way of a call: it has a link of its own, and threads for the files.
"""

import asyncio
import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog

from dialer.bootstrap import App, make_link, make_pbx_config
from dialer.core.organisation.rendering import LOOKED_EVERY, RenderedDifference, RenderingSeen, outcome_of
from dialer.services.organisation.rendering import is_rendering_asked, note_look, note_rendering
from dialer.settings import Settings, SettingsUnusable
from telephony.asterisk.config.files import (
    Homes,
    add_includes,
    differences,
    missing_includes,
    unreadable,
    write_config,
)
from telephony.asterisk.config.model import AsteriskVersion
from telephony.asterisk.config.reloading import (
    ReloadFailed,
    in_order,
    obstacle_to_rendering,
    reload_commands,
    tell,
)
from telephony.asterisk.config.render import render
from telephony.asterisk.config_drift import Difference, ask_what_runs
from telephony.errors import TelephonyError

log = structlog.get_logger()

TICK_S: Final = 2.0  # how soon a wish is heard; a person waits for it
FIRST_LOOK_S: Final = 3.0  # a new leader sees to its calls first
LINK_WITHIN_S: Final = 8.0
MOST_LINES: Final = 400  # of one difference; a page shows no more, `winback asterisk check` shows all
_MARK: Final = re.compile(r"\(hidden, [0-9a-f]+\)")  # tells secrets apart at the command line; not for pages


class AsteriskFiles:
    """One leader's look at its Asterisk's files. `run()` ends with the leadership."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._look_at = app.clock() + timedelta(seconds=FIRST_LOOK_S)
        self._looked_by = app.settings

    async def run(self) -> None:
        """Look soon, after every change of the organisation, and from time to time; render when asked."""
        while True:
            try:
                await self._go_on()
            except Exception as error:  # noqa: BLE001 - nothing here may end a term: asked for again in a moment
                log.warning("rendered_files_not_seen_to", error=repr(error))
            await asyncio.sleep(TICK_S)

    async def _go_on(self) -> None:
        app, now = self._app, self._app.clock()
        if app.settings.agi.port == 0:
            return  # a FastAGI port that is another at every start is in no file: a demo's
        pbx = app.settings.pbx.name
        if await asyncio.to_thread(is_rendering_asked, app.database, pbx):
            outcome, well = await render_and_reload(app)
            log.info("rendered", outcome=outcome, well=well)
            await asyncio.to_thread(note_rendering, app.database, pbx, outcome, app.clock(), well=well)
            self._look_at = now
        if now >= self._look_at or self._looked_by is not app.settings:
            self._looked_by, self._look_at = app.settings, now + LOOKED_EVERY
            seen = await look_at_files(app)
            await asyncio.to_thread(note_look, app.database, pbx, seen, now)


async def look_at_files(app: App) -> RenderingSeen:
    """What rendering now would change in the folder, and what runs otherwise."""
    settings = app.settings
    folder, homes = settings.pbx.folder, settings.pbx.names.homes
    try:
        files = _files(settings)
    except SettingsUnusable as fault:
        return RenderingSeen(folder=str(folder), obstacle=str(fault), faults=(str(fault).rstrip("."),))
    obstacle = await asyncio.to_thread(obstacle_to_rendering, folder)
    there, faults = await asyncio.to_thread(_in_folder, files, folder, homes)
    running, silence = await _what_runs(app, files)
    commands = {*_reloads(there, files, settings), *(each.command for each in running)}
    return RenderingSeen(
        folder=str(folder),
        obstacle=obstacle,
        differences=(
            *_changes(files, there, folder, homes),
            *(_told(f"{each.section}, as it runs", each.lines) for each in running),
        ),
        faults=faults if silence is None else (*faults, silence),
        commands=in_order(commands),
    )


async def render_and_reload(app: App) -> tuple[str, bool]:
    """Write what differs, all or none, have it read, ask what runs: in a sentence, and whether it is well."""
    settings = app.settings
    folder, names = settings.pbx.folder, settings.pbx.names
    try:
        files = _files(settings)
        obstacle = await asyncio.to_thread(obstacle_to_rendering, folder)
        if obstacle is not None:
            return f"Nothing was changed: {obstacle}.", False
        there, _ = await asyncio.to_thread(_in_folder, files, folder, names.homes)
        running, _ = await _what_runs(app, files)
        written = await asyncio.to_thread(write_config, files, folder, names.homes)
        if names.freepbx:
            written += await asyncio.to_thread(add_includes, folder, names.homes)
    except (OSError, ValueError, SettingsUnusable) as fault:
        said = getattr(fault, "strerror", None) or str(fault)
        return f"Nothing was changed: {folder} was left as it was: {said}.", False
    commands = in_order({*_reloads(there, files, settings), *(each.command for each in running)})
    for command in commands:
        try:
            await asyncio.to_thread(tell, command, folder)
        except ReloadFailed as fault:
            return f"The files were written; {fault}.", False
    left, silence = await _what_runs(app, files)
    sentence = outcome_of(
        [path.name for path in written], commands, folder=str(folder), left=[each.section for each in left]
    )
    missing = await asyncio.to_thread(missing_includes, folder, names.homes)
    faults = [*missing, *([silence] if silence else [])]
    return " ".join([sentence, *(f"{fault}." for fault in faults)]), not left and not faults


def _files(settings: Settings) -> Mapping[str, str]:
    return render(make_pbx_config(settings), AsteriskVersion(settings.pbx.version))


def _in_folder(
    files: Mapping[str, str], folder: Path, homes: Homes
) -> tuple[Mapping[str, str] | None, tuple[str, ...]]:
    """The files as they are (None: their folder is not here, or closed), and what is wrong with them."""
    try:
        if not (folder / "asterisk.conf").is_file():
            return None, ()
        there = {name: (folder / name).read_text() for name in files if (folder / name).exists()}
        return there, (*missing_includes(folder, homes), *unreadable(folder, homes))
    except PermissionError:
        return None, ()  # as Debian installs it: then it cannot be written either, which is said
    except (OSError, ValueError) as fault:
        return None, (f"{folder} could not be read: {getattr(fault, 'strerror', None) or fault}",)


def _reloads(
    there: Mapping[str, str] | None, files: Mapping[str, str], settings: Settings
) -> tuple[str, ...]:
    return () if there is None else reload_commands(there, files, settings.pbx.names)


def _changes(
    files: Mapping[str, str], there: Mapping[str, str] | None, folder: Path, homes: Homes
) -> tuple[RenderedDifference, ...]:
    if there is None:
        return ()
    changed = [name for name, text in files.items() if there.get(name) != text]
    return tuple(
        _told(name, differences({name: files[name]}, folder, homes).splitlines()[2:]) for name in changed
    )


def _told(name: str, lines: Iterable[str]) -> RenderedDifference:
    return RenderedDifference(
        name=name, lines=tuple(_MARK.sub("(hidden)", line) for line in lines)[:MOST_LINES]
    )


async def _what_runs(app: App, files: Mapping[str, str]) -> tuple[tuple[Difference, ...], str | None]:
    """What Asterisk runs otherwise; or that it could not be asked, in a sentence."""
    link = make_link(app.settings, app.clock)
    try:
        await link.start()
        await link.wait_ready(LINK_WITHIN_S)
        return await ask_what_runs(files, link), None
    except TelephonyError as error:
        return (), f"What Asterisk runs could not be looked at: {error}"
    finally:
        await link.close()
