"""JSON from elsewhere, where whatever is wrong with it is one kind of error."""

from __future__ import annotations

import json
import re
from typing import Any

_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"?', re.DOTALL)  # one without an end too: read once
_BRACKET = re.compile(r"[\[\]{}]")


def parse_json(data: str | bytes, *, deepest: int = 1000) -> Any:
    """Return what JSON says; bytes are UTF-8, UTF-16 or UTF-32.

    Args:
        data: the text.
        deepest: how many lists and objects may stand inside each other. In Pyodide, where json
            recurses on JavaScript's stack, thousands end Python instead of raising anything.

    Raises:
        ValueError: it is no JSON, or has more lists and objects inside each other.
    """
    text = (
        data if isinstance(data, str) else data.decode(json.detect_encoding(data), "surrogatepass")
    )
    if text.count("[") + text.count("{") > deepest and _depth(text) > deepest:
        raise ValueError(f"over {deepest} lists or objects inside each other")
    try:
        return json.loads(text)
    except RecursionError as error:  # CPython 3.11 counts them into its limit on calls
        raise ValueError("too many lists or objects inside each other") from error


def _depth(text: str) -> int:
    """Return how many lists and objects stand inside each other at most."""
    depth = most = 0
    for bracket in _BRACKET.finditer(_STRING.sub("", text)):
        depth += 1 if bracket[0] in "[{" else -1
        most = max(most, depth)
    return most
