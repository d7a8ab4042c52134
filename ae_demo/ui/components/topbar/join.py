"""The address at which others can open the page, and its QR code."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from urllib.parse import urlsplit

import segno

MAX_ADDRESS = 300  # characters; with more, the code is too fine for a phone in the last row
PROBES = ("192.0.2.1", "10.255.255.255", "172.31.255.255", "192.168.255.255")  # nothing is sent to them
TIMEOUT = 0.5  # seconds


def join(address: str) -> dict[str, str] | None:
    """What a phone needs to open the page.

    Args:
        address: the page's, as the browser that asks has it.

    Returns:
        `{"address": …, "code": …}`, a QR code as SVG; None where only this machine can open the page.
    """
    url = urlsplit(str(address)[:2000])
    if url.scheme not in ("http", "https") or not url.hostname:
        return None
    reachable = url.netloc if not is_loopback(url.hostname) else address_in_network(url.port or 80)
    if reachable is None:
        return None
    found = url._replace(netloc=reachable, fragment="").geturl()
    if len(found) > MAX_ADDRESS:
        found = url._replace(netloc=reachable, fragment="", query="").geturl()
    code = segno.make(found, error="m", micro=False).svg_inline(border=4, light="#fff", omitsize=True)
    return {"address": found, "code": code}


def is_loopback(host: str) -> bool:
    """Whether a host is the machine itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def address_in_network(port: int) -> str | None:
    """This machine's address and port in its network, if the server answers there; else None."""
    for probe in PROBES:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            try:
                datagrams.connect((probe, 9))  # only chooses the network interface
                host = datagrams.getsockname()[0]
                if not is_loopback(host):
                    socket.create_connection((host, port), TIMEOUT).close()
                    return f"{host}:{port}"
            except OSError:
                continue
    return None
