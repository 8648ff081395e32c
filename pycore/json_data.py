"""JSON from elsewhere, where whatever is wrong with it is one kind of error.

Runs in CPython and in MicroPython.
"""

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def parse_json(data: "str | bytes") -> "Any":
    """Return what JSON says; bytes are UTF-8, UTF-16 or UTF-32, in MicroPython UTF-8 alone.

    Raises:
        ValueError: it is no JSON, or has more lists and objects inside each other than the
            interpreter's stack holds.
    """
    try:
        return json.loads(data)
    except RuntimeError as error:  # CPython raises its subclass RecursionError
        raise ValueError("too many lists or objects inside each other") from error
