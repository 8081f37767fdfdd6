"""What `winback doctor` looks at beside Winback itself: callers hear something, calls find a way out.

Files are looked at where Asterisk's folder is on this machine; the rest Asterisk is asked over AMI.
"""

import re
from collections.abc import Iterable
from ipaddress import ip_address
from pathlib import Path

from callbacks.ivr_words import Prompt
from dialer.bootstrap import App, agent_lines, make_pbx_config
from dialer.cli.findings import Finding
from dialer.core.calling.campaign import CampaignState
from dialer.services.campaigns.campaigns import CampaignCard, list_campaigns
from dialer.settings import Settings
from dialer.web.page_phone import phone_fault
from telephony.asterisk.adapter import AmiPbx
from telephony.asterisk.ami.actions import DeviceState, HintState, QueueStatus
from telephony.asterisk.config.model import PbxConfig, Prompts
from telephony.asterisk.config.prompts import words_in
from telephony.asterisk.config.queues import adopting_line
from telephony.asterisk.config.site_files import (
    USUAL_LANGUAGE,
    adoption_fault,
    data_folder,
    missing_sounds,
    music_fault,
    music_of_queue,
    web_socket_faults,
)
from telephony.errors import TelephonyError

SURVEY_SOUNDS = (Prompt.SURVEY_QUESTION, Prompt.SURVEY_THANKS)
# of the prompts, those that only settings ask for; the others are the callback dialogue's
SAID_WHERE_SET = ("winback/whisper", Prompts().consent, *SURVEY_SOUNDS)
OVER = CampaignState.FINISHED
# of a way out: nothing can be sent there
NO_WAY = {"UNAVAILABLE": "does not answer", "INVALID": "is none that Asterisk knows"}


def look_at_site(settings: Settings) -> list[Finding]:
    """Music, prompts and an adopted queue, in Asterisk's own folder."""
    folder = settings.pbx.folder
    try:
        if is_here(settings) and can_be_seen(folder):
            return look_into(make_pbx_config(settings), settings, folder)
        seen = f"not looked at: {folder} of this Asterisk is not on this machine"
    except PermissionError as closed:  # Debian's package lets nobody but Asterisk read its folder
        seen = f"not looked at: {closed.filename} may not be read by this user"
    return [Finding(what="sounds", ok=True, seen=seen)]


def can_be_seen(folder: Path) -> bool:
    """Whether this is an Asterisk's own folder, and what it plays is on this machine too."""
    return (folder / "asterisk.conf").is_file() and data_folder(folder).is_dir()


def is_here(settings: Settings) -> bool:
    """Whether the Asterisk that Winback talks with is on this machine."""
    host = settings.pbx.host or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def look_into(config: PbxConfig, settings: Settings, folder: Path) -> list[Finding]:
    """The same, in any folder."""
    findings = [look_at_music(config, folder), look_at_prompts(config, settings, folder)]
    if config.adopt:
        findings += [look_at_adoption(config, queue, folder) for queue in config.inbound_names]
    if config.agents_in_page:
        findings.append(look_at_page_phones(config, settings, folder))
    return findings


def look_at_page_phones(config: PbxConfig, settings: Settings, folder: Path) -> Finding:
    """A browser reaches Asterisk, and the page has what it needs to be a phone."""
    phones = config.page_phones
    missing = phone_fault(settings)
    faults = [missing] if missing else []
    faults += web_socket_faults(folder, secure=phones.secure, codecs=phones.codecs)
    return Finding(
        what="phones in pages",
        ok=not faults,
        seen="; ".join(faults) or f"browsers reach Asterisk at {settings.web.phone.address}",
        remedy="Agents whose phone is the page would hear nothing: docs/asterisk.md says what belongs where."
        if faults
        else "",
    )


def look_at_music(config: PbxConfig, folder: Path) -> Finding:
    """Who waits hears something."""
    music = music_of_queue(folder, config.inbound_queue) if config.adopt else config.music
    music = music or "default"
    fault = music_fault(folder, music)
    return Finding(
        what="music on hold",
        ok=fault is None,
        seen=fault or f"class [{music}] has files",
        remedy="Callers would wait in silence: put music there, or name another class (queues.music)."
        if fault
        else "",
    )


def look_at_prompts(config: PbxConfig, settings: Settings, folder: Path) -> Finding:
    """Every prompt that the settings need is there to be played."""
    prompts, whisper = config.prompts, settings.whisper
    needed = [prompts.information, *([prompts.offer] if prompts.offer else [])]
    needed += [prompts.consent] if config.record else []
    needed += SURVEY_SOUNDS if config.survey else ()
    said = (whisper.callback, whisper.campaign, whisper.caller, *whisper.campaigns.values())
    needed += sorted({sound for sound in said if sound is not None})
    needed += [name for name in words_in(USUAL_LANGUAGE) if not name.startswith(SAID_WHERE_SET)]
    needed = list(dict.fromkeys(needed))
    missing = missing_sounds(folder, needed)
    return Finding(
        what="prompts",
        ok=not missing,
        seen=f"not there: {', '.join(missing)}" if missing else f"all {len(needed)} are there",
        remedy="Record them, or let `winback asterisk prompts` speak them." if missing else "",
    )


def look_at_adoption(config: PbxConfig, queue: str, folder: Path) -> Finding:
    """Key 1 in the site's own queue leads to the offer."""
    line = adopting_line(config, queue)
    fault = adoption_fault(folder, queue, line)
    return Finding(
        what=f"adopted queue {queue}",
        ok=fault is None,
        seen=fault or f"key 1 leads to {line.removeprefix('context = ')}",
        remedy=f"Put the line `{line}` into it, then `asterisk -rx 'queue reload all'`." if fault else "",
    )


def look_at_caller_id(app: App) -> Finding:
    """Customers are shown a number that somebody answers."""
    without = [card.name for card in _in_use(list_campaigns(app.database)) if not card.caller_id]
    settings = app.settings
    ok = bool(settings.caller_id)
    calls = f"campaign {', '.join(without)} and every callback" if without else "callbacks"
    return Finding(
        what="caller id",
        ok=ok,
        seen=settings.caller_id if ok else f"not set: {calls} would show none",
        remedy="" if ok else "Set caller_id to a number of yours in E.164, for example +441632960001.",
    )


def _in_use(campaigns: Iterable[CampaignCard]) -> list[CampaignCard]:
    return [card for card in campaigns if card.state is not OVER]


async def look_at_ways(settings: Settings, link: AmiPbx, campaigns: Iterable[CampaignCard]) -> list[Finding]:
    """Trunks, queues, phones and hints, as Asterisk knows them."""
    try:
        findings = [
            await look_at_trunk(trunk.name, trunk.dial, link) for trunk in make_pbx_config(settings).trunks
        ]
        findings += await look_at_queues(settings, link, campaigns)
        findings += await look_at_phones(settings, link)
    except TelephonyError as error:
        return [Finding(what="trunks", ok=False, seen=str(error), remedy="Run doctor again.")]
    return findings


async def look_at_trunk(name: str, dial: str, link: AmiPbx) -> Finding:
    """The endpoint a trunk dials through is there and answers its qualify."""
    device = endpoint_of(dial)
    if device is None:
        return Finding(what=f"trunk {name}", ok=True, seen=f"{dial} goes through the site's own dialplan")
    (answer,) = await link.ask(DeviceState(device=device))
    fault = NO_WAY.get(answer.get("Value"))
    return Finding(
        what=f"trunk {name}",
        ok=fault is None,
        seen=f"{device} {fault or 'answers'}",
        remedy="No call would go out: compare trunks.dial with the endpoint's name, and look at its contact."
        if fault
        else "",
    )


def endpoint_of(dial: str) -> str | None:
    """The device in `PJSIP/{number}@acme`, `SIP/acme/{number}` and the like; None where there is none."""
    technology, _, rest = dial.partition("/")
    if technology not in {"PJSIP", "SIP", "IAX2"}:
        return None
    named = re.fullmatch(r"(?:[^@/]*@)?([A-Za-z0-9_.-]+)(?:/.*)?", rest)
    return None if named is None else f"{technology}/{named[1]}"


async def look_at_queues(
    settings: Settings, link: AmiPbx, campaigns: Iterable[CampaignCard]
) -> list[Finding]:
    """Whatever campaigns and callers are sent to is there."""
    frames = await link.ask(QueueStatus())
    there = {frame.get("Queue") for frame in frames if frame.event == "QueueParams"}
    findings = [
        Finding(
            what=f"queue {queue}",
            ok=False,
            seen="Asterisk has no such queue",
            remedy="Render, see that the file is included, `asterisk -rx 'queue reload all'`.",
        )
        for queue in (*settings.queues.callers(), settings.queues.outbound)
        if queue not in there
    ]
    trunks = {trunk.name for trunk in settings.trunks}
    for card in _in_use(campaigns):
        faults = []
        if card.queue not in there:
            faults.append(f"queue {card.queue} is not in Asterisk")
        if card.trunk not in trunks:
            faults.append(f"trunk {card.trunk} is not in the settings")
        if faults:
            remedy = "Its customers would reach nobody: name others (`winback campaign`), or add them."
            seen = "; ".join(faults)
            findings.append(Finding(what=f"campaign {card.name}", ok=False, seen=seen, remedy=remedy))
    return findings


async def look_at_phones(settings: Settings, link: AmiPbx) -> list[Finding]:
    """Every agent's phone, headset and hint is one that Asterisk knows; whether it is on is not asked."""
    findings = []
    for line in agent_lines(settings):
        for device in (line.phone, line.headset):
            if device is None or endpoint_of(device) is None:
                continue
            (answer,) = await link.ask(DeviceState(device=device))
            if answer.get("Value") == "INVALID":
                findings.append(_unknown(line.id, f"Asterisk knows no {device}"))
        if line.hint is not None:
            exten, _, context = line.hint.partition("@")
            (answer,) = await link.ask(HintState(exten=exten, context=context))
            if answer.get("Status").startswith("-"):
                findings.append(_unknown(line.id, f"there is no hint {line.hint}"))
    return findings


def _unknown(agent: str, seen: str) -> Finding:
    return Finding(
        what=f"agent {agent}", ok=False, seen=seen, remedy="Nothing would ring there: compare [[agents]]."
    )
