"""People as Asterisk dialplan: customers, agents' phones and callers.

A customer's number ends in three digits: a kind and two digits of time in tenths of a second.

| last digits | the customer |
|---|---|
| 0tt | rings 0.3 s, answers as a machine: speaks for some seconds without a pause, then listens |
| 1tt | rings tt/10 s, answers, talks until the other side hangs up |
| 2tt | is busy after tt/10 s (Busy(): the channel says 486) |
| 3tt | rings and never answers |
| 4tt | congestion after tt/10 s |
| 5tt | the number is not allocated (cause 1) |
| 6tt | rings tt/10 s, then rejects (cause 21) |
| 7tt | rings 0.3 s, answers, hangs up after tt/10 s (by the cause in the global variable ENDS_BY, if any) |
| 8tt | rings 0.3 s, answers, hangs up after tt s |
| 9tt | is busy by cause 17 at once |

Of 1, 7 and 8 the digit before these is the key they press half a second after answering; with 0 it is the one
in the global variable PRESSES, or none.
"""

from dataclasses import replace

from telephony.asterisk.config.model import AgentLine, Endpoint, PbxConfig, Trunk

LONGEST_S = 3600
TRUNK = "acme"
NARROW_TRUNK = "narrow"  # one channel only
# Of Asterisk's core sounds: five seconds of speech, which app_amd takes for an answering machine.
ANNOUNCEMENT = "vm-intro"
USER, SECRET = "winback", "winback-on-loopback"

STAGE = f"""
[test-customers]
exten => _X!,1,Set(KIND=${{EXTEN:-3:1}})
 same => n,Set(TENTHS=${{EXTEN:-2}})
 same => n,Set(PAUSE=$[${{TENTHS}} / 10])
 same => n,Set(KEY=${{EXTEN:-4:1}})
 same => n,ExecIf($["${{KEY}}" = "0"]?Set(KEY=${{PRESSES}}))
 same => n,Goto(kind-${{KIND}},1)
exten => kind-0,1,Ringing()
 same => n,Wait(0.3)
 same => n,Answer()
 same => n,Playback({ANNOUNCEMENT})
 same => n,Wait({LONGEST_S})
exten => press,1,ExecIf($["${{KEY}}" = ""]?Return())
 same => n,Wait(0.5)
 same => n,SendDTMF(${{KEY}})
 same => n,Return()
exten => kind-1,1,Ringing()
 same => n,Wait(${{PAUSE}})
 same => n,Answer()
 same => n,Gosub(press,1)
 same => n,Wait({LONGEST_S})
exten => kind-2,1,Ringing()
 same => n,Wait(${{PAUSE}})
 same => n,Busy({LONGEST_S})
exten => kind-3,1,Ringing()
 same => n,Wait({LONGEST_S})
exten => kind-4,1,Ringing()
 same => n,Wait(${{PAUSE}})
 same => n,Congestion({LONGEST_S})
exten => kind-5,1,Hangup(1)
exten => kind-6,1,Ringing()
 same => n,Wait(${{PAUSE}})
 same => n,Hangup(21)
exten => kind-7,1,Ringing()
 same => n,Wait(0.3)
 same => n,Answer()
 same => n,Gosub(press,1)
 same => n,Wait(${{PAUSE}})
 same => n,ExecIf($["${{ENDS_BY}}" != ""]?Hangup(${{ENDS_BY}}))
 same => n,Hangup(16)
exten => kind-8,1,Ringing()
 same => n,Wait(0.3)
 same => n,Answer()
 same => n,Gosub(press,1)
 same => n,Wait(${{TENTHS}})
 same => n,Hangup(16)
exten => kind-9,1,Hangup(17)
exten => h,1,NoOp()

[test-headsets]
; an agent's headset that stays off the hook, for AgentLogin
exten => _X!,1,Answer()
 same => n,Wait({LONGEST_S})
exten => _[a-z].,1,Answer()
 same => n,Wait({LONGEST_S})

[test-phones]
; an agent's ringing phone: ok-... answers after 0.3 s, deaf-... never does
exten => _ok.,1,Ringing()
 same => n,Wait(0.3)
 same => n,Answer()
 same => n,Wait({LONGEST_S})
exten => _deaf.,1,Ringing()
 same => n,Wait({LONGEST_S})

[test-desk]
; where a customer is transferred to
exten => s,1,Wait(1)
 same => n,Hangup(16)
exten => stays,1,Wait({LONGEST_S})
 same => n,Hangup(16)

[test-callers]
; a caller's side of a call into winback-inbound: waits, perhaps presses 1 (book: again and again)
exten => _liste[n].,1,Answer()
 same => n,Wait(${{EXTEN:6}})
 same => n,Hangup(16)
exten => _boo[k].,1,Answer()
 same => n,Wait(${{EXTEN:4}})
 same => n(again),SendDTMF(1)
 same => n,Wait(1)
 same => n,Goto(again)
exten => _press.,1,Answer()
 same => n,Wait(${{EXTEN:5}})
 same => n,SendDTMF(1)
 same => n,Wait({LONGEST_S})
"""


def actors_config(
    ami_port: int, agi: tuple[str, int], *others: tuple[str, int], agents: int = 4
) -> PbxConfig:
    """A plan whose customers and agents are played by `STAGE`; `others` are asked after `agi`."""
    return PbxConfig(
        user=USER,
        secret=SECRET,
        ami=Endpoint(host="127.0.0.1", port=ami_port),
        agi=tuple(Endpoint(host=host, port=port) for host, port in (agi, *others)),
        agents=tuple(
            AgentLine(id=f"a{n}", name=f"Agent {n}", code=f"{100 + n}") for n in range(1, agents + 1)
        ),
        trunks=(
            Trunk(name=TRUNK, dial="Local/{number}@test-customers/n"),
            Trunk(name=NARROW_TRUNK, dial="Local/{number}@test-customers/n", channels=1),
        ),
    )


def with_phones(config: PbxConfig, kind: str) -> PbxConfig:
    """The same agents, reached by a ringing phone of this kind (`ok` or `deaf`)."""
    phones = tuple(replace(agent, phone=f"Local/{kind}{agent.id}@test-phones/n") for agent in config.agents)
    return replace(config, agents=phones)
