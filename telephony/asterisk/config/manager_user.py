"""The manager account: what Winback may do and hear, and no more.

`write` lacks `system`, `command`, `config` and `dialplan`, so a stolen password cannot run commands
or rewrite the dialplan. It can still originate: keep the port on loopback or behind TLS, and bound
spending at the carrier.
"""

from telephony.asterisk.config.model import AsteriskVersion, PbxConfig

READ_CLASSES = ("call", "agent", "user", "system")
WRITE_CLASSES = ("originate", "call", "agent", "user", "reporting")

# Nothing is decided by these; on a busy server they are most of the traffic.
UNHEARD_EVENTS = (
    "BridgeCreate",
    "BridgeDestroy",
    "ChannelTalkingStart",
    "ChannelTalkingStop",
    "DeviceStateChange",
    "DialState",
    "ExtensionStatus",
    "HangupRequest",
    "LocalBridge",
    "LocalOptimizationBegin",
    "LocalOptimizationEnd",
    "MusicOnHoldStart",
    "MusicOnHoldStop",
    "NewAccountCode",
    "NewCallerid",
    "NewConnectedLine",
    "PeerStatus",
    "PresenceStateChange",
    "SoftHangupRequest",
    "SuccessfulAuth",
    "ChallengeSent",
)

# How long Asterisk waits for a slow reader before it cuts the session off; its default of 100 ms
# closes a healthy session when this machine is busy for a moment.
WRITE_TIMEOUT_MS = 5000


def manager_lines(config: PbxConfig, version: AsteriskVersion) -> list[str]:
    """`<prefix>_manager.conf`, to be included at the end of `manager.conf`.

    What the site says in its own `[general]` stays as it is, unless the interface is to be switched on.
    """
    return [
        *(_switched_on(config) if config.enable_ami else ()),
        f"[{config.user}]",
        f"secret = {config.secret}",
        "deny = 0.0.0.0/0.0.0.0",
        "deny = ::/0",
        *(f"permit = {network}" for network in config.permit),
        f"read = {','.join(READ_CLASSES)}",
        f"write = {','.join(WRITE_CLASSES)}",
        f"writetimeout = {WRITE_TIMEOUT_MS}",
        *(_filter_out(event, version) for event in UNHEARD_EVENTS),
    ]


def _switched_on(config: PbxConfig) -> list[str]:
    bound = (f"bindaddr = {config.ami.host}", f"port = {config.ami.port}")
    return ["[general](+)", "enabled = yes", *bound, "timestampevents = yes", ""]


def _filter_out(event: str, version: AsteriskVersion) -> str:
    # 18.26 and 20.11 know the quick form too, but their earlier releases fail to load it.
    if version >= AsteriskVersion.V22:
        return f"eventfilter(action(exclude),name({event})) ="
    return f"eventfilter = !Event: {event}"
