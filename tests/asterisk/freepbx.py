"""A dialplan of FreePBX's shape: what its pages write anew, and the `_custom` files that they never touch.

Only the ways matter here: phones and routes below `from-internal`, a route that records and shows a number
of its own, a trunk that says why it failed, queue members called by `from-queue`, hints with do not disturb.
"""

from bench.testbed.dialplan_actors import STAGE

ROUTE_CALLER_ID = "441632960099"

EXTENSIONS = """[general]
#include extensions_override_freepbx.conf
#include extensions_additional.conf
#include extensions_custom.conf
#include test_extensions.conf
"""
ADDITIONAL = f"""
[from-internal]
include => from-internal-xfer
include => bad-number

[from-internal-xfer]
include => from-internal-custom
include => from-internal-additional

[from-internal-additional]
include => ext-local
include => outbound-allroutes

[ext-local]
exten => 102,1,Gosub(macro-exten-vm,s,1(102))
 same => n,Hangup()
exten => 102,hint,Local/ok102@test-phones&Custom:DND102

[from-queue]
exten => _X.,1,Set(QAGENT=${{EXTEN}})
 same => n,Goto(ext-local,${{EXTEN}},1)

[macro-exten-vm]
exten => s,1,Dial(Local/ok${{ARG1}}@test-phones/n,15)
 same => n,Return()

[outbound-allroutes]
include => outrt-1

[outrt-1]
exten => _1X.,1,Gosub(macro-user-callerid,s,1)
 same => n,Gosub(sub-record-check,s,1(out,${{EXTEN}}))
 same => n,Gosub(macro-dialout-trunk,s,1(1,${{EXTEN}}))
 same => n,Gosub(macro-outisbusy,s,1)

[macro-user-callerid]
exten => s,1,Set(AMPUSER=${{CALLERID(num)}})
 same => n,Return()

[sub-record-check]
exten => s,1,UserEvent(SiteRecords,Number: ${{ARG2}})
 same => n,Return()

[macro-dialout-trunk]
exten => s,1,Set(CALLERID(num)={ROUTE_CALLER_ID})
 same => n,Dial(Local/${{ARG2}}@test-customers/n,300,T)
 same => n,Goto(s-${{DIALSTATUS}},1)
exten => s-BUSY,1,Busy(20)
exten => s-NOANSWER,1,Playtones(congestion)
 same => n,Congestion(20)
exten => s-CHANUNAVAIL,1,Return()
exten => s-CONGESTION,1,Return()

[macro-outisbusy]
exten => s,1,Progress()
 same => n,Playback(vm-goodbye,noanswer)
 same => n,Congestion(20)

[bad-number]
exten => _X.,1,Hangup(1)

[ivr-1]
exten => s,1,Answer()
 same => n,Goto(winback-inbound,support,1)
"""
QUEUES = """[general]
persistentmembers = no
#include queues_custom.conf
#include queues_additional.conf
#include queues_post_custom.conf
"""
QUEUES_ADDITIONAL = """[400]
strategy = ringall
joinempty = yes
member => Local/102@from-queue/n,0,Ben Smith,hint:102@ext-local
"""

FILES = {
    "extensions.conf": EXTENSIONS,
    "extensions_override_freepbx.conf": "",
    "extensions_additional.conf": ADDITIONAL,
    "extensions_custom.conf": "[from-internal-custom]\nexten => 7777,1,Goto(ivr-1,s,1)\n",
    "test_extensions.conf": STAGE,
    "queues.conf": QUEUES,
    "queues_custom.conf": "",
    "queues_additional.conf": QUEUES_ADDITIONAL,
    "queues_post_custom.conf": "",
    "manager_additional.conf": "",
    "manager_custom.conf": "; mine\n",
    "agents.conf": "[general]\n",
}


def with_manager(base: str) -> str:
    """A `manager.conf` that includes what FreePBX's does."""
    ours = "#include winback_manager.conf"
    assert ours in base
    return base.replace(ours, "#include manager_additional.conf\n#include manager_custom.conf")
