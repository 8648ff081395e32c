"""Servers that images may come from, by their addresses: which site, and whether it is public.

A browser cannot be asked where a name leads, so there the name alone must tell; ``seesay serve``
looks at the connection, too.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from pycore.endpoint.answers import ForbiddenError
from pycore.errors import ConfigurationError

PORTS = {"http": 80, "https": 443}

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?)+")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""Source: RFC 6052, section 2.1."""
_UNICAST = ipaddress.ip_network("2000::/3")
"""All of the public internet's IPv6; beside it lie loopbacks, local nets, and ways to write IPv4
addresses. Source: RFC 4291, section 2.4, and IANA's registry of address space."""
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PRIVATE_ENDS = (
    ".localhost", ".local", ".internal", ".intranet", ".lan", ".home", ".corp", ".private",
    ".home.arpa",
)  # fmt: skip
"""Source: RFC 6761, RFC 6762 (appendix G), RFC 8375, and ICANN's reservation of ``.internal``."""


def site_of(url: str) -> str:
    """Return scheme, host and port of an address: ``https://example.org:443``.

    Raises:
        ConfigurationError: it is no web address.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in PORTS or not parts.hostname:
        raise ConfigurationError(f"{url!r} is no web address like https://example.org.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname  # as it is written
    return f"{parts.scheme}://{host}:{port or PORTS[parts.scheme]}"


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the public internet."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        found = _inner(found) or found
    if isinstance(found, ipaddress.IPv6Address) and found not in _UNICAST:
        return False
    return found.is_global and not found.is_multicast


def _inner(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that routers make of an IPv6 address, if it stands for one."""
    if address in _NAT64:
        return ipaddress.IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour


def public_host(url: str) -> str:
    """Return the host of an address, as browsers write it, if its name may be a public one.

    Raises:
        ForbiddenError: it is this machine, in a private network, or written so that programs may
            disagree on what it is.
    """
    host = urlsplit(url).hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        name = host.removesuffix(".")
        last = name.rpartition(".")[2]
        # A last part that is a number makes browsers read all of it as an IP address.
        is_name = _NAME.fullmatch(name) and not _NUMBER.fullmatch(last)
        if is_name and not name.endswith(_PRIVATE_ENDS):
            return host
    else:
        if is_public(host):
            return host if address.version == 4 else f"[{address.compressed}]"
    raise ForbiddenError(f"{host} may be in a private network: no image is fetched from there.")
