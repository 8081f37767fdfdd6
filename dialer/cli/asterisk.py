"""`winback asterisk`: the configuration an Asterisk needs for Winback, and whether it has it."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from dialer.cli.console_output import fail
from dialer.pbx_settings import Language
from dialer.settings import Settings
from telephony.asterisk.config.dialplan import GOES_ON, to_the_question
from telephony.asterisk.config.files import (
    Homes,
    add_includes,
    differences,
    missing_includes,
    remove_config,
    unreadable,
    write_config,
)
from telephony.asterisk.config.model import AsteriskVersion
from telephony.asterisk.config.queues import adopting_line
from telephony.asterisk.config.render import render
from telephony.asterisk.config_drift import Difference

group = typer.Typer(name="asterisk", help="Asterisk's configuration for Winback.", no_args_is_help=True)
console = Console()

Version = Annotated[int | None, typer.Option(help="Asterisk's major version: 16, 18, 20 or 22.")]
FreePbx = Annotated[bool, typer.Option("--freepbx", help="For a FreePBX; as pbx.freepbx = true.")]
Reload = Annotated[bool, typer.Option("--reload", help="Have the Asterisk on this machine read them too.")]
Folder = Annotated[Path, typer.Argument(help="Where Asterisk's configuration is, e.g. /etc/asterisk.")]


@group.command("render")
def render_configuration(
    folder: Folder, version: Version = None, freepbx: FreePbx = False, reload: Reload = False
) -> None:
    """Write winback_*.conf into FOLDER, all or none, for Asterisk to read; no other file is ever touched.

    On a FreePBX each is called `_custom` too, and the `_custom` file of its kind gets its include line. With
    --reload Asterisk is told to read what was written (where nothing was: all of it), calls going on.
    """
    settings = settings_for(freepbx=freepbx)
    files = rendered(settings, version, folder)
    homes = homes_of(files, settings)
    try:
        written = write_config(files, folder, homes)
        if settings.pbx.freepbx:
            written += add_includes(folder, homes)
    except PermissionError as error:
        fail(f"{folder} was left as it was: {error.strerror}. Run it again as root.")
    except OSError as error:
        fail(f"{folder} was left as it was: {error.strerror or error}.")
    for path in written:
        show(f"wrote {path}")
    if not written:
        show("Nothing to write: the files there are up to date.")
    say_what_is_missing(folder, homes)
    say_how_to_adopt(settings)
    if settings.pbx.freepbx:
        say_what_the_gui_needs(settings)
    if not say_what_is_closed(folder, homes):
        raise typer.Exit(1)
    if reload:
        have_it_read(folder, [path.name for path in written] or list(files), settings)


@group.command("remove")
def remove_configuration(folder: Folder, freepbx: FreePbx = False) -> None:
    """Take Winback out of FOLDER: its include lines, then its files; shows what it took."""
    refuse_no_folder(folder)
    try:
        taken = remove_config(folder, settings_for(freepbx=freepbx).pbx.names.every_home)
    except OSError as error:
        fail(f"Not all could be taken out of {folder}: {error.strerror or error}. Run it again as root.")
    if not taken:
        show(f"Nothing of Winback's is in {folder}.")
        return
    show(taken.rstrip("\n"))
    show("Load it: asterisk -rx 'core reload' and asterisk -rx 'manager reload'.")


@group.command("check")
def check_configuration(folder: Folder, version: Version = None, freepbx: FreePbx = False) -> None:
    """Show what `render` would change in FOLDER, and what runs otherwise; exit code 1 if anything differs.

    Where `pbx.host` is set, Asterisk itself is asked what it has loaded.
    """
    refuse_no_folder(folder)
    settings = settings_for(freepbx=freepbx)
    files = rendered(settings, version, folder)
    homes = homes_of(files, settings)
    difference = differences(files, folder, homes)
    if difference:
        show(difference)
    complete = say_what_is_missing(folder, homes)
    readable = say_what_is_closed(folder, homes)
    heard = say_what_callers_miss(folder)
    loaded = say_what_runs(files)
    if difference or not complete or not readable or not heard or not loaded:
        raise typer.Exit(1)
    console.print("Asterisk's files are what Winback would write.")


@group.command("prompts")
def make_prompts(
    folder: Annotated[Path, typer.Argument(help="Asterisk's sounds folder of one language.")],
    language: Annotated[
        Language, typer.Option(help="Of the words, and of the voice that speaks what is not recorded yet.")
    ] = "en",
    voice: Annotated[str | None, typer.Option(help="Another voice of espeak-ng's.")] = None,
) -> None:
    """Write down the prompts' words, and have a machine speak those that nobody has recorded yet."""
    from telephony.asterisk.config.prompts import VOICES, NoSpeaker, speak, words_in, write_words

    words = words_in(language)
    console.print(f"wrote {write_words(words, folder)}")
    try:
        written = speak(words, folder, voice=voice or VOICES[language])
    except NoSpeaker as missing:
        console.print(f"Nothing was spoken: {missing}. Record the files yourself.", markup=False)
        raise typer.Exit(1) from missing
    console.print(f"spoke {len(written)} of {len(words)} prompts; those already there were left alone")


def refuse_no_folder(folder: Path) -> None:
    """End where there is nothing to look at."""
    if not folder.is_dir():
        fail(f"{folder} is no folder: name the one of Asterisk's configuration, for example /etc/asterisk.")


def settings_for(*, freepbx: bool) -> Settings:
    """The settings in force; for a FreePBX where they or the command line say so."""
    from dialer.bootstrap import settings_in_force

    settings = settings_in_force().of_own_pbx()
    pbx = settings.pbx.model_copy(update={"freepbx": settings.pbx.freepbx or freepbx})
    return settings.model_copy(update={"pbx": pbx})


def rendered(settings: Settings, version: int | None, folder: Path) -> dict[str, str]:
    """The files for these settings; one that they need no more is there and says nothing."""
    from dialer.bootstrap import make_pbx_config

    there = {name for name in settings.pbx.names.every_home if (folder / name).exists()}
    return render(make_pbx_config(settings), AsteriskVersion(version or settings.pbx.version), there=there)


def homes_of(files: Mapping[str, str], settings: Settings) -> Homes:
    """Where each of these files is included."""
    return {name: home for name, home in settings.pbx.names.every_home.items() if name in files}


def have_it_read(folder: Path, names: Iterable[str], settings: Settings) -> None:
    """Tell the Asterisk of this folder to read these files of ours."""
    from telephony.asterisk.config.reloading import ReloadFailed, reload_commands, tell

    for command in reload_commands({}, dict.fromkeys(names, "new"), settings.pbx.names):
        try:
            tell(command, folder)
        except ReloadFailed as fault:
            fail(f"The files are written; {fault}.")
        show(f"told Asterisk: {command}")


def say_what_is_missing(folder: Path, homes: Homes) -> bool:
    """Print the include lines a person has to add; True if none."""
    sentences = missing_includes(folder, homes)
    for sentence in sentences:
        show(sentence)
    return not sentences


def say_what_is_closed(folder: Path, homes: Homes) -> bool:
    """Print which of our files Asterisk cannot read; True if it can read all."""
    sentences = unreadable(folder, homes)
    for sentence in sentences:
        show(sentence)
    return not sentences


def say_how_to_adopt(settings: Settings) -> None:
    """Print what a person has to put into the site's own queue and dialplan, where it has one."""
    from dialer.bootstrap import make_pbx_config

    if not settings.queues.adopt:
        return
    for queue in settings.queues.callers():
        place = f"[{queue}](+) of queues_post_custom.conf" if settings.pbx.freepbx else f"[{queue}]"
        show(f"One line in {place} of the site's leads key 1 to the callback offer:")
        show(adopting_line(make_pbx_config(settings), queue))
    if settings.survey.by_key:
        show(
            f"Whoever the site's own dialplan puts into such a queue is asked by key (survey.by_key) "
            f"where its Queue() has the option {GOES_ON}, and the line below it is:"
        )
        show(f"same => n,{to_the_question(settings.pbx.names)}")


def say_what_the_gui_needs(settings: Settings) -> None:
    """Print what is left to be entered in FreePBX's pages and its `_custom` files."""
    names = settings.pbx.names
    if not Settings().pbx.freepbx:
        show("Set pbx.freepbx = true too: the engine has to know the agents' hints.")
    show("Custom destination, for inbound routes, IVRs and queues that overflow:")
    for queue in settings.queues.callers():
        show(f"{names.context('inbound')},{queue},1")
    show("The agents' feature codes, in extensions_custom.conf:")
    show(f"[from-internal-custom]\ninclude => {names.context('agent-codes')}")


def say_what_callers_miss(folder: Path) -> bool:
    """Print why callers would hear nothing or reach nothing; True if all is there, or cannot be seen."""
    from dialer.bootstrap import make_pbx_config, settings_in_force
    from dialer.cli.site_checks import can_be_seen, look_into

    if not can_be_seen(folder):
        return True
    settings = settings_in_force().of_own_pbx()
    faults = [each for each in look_into(make_pbx_config(settings), settings, folder) if not each.ok]
    for each in faults:
        show(f"{each.what}: {each.seen}. {each.remedy}")
    return not faults


def show(text: str) -> None:
    """Print it as it is: a line that is to be copied must not be broken or coloured."""
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def say_what_runs(files: Mapping[str, str]) -> bool:
    """Print how what Asterisk has loaded differs from these files; True if it does not, or is not asked."""
    import asyncio

    from dialer.bootstrap import make_clock, make_link, settings_in_force
    from dialer.cli.doctor_checks import WAIT_S
    from telephony.asterisk.config_drift import ask_what_runs
    from telephony.errors import TelephonyError

    settings = settings_in_force().of_own_pbx()
    if settings.pbx.host is None:
        console.print("What runs was not looked at: pbx.host is not set.")
        return True

    async def ask() -> tuple[Difference, ...]:
        link = make_link(settings, make_clock(settings))
        try:
            await link.start()
            await link.wait_ready(WAIT_S)
            return await ask_what_runs(files, link)
        finally:
            await link.close()

    try:
        found = asyncio.run(ask())
    except TelephonyError as error:
        console.print(f"What runs could not be looked at: {error}", markup=False)
        return False
    for each in found:
        text = f"\n{each.section} runs otherwise; after rendering: asterisk -rx '{each.command}'"
        console.print(text, *each.lines, sep="\n", markup=False, highlight=False, soft_wrap=True)
    if not found:
        console.print("Asterisk runs what Winback would write.")
    return not found
