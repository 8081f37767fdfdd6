"""The dialplan: the dial permit in the call path, the hand-over to agents, and the callback offer.

Every engine serves the questions, so the dialplan asks one after the other until one has answered: a dead
address costs at most `AGI_CONNECT_S`, an answer is final. It begins with the engine that leads, which says so
in a global variable: one that takes connections and hangs would never be given up. What decides, `WB_OK`
and `CB_OK`, is cleared before and tested after. `AGISTATUS` is never looked at: Asterisk reports SUCCESS when
the server dies in mid-script.
"""

from telephony.asterisk.config.chanspy import listening_lines, mark_call
from telephony.asterisk.config.fastagi_secret import fastagi_secret, proof_expression
from telephony.asterisk.config.listeners import (
    RECORD_ROUTINE,
    machine_lines,
    recorder_lines,
    remember_call,
    start_machine_hint,
)
from telephony.asterisk.config.model import AgentLine, AsteriskVersion, InboundQueue, PbxConfig, Trunk
from telephony.asterisk.config.names import Names
from telephony.asterisk.config.page_phones import page_phone_lines

# Q.850 causes used to say why a leg ended
CAUSE_BUSY = 17
CAUSE_NO_ANSWER = 19
CAUSE_REJECTED = 21
CAUSE_NO_CIRCUIT = 34

# The last digits of feature codes, each followed by the agent's own code.
LOG_IN, PAUSE, RESUME, LOG_OUT = "1", "2", "3", "4"
# As they are unless a site has others by these codes.
CODE_LOG_IN, CODE_PAUSE, CODE_RESUME, CODE_LOG_OUT = "*51", "*52", "*53", "*54"

# Contexts, behind the prefix. Where an order begins, extension = the attempt; where its answered customer
# goes on, extension = the queue; where an agent's standing connection begins, extension = the agent.
GATE, CONNECT, START = "permit", "connect", "log-in"
# Where whoever is still there goes when their agent has hung up; one extension.
SURVEY = "survey"
# Where an order begins that rings its agent first, and where it goes on once they are there;
# extension = the attempt.
DESK, BRIEF = "desk", "brief"

# An option of Queue(): the caller goes on in the dialplan when the agent hangs up.
GOES_ON = "c"

# Comes with Asterisk's own sounds; played where the information message has not been recorded.
FALLBACK_SOUND = "vm-goodbye"

# Where Queue() reads the routine that runs on the agent's channel: 21 dropped the macro before it.
_GOSUB_PLACE = {
    # name, options, URL, announcement, time-out, AGI, (macro until 20,) gosub, rule, position
    AsteriskVersion.V16: 7,
    AsteriskVersion.V18: 7,
    AsteriskVersion.V20: 7,
    AsteriskVersion.V22: 6,
}


def queue_application(
    name: str,
    version: AsteriskVersion,
    *,
    options: str = "",
    whisper: str = "",
    timeout_s: int | None = None,
    gosub: str = "",
    position: str = "",
) -> str:
    """`Queue(...)` with its arguments in the order of `version`."""
    arguments = [name, options, "", whisper, "" if timeout_s is None else str(timeout_s)]
    arguments += [""] * (_GOSUB_PLACE[version] - len(arguments))
    arguments += [gosub, "", position]
    return f"Queue({','.join(arguments).rstrip(',')})"


def dialplan_lines(config: PbxConfig, version: AsteriskVersion) -> list[str]:
    """`winback_extensions.conf`, to be included at the end of `extensions.conf`."""
    blocks = [
        _gate(config),
        *(_trunk(config, trunk) for trunk in config.trunks),
        _connect(config, version),
        _desk(config),
        _brief(config),
        _inbound(config, version),
        *(_offer(config, version, queue) for queue in config.callers_queues if queue.offers),
        _agents(config),
        _log_in(config),
        _codes(config),
        *([_survey(config)] if config.survey else []),
        *listening_lines(config),
        *([machine_lines(config.names)] if config.machine_hint else []),
        *([recorder_lines(config)] if config.record else []),
        *([page_phone_lines(config)] if config.agents_in_page else []),
    ]
    return [line for block in blocks for line in (*block, "")]


def _gate(config: PbxConfig) -> list[str]:
    # Queue() runs on the other half of this Local channel
    near_half = "${CUT(CHANNEL,\\;,1)}\\;1"
    pass_on = [f" same => n,Set(SHARED(WB_WHISPER,{near_half})=${{WB_WHISPER}})"]
    # before any sound, on both halves; the customer's own leg is made from this one
    speak = [
        f" same => n,Set(SHARED(WB_RETURN,{near_half})=${{WB_RETURN}})",
        ' same => n,ExecIf($["${WB_LANGUAGE}" != ""]?Set(CHANNEL(language)=${WB_LANGUAGE}))',
        f" same => n,Set(SHARED(WB_LANGUAGE,{near_half})=${{WB_LANGUAGE}})",
    ]
    return [
        f"[{config.names.context(GATE)}]",
        "exten => _wb-.,1,Set(WB_OK=)",
        " same => n,Set(WB_RULE=)",
        " same => n,Set(WB_LANGUAGE=)",
        " same => n,Set(WB_RETURN=)",
        *_ask(config, "permit", answered="${WB_OK}${WB_RULE}"),
        ' same => n,GotoIf($["${WB_OK}" = "1"]?:refused)',
        " same => n,Set(CALLERID(num)=${WB_CALLER_ID})",
        " same => n,Set(CALLERID(name)=)",
        *(pass_on if config.whisper else []),
        *speak,
        f" same => n,Gosub({config.names.context('trunk')}-${{WB_TRUNK}},${{WB_NUMBER}},1)",
        " same => n,GotoIf($[0${HANGUPCAUSE} = 0]?no-cause:known)",
        " same => n(known),Hangup(${HANGUPCAUSE})",
        # a time-out, and some channel drivers, leave no cause behind, and 0 would read as a normal end
        ' same => n(no-cause),GotoIf($["${DIALSTATUS}" = "BUSY"]?busy)',
        ' same => n,GotoIf($["${DIALSTATUS}" = "CONGESTION"]?congestion)',
        ' same => n,GotoIf($["${DIALSTATUS}" = "CHANUNAVAIL"]?congestion)',
        f" same => n,Hangup({CAUSE_NO_ANSWER})",
        f" same => n(busy),Hangup({CAUSE_BUSY})",
        f" same => n(congestion),Hangup({CAUSE_NO_CIRCUIT})",
        f" same => n(refused),Hangup({CAUSE_REJECTED})",
    ]


def _ask(config: PbxConfig, question: str, *, answered: str) -> list[str]:
    """Ask each engine, from the one that leads on, until what an answer sets is not empty."""
    asks = _asks(config, question)
    if len(asks) == 1:
        return [f" same => n,{asks[0]}"]
    place = f"$[(0${{{config.names.first_asked}}} + ${{WB_ASKED}}) % {len(asks)}]"
    lines = [
        " same => n,Set(WB_ASKED=0)",
        f" same => n(next),Goto(ask-{place})",
    ]
    for number, ask in enumerate(asks):
        lines += [f" same => n(ask-{number}),{ask}", " same => n,Goto(asked)"]
    return [
        *lines[:-1],
        " same => n(asked),Set(WB_ASKED=$[${WB_ASKED} + 1])",
        f' same => n,GotoIf($["{answered}" = "" & ${{WB_ASKED}} < {len(asks)}]?next)',
    ]


def _asks(config: PbxConfig, question: str) -> list[str]:
    """The step that asks, once for each engine."""
    proof = proof_expression(fastagi_secret(config.secret))
    return [f"AGI(agi://{address}/{question},{proof})" for address in config.agi]


def _trunk(config: PbxConfig, trunk: Trunk) -> list[str]:
    group = config.names.prefix
    dial = trunk.dial.replace("{number}", "${FILTER(0-9,${EXTEN})}")
    lines = [f"[{config.names.context('trunk')}-{trunk.name}]"]
    first = "exten => _X.,1,"
    if trunk.channels is not None:
        lines += [
            f"{first}Set(GROUP({group})={trunk.name})",
            f" same => n,GotoIf($[${{GROUP_COUNT({trunk.name}@{group})}} > {trunk.channels}]?full)",
        ]
        first = " same => n,"
    lines += [f"{first}Dial({dial},${{WB_RING}},g)", " same => n,Return()"]
    if trunk.channels is not None:
        lines.append(f" same => n(full),Hangup({CAUSE_NO_CIRCUIT})")
    return lines


def _connect(config: PbxConfig, version: AsteriskVersion) -> list[str]:
    lines = [f"[{config.names.context(CONNECT)}]"]
    own = (config.names.every_own_queue, "${EXTEN}")
    shared = (*config.outbound_queues, *config.team_queues)
    for extension, queue in (*((name, name) for name in shared), own):
        lines += _steps(
            extension,
            [
                f"Set(WB_QUEUE={queue})",
                mark_call(config.names),
                'ExecIf($["${SHARED(WB_LANGUAGE)}" != ""]?Set(CHANNEL(language)=${SHARED(WB_LANGUAGE)}))',
                *([start_machine_hint(config.names)] if config.machine_hint else []),
                *(remember_call() if config.record else []),
            ],
        )
        lines += _return_call(config)
        agent = queue_application(
            queue,
            version,
            options=GOES_ON if config.survey else "",
            whisper="${SHARED(WB_WHISPER)}" if config.whisper else "",
            timeout_s=config.connect_within_s,
            gosub=config.names.context(RECORD_ROUTINE) if config.record else "",
        )
        lines += [
            f" same => n(agent),{agent}",
            *_after_talk(config),
            # reached only without an agent: a call that was bridged does not come back here
            " same => n,UserEvent(WinbackAbandoned,Attempt: ${UNIQUEID})",
            f" same => n,Playback({config.prompts.information})",
            # silence is the one thing an abandoned customer must not hear
            f' same => n,ExecIf($["${{PLAYBACKSTATUS}}" = "FAILED"]?Playback({FALLBACK_SOUND}))',
            " same => n,Hangup()",
        ]
    return lines


def _desk(config: PbxConfig) -> list[str]:
    """The agent is rung first; once they are there the other half of this Local channel goes on."""
    about = "Attempt: ${EXTEN},Agent: ${WB_AGENT}"
    return [
        f"[{config.names.context(DESK)}]",
        "exten => _wb-.,1,Set(WB_DEVICE=)",
        f" same => n,{mark_call(config.names)}",
        " same => n,Set(WB_RULE=)",
        *_ask(config, "desk", answered="${WB_DEVICE}${WB_RULE}"),
        ' same => n,GotoIf($["${WB_DEVICE}" = ""]?refused)',
        f" same => n,UserEvent(WinbackDesk,{about})",
        f" same => n,Dial(${{WB_DEVICE}},{config.agent_ring_s},g)",
        ' same => n,GotoIf($["${DIALSTATUS}" = "ANSWER"]?over)',
        f" same => n,UserEvent(WinbackDeskMissed,{about})",
        " same => n(over),Hangup()",
        f" same => n(refused),Hangup({CAUSE_REJECTED})",
    ]


def _brief(config: PbxConfig) -> list[str]:
    """The agent hears who is to be called and why; then the permit is asked, and the customer rung."""
    return [
        f"[{config.names.context(BRIEF)}]",
        "exten => _wb-.,1,Set(WB_ASKED=0)",
        *_ask(config, "brief", answered="asked"),
        f" same => n,Goto({config.names.context(GATE)},${{EXTEN}},1)",
    ]


def _return_call(config: PbxConfig) -> list[str]:
    """Who asked for this call says by key that they are there; where nobody asks them they get an agent."""
    return [
        ' same => n,GotoIf($["${SHARED(WB_RETURN)}" = "1"]?:agent)',
        " same => n,UserEvent(WinbackAsked,Attempt: ${UNIQUEID})",
        " same => n,Set(WB_KEY=)",
        *_ask(config, "return", answered="${WB_KEY}"),
        ' same => n,GotoIf($["${WB_KEY}" = "1" | "${WB_KEY}" = ""]?agent)',
        " same => n,Hangup()",
    ]


def _inbound(config: PbxConfig, version: AsteriskVersion) -> list[str]:
    lines = [f"[{config.names.context('inbound')}]"]
    for queue in config.callers_queues:
        steps = [
            "Answer()",
            f"Set(WB_QUEUE={queue.name})",
            mark_call(config.names),
            *([f"Set(CHANNEL(language)={queue.language})"] if queue.language else []),
            *(remember_call() if config.record else []),
        ]
        lines += [*_steps(queue.name, steps), *(_way_in(config, version) if queue.asks else [])]
        position = "${CB_POSITION}" if queue.asks else ""
        wait = _wait_for_agent(config, version, queue.name, position=position)
        lines += [f" same => n(wait),{wait}", *_after_talk(config), " same => n(done),Hangup()"]
    return lines


def _way_in(config: PbxConfig, version: AsteriskVersion) -> list[str]:
    """The wait is told, or a call back booked by default; or one agent is rung first, who was to call.

    One engine is asked and no other, the one that leads where that is known: nothing hangs on it, and nobody
    is kept from the queue by a dead one.
    """
    return [
        " same => n,Set(CB_OK=)",
        " same => n,Set(CB_POSITION=)",
        " same => n,Set(CB_FIRST=)",
        *_ask(config, "wait", answered="asked"),
        ' same => n,GotoIf($["${CB_OK}" = "1"]?done)',
        ' same => n,GotoIf($["${CB_FIRST}" = ""]?wait)',
        f" same => n,{_wait_for_agent(config, version, '${CB_FIRST}', timeout_s=config.agent_ring_s)}",
        *_after_talk(config),
    ]


def _offer(config: PbxConfig, version: AsteriskVersion, queue: InboundQueue) -> list[str]:
    # the site's own queue was entered by its own dialplan, which may say with which options
    options = "${WB_QUEUE_OPTIONS}" if config.adopt else ""
    back = _wait_for_agent(config, version, queue.name, options=options, position="${CB_POSITION}")
    return [
        f"[{config.offer_context(queue.name)}]",
        "exten => 1,1,Set(CB_OK=)",
        " same => n,Set(CB_POSITION=)",
        *_ask(config, "capture", answered="${CB_OK}${CB_POSITION}"),
        ' same => n,GotoIf($["${CB_OK}" = "1"]?done)',
        # where nobody answered; the centre knows better, since people in front were served meanwhile
        ' same => n,ExecIf($["${CB_POSITION}" = ""]?Set(CB_POSITION=${QUEUEPOSITION}))',
        f" same => n,{back}",
        *_after_talk(config),
        " same => n(done),Hangup()",
    ]


def _wait_for_agent(
    config: PbxConfig,
    version: AsteriskVersion,
    queue: str,
    *,
    options: str = "",
    position: str = "",
    timeout_s: int | None = None,
) -> str:
    whisper = config.prompts.caller if config.whisper else None
    gosub = config.names.context(RECORD_ROUTINE) if config.record else ""
    # what the site itself says in a variable stays in front
    options = f"{options}{GOES_ON}" if config.survey else options
    return queue_application(
        queue,
        version,
        options=options,
        whisper=whisper or "",
        timeout_s=timeout_s,
        gosub=gosub,
        position=position,
    )


def _after_talk(config: PbxConfig) -> list[str]:
    """Whose agent has hung up goes on to the question; whoever else leaves the queue does not."""
    return [f" same => n,{to_the_question(config.names)}"] if config.survey else []


def to_the_question(names: Names) -> str:
    """What stands below a `Queue(…)` that has the option `GOES_ON`, also in the site's own dialplan."""
    return f'GotoIf($["${{QUEUESTATUS}}" = "CONTINUE"]?{names.context(SURVEY)},s,1)'


def _survey(config: PbxConfig) -> list[str]:
    """An engine says whether this customer is asked, asks them, and the call ends."""
    return [
        f"[{config.names.context(SURVEY)}]",
        "exten => s,1,Set(WB_SURVEY=)",
        *_ask(config, "survey", answered="${WB_SURVEY}"),
        " same => n,Hangup()",
    ]


def _agents(config: PbxConfig) -> list[str]:
    lines = [f"[{config.names.context('agents')}]"]
    for agent in config.agents:
        if agent.phone is None:
            lines += _steps(agent.called, [f"AgentRequest({agent.pool_id})", "Hangup()"])
    return lines


def _codes(config: PbxConfig) -> list[str]:
    lines = [f"[{config.names.context('agent-codes')}]"]
    for agent in config.agents:
        if agent.code is not None:
            lines += _codes_of(config, agent, agent.code)
    return lines


def _log_in(config: PbxConfig) -> list[str]:
    lines = [f"[{config.names.context(START)}]"]
    for agent in config.agents:
        if agent.phone is None:
            # a pause of the day before must not outlive the log-in
            steps = ["Answer()", *_join_adopted(config, agent), *_resume(config, agent)]
            steps.append(f"AgentLogin({agent.pool_id})")
            lines += _steps(agent.called, [*steps, "Hangup()"])
    return lines


def _join_adopted(config: PbxConfig, agent: AgentLine) -> list[str]:
    """Nobody is written into the site's own queue: who logs in becomes a member, the device says when."""
    if not config.adopt:
        return []
    added = f"{agent.interface},0,,{agent.called},{agent.state_interface}"
    mine = config.queues_of(agent)
    return [f"AddQueueMember({queue},{added})" for queue in config.inbound_names if queue in mine]


def _resume(config: PbxConfig, agent: AgentLine) -> list[str]:
    """Queue by queue: without a name it would be done in the site's own queues as well."""
    return [f"UnpauseQueueMember({queue},{agent.interface})" for queue in config.queues_of(agent)]


def _codes_of(config: PbxConfig, agent: AgentLine, code: str) -> list[str]:
    queues = config.queues_of(agent)
    if agent.phone is None:
        headset = f"AGENT({agent.pool_id}:status)"
        log_in = [f"Goto({config.names.context(START)},{agent.called},1)"]
        log_out = [
            "Answer()",
            # from another phone: the standing connection ends, but never a talk with a customer
            f'GotoIf($["${{{headset}}}" = "ONCALL"]?talking)',
            f'ExecIf($["${{{headset}}}" = "LOGGEDIN"]?SoftHangup(${{AGENT({agent.pool_id}:fullchannel)}}))',
            "Playback(beep)",
            "Hangup()",
        ]
    else:
        added = f"{agent.interface},0,,{agent.called},{agent.state_interface}"
        log_in = [
            "Answer()",
            *(f"AddQueueMember({queue},{added})" for queue in queues),
            *_resume(config, agent),
            "Playback(beep)",
            "Hangup()",
        ]
        log_out = [
            "Answer()",
            # where the site itself made the phone a member it stays one, and must not stay paused
            *(
                f"UnpauseQueueMember({queue},{agent.interface})"
                for queue in (config.inbound_names if config.adopt else ())
                if queue in queues
            ),
            *(f"RemoveQueueMember({queue},{agent.interface})" for queue in queues),
            "Playback(beep)",
            "Hangup()",
        ]
    paused = [f"PauseQueueMember({queue},{agent.interface},,by phone)" for queue in queues]
    pause = ["Answer()", *paused, "Playback(beep)", "Hangup()"]
    resume = ["Answer()", *_resume(config, agent), "Playback(beep)", "Hangup()"]
    return [
        *_steps(f"{config.code_stem}{LOG_IN}{code}", log_in),
        *_steps(f"{config.code_stem}{PAUSE}{code}", pause),
        *_steps(f"{config.code_stem}{RESUME}{code}", resume),
        *_steps(f"{config.code_stem}{LOG_OUT}{code}", log_out),
        *([" same => n(talking),Playback(beeperr)", " same => n,Hangup()"] if agent.phone is None else []),
    ]


def _steps(extension: str, steps: list[str]) -> list[str]:
    first, *rest = steps
    return [f"exten => {extension},1,{first}", *(f" same => n,{step}" for step in rest)]
