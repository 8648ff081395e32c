"""The addresses in a ``srcset``. Source: HTML Living Standard, 4.8.4.2.1."""

from __future__ import annotations

import re

_BEFORE = re.compile(r"[\s,]*+")
_ADDRESS = re.compile(r"\S++")
_DESCRIPTORS = re.compile(r"(?:[^,(]|\([^)]*+\)?)*+")


def srcset_addresses(value: str) -> list[str]:
    """Return the addresses in order; sizes and densities are left out."""
    found: list[str] = []
    position = 0
    while True:
        between = _BEFORE.match(value, position)
        address = _ADDRESS.match(value, between.end() if between else position)
        if address is None:
            return found
        position = address.end()
        found.append(address[0].rstrip(","))
        if not address[0].endswith(","):
            descriptors = _DESCRIPTORS.match(value, position)
            position = descriptors.end() if descriptors else position
