"""Which addresses are of the public internet, by their names alone."""

from __future__ import annotations

import ipaddress
import struct

import pytest

from pycore.endpoint.answers import ForbiddenError
from pycore.endpoint.sites import is_public, public_host, site_of
from pycore.errors import ConfigurationError


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://images.example/a.png", "images.example"),
        ("https://Images.Example./a.png", "images.example."),
        ("http://a-b.c_d.example:8080/", "a-b.c_d.example"),
        ("https://93.184.216.34/a.png", "93.184.216.34"),
        ("https://[2606:2800:220:1::1]/a.png", "[2606:2800:220:1::1]"),
    ],
)
def test_public_hosts(url: str, host: str) -> None:
    assert public_host(url) == host


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "localhost.", "a.localhost", "router", "printer.local", "nas.lan",
        "x.internal",
        "x.home.arpa", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "017700000001",
        "10.0.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1",
        "[::1]", "[::ffff:127.0.0.1]", "[fd00::1]", "[fe80::1]", "[fec0::1]", "[ff02::1]",
        "[::127.0.0.1]", "[::ffff:0:127.0.0.1]", "[64:ff9b:1::7f00:1]", "[2001:0:7f00:1::]", "[::]",
        "１２７.0.0.1", "%31%32%37.0.0.1", "a.b\\.example", "a..example",
    ],
)  # fmt: skip
def test_what_may_lead_into_a_private_network(host: str) -> None:
    with pytest.raises(ForbiddenError, match="private network"):
        public_host(f"http://{host}/a.png")


def test_sites() -> None:
    assert site_of("https://example.org/a") == "https://example.org:443"
    assert site_of("http://EXAMPLE.org:81") == "http://example.org:81"
    ipv6 = site_of("https://[2001:DB8::1]/a.png")
    assert site_of(ipv6) == ipv6 == "https://[2001:db8::1]:443"
    for wrong in ("example.org", "ftp://example.org", "https://", "https://a:b/"):
        with pytest.raises(ConfigurationError, match="no web address"):
            site_of(wrong)


@pytest.mark.parametrize("around", ["::ffff:{}", "64:ff9b::{}", "2002:{:04x}:{:04x}::"])
def test_an_address_inside_another_counts(around: str) -> None:
    inners = {"10.0.0.1": False, "127.0.0.1": False, "224.0.0.1": False, "8.8.8.8": True}
    for inner, expected in inners.items():
        high, low = struct.unpack(">HH", ipaddress.IPv4Address(inner).packed)
        address = around.format(inner) if "{}" in around else around.format(high, low)
        assert is_public(address) == expected
