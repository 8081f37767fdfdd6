"""Listeners: a pair of channels beside a call that hears it, so that nothing has to be done in its way.

One half spies on the customer's channel, the other runs a few steps of dialplan on what it hears. The
call itself never waits: the answering-machine detection takes seconds, and a customer who has answered is
owed an agent within two. A listener that cannot be had costs the hint or the recording, never the call.
"""

from telephony.asterisk.config.model import PbxConfig
from telephony.asterisk.config.names import Names

# The longest call that is recorded, seconds; a recorder ends with its call, this is for one that hangs.
_LONGEST_RECORDING_S = 4 * 3600

# From a listener's start until both sides of the call surely hear it, seconds.
_BOTH_THERE_S = 0.5

# ChanSpy: quietly, and until the channel is gone; o hears the customer alone, B is heard by both sides.
_HEARS_CUSTOMER = "qSo"
_HEARS_BOTH = "qSB"


def _listen(where: str, customer: str, ears: str) -> str:
    """The step that starts a listener. TryExec: an application that is not loaded would end the call."""
    return f'TryExec(Originate(Local/{where}/n,app,ChanSpy,"{customer},{ears}"))'


def start_machine_hint(names: Names) -> str:
    """The step by which an answered customer's channel gets its listener."""
    return _listen(f"${{UNIQUEID}}@{names.context('machine')}", "${CHANNEL}", _HEARS_CUSTOMER)


def machine_lines(names: Names) -> list[str]:
    """The listener that says so when it takes the customer for an answering machine."""
    return [
        f"[{names.context('machine')}]",
        "exten => _wb-.,1,Answer()",
        " same => n,AMD()",
        ' same => n,ExecIf($["${AMDSTATUS}" = "MACHINE"]?UserEvent(WinbackMachine,Attempt: ${EXTEN}))',
        " same => n,Hangup()",
    ]


def remember_call() -> list[str]:
    """Steps on the customer's channel: what the agent's channel has to know to start the recorder."""
    return [
        "Set(__WB_CALL=${UNIQUEID})",
        "Set(__WB_CUSTOMER=${CHANNEL})",
        "Set(__WB_SPEAKS=${CHANNEL(language)})",
    ]


RECORD_ROUTINE = "record"


def recorder_lines(config: PbxConfig) -> list[str]:
    """Recording: started by the agent's pick-up, and only once both have heard that it is.

    Without the consent prompt nothing is recorded. The file is `<prefix>/<attempt>.wav` in Asterisk's
    folder for recordings, `<prefix>/<unique id>.wav` of a caller who rang in.
    """
    names = config.names
    # a channel that is originated inherits nothing: what it has to know stands in its extension
    start = _listen(f"${{WB_CALL}}*${{WB_SPEAKS}}@{names.context('recorder')}", "${WB_CUSTOMER}", _HEARS_BOTH)
    return [
        f"[{names.context(RECORD_ROUTINE)}]",
        f"exten => s,1,{start}",
        " same => n,Return()",
        "",
        f"[{names.context('recorder')}]",
        "exten => _[0-9w].,1,Answer()",
        " same => n,Set(CHANNEL(language)=${CUT(EXTEN,*,2)})",
        # the half that speaks into the call begins a moment after this one is answered, and the bridge
        # after that: the first word is not to be lost
        f" same => n,Wait({_BOTH_THERE_S:g})",
        f" same => n,Playback({config.prompts.consent})",
        ' same => n,GotoIf($["${PLAYBACKSTATUS}" = "SUCCESS"]?:unheard)',
        f" same => n,MixMonitor({names.prefix}/${{CUT(EXTEN,*,1)}}.wav)",
        f" same => n,Wait({_LONGEST_RECORDING_S})",
        " same => n(unheard),Hangup()",
    ]
