"""Plain data from JavaScript.

Runs in MicroPython.
"""

import json

from pyscript import window

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Record:
    """A copy of a JavaScript object; its fields are attributes, its numbers floats.

    It goes through text, because whole numbers from JavaScript wrap beyond 32 bits in MicroPython
    1.27: a file of 3 GB would have a negative size.
    """

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...

    def __init__(self, value: "Any") -> None:
        for name, field in json.loads(window.JSON.stringify(value)).items():
            setattr(self, name, float(field) if type(field) is int else field)


def to_bytes(buffer: "Any") -> bytes:
    """The bytes of an ArrayBuffer.

    As text, too, where the browser writes it: MicroPython takes them one by one otherwise, 512 of
    them in a millisecond or two.
    """
    array = window.Uint8Array.new(buffer)
    return bytes.fromhex(array.toHex()) if getattr(array, "toHex", None) else bytes(array)
