"""Why Asterisk's manager interface does not take us: nobody reached, TLS, the address list, or the secret."""

import socket
import ssl
from contextlib import suppress
from typing import Final

from dialer.bootstrap import pbx_host, secret_of
from dialer.cli.findings import Finding
from dialer.cli.site_checks import is_here
from dialer.settings import Settings
from telephony.asterisk.config.manager_access import FILE, login_fault, permits
from telephony.errors import TelephonyError

CONNECT_S: Final = 3.0  # for a TCP connection, or a TLS greeting, with a machine that is near
GREETING: Final = b"Asterisk Call Manager"

RUNNING: Final = (
    f"Is Asterisk running, does its {FILE} say `enabled = yes`, and do `bindaddr` and `port` there match "
    "WINBACK_PBX__HOST and __PORT?"
)
ON_THE_WAY: Final = "Something on the way takes no connection: a firewall, or another machine's address."
TLS_PORT: Final = (
    f"TLS has a port of its own in {FILE} (`tlsenable = yes`, `tlsbindaddr`, usually 5039): set "
    "WINBACK_PBX__PORT to it, or WINBACK_PBX__TLS to false."
)
TRUST: Final = (
    "Set WINBACK_PBX__TLS_CA to the file of the authority that signed it, and WINBACK_PBX__HOST to the name "
    "it was made out to."
)
SPEAK_TLS: Final = f"Set WINBACK_PBX__TLS to true, or take the port of {FILE}'s `[general]` without TLS."
RELOAD: Final = "`asterisk -rx 'manager reload'`, then look again."


def look_at_port(settings: Settings) -> Finding | None:
    """What keeps a manager interface from greeting us at its address, before any log-in; None for nothing."""
    host, port = pbx_host(settings), settings.pbx.port
    try:
        with socket.create_connection((host, port), timeout=CONNECT_S) as connection:
            return tls_fault(settings, connection) if settings.pbx.tls else greeting_fault(connection)
    except TimeoutError:
        return _fault(f"reachability: {host}:{port} does not answer in {CONNECT_S:g} s", ON_THE_WAY)
    except socket.gaierror as unknown:
        return _fault(f"reachability: {host} is no name of a machine: {unknown.strerror}", RUNNING)
    except OSError as refused:
        return _fault(f"reachability: no connection to {host}:{port}: {refused.strerror or refused}", RUNNING)


def tls_fault(settings: Settings, connection: socket.socket) -> Finding | None:
    """What keeps TLS from being spoken over this connection; None for nothing."""
    try:
        trusted = ssl.create_default_context(cafile=settings.pbx.tls_ca)
    except OSError as unread:
        return _fault(f"TLS: pbx.tls_ca cannot be read: {unread.strerror}", TRUST)
    try:
        trusted.wrap_socket(connection, server_hostname=pbx_host(settings)).close()
    except ssl.SSLCertVerificationError as unknown:
        return _fault(f"TLS: its certificate is not trusted: {unknown.verify_message}", TRUST)
    except OSError as no:
        return _fault(f"TLS: who answers there speaks none ({no})", TLS_PORT)
    return None


def greeting_fault(connection: socket.socket) -> Finding | None:
    """What keeps the manager interface from greeting without TLS; None for nothing."""
    try:
        said = connection.recv(len(GREETING))
    except TimeoutError:  # who speaks TLS waits for the other side to begin
        return _fault(f"TLS: who answers there waits for us to begin ({CONNECT_S:g} s)", SPEAK_TLS)
    if not said.startswith(GREETING):
        return _fault(f"reachability: what answers there is no manager interface: {said!r}", RUNNING)
    return None


def look_at_refusal(settings: Settings, refusal: TelephonyError) -> Finding:
    """Why a log-in was refused: its files say so, as Asterisk does not, or `pbx.permit` says enough."""
    names, user = settings.pbx.names, settings.pbx.user
    rendered = names.file("manager")
    try:
        address = address_here(settings)
        fault = read_fault(settings, address)
    except OSError as gone:  # it was there a moment ago
        return _fault(f"{refusal}; then {gone}", RUNNING)
    if fault is None:
        seen = f"{FILE} has [{user}] with this secret and lets in {address}: Asterisk has not read it since"
        return _fault(f"{refusal}: {seen}", RELOAD)
    remedies = {
        "user": f"Render, include {rendered} at the end of {FILE} (or set WINBACK_PBX__USERNAME), {RELOAD}",
        "ACL": f"Add {address} to pbx.permit, render again, {RELOAD}",
        "secret": f"Make WINBACK_PBX__SECRET and `secret` in {rendered} one (render again), {RELOAD}",
    }
    return _fault(f"{refusal}: {fault}", remedies[fault.partition(":")[0]])


def read_fault(settings: Settings, address: str) -> str | None:
    """What the manager interface's files say, or what can be said without them. Raises OSError."""
    pbx = settings.pbx
    with suppress(PermissionError):  # Debian's package lets nobody but Asterisk read them
        if is_here(settings) and (pbx.folder / FILE).is_file():
            return login_fault(pbx.folder, pbx.user, secret_of(settings), address)
    unread = f"{pbx.folder / FILE} cannot be read here, and Asterisk says the same of either"
    if not permits([("deny", "0.0.0.0/0,::/0"), *(("permit", network) for network in pbx.permit)], address):
        return f"ACL: pbx.permit does not let in {address}, from where Winback comes ({unread})"
    return f"secret: or user name, as pbx.permit lets in {address} where it was rendered ({unread})"


def address_here(settings: Settings) -> str:
    """The address of this machine from which Winback speaks with that Asterisk. Raises OSError."""
    with socket.create_connection((pbx_host(settings), settings.pbx.port), timeout=CONNECT_S) as connection:
        return str(connection.getsockname()[0])


def _fault(seen: str, remedy: str) -> Finding:
    return Finding(what="AMI", ok=False, seen=seen, remedy=remedy)
