"""When a photograph was taken, from the first bytes of its file.

Runs in MicroPython (the page) and in CPython (tests). pycore/metadata reads and writes all of Exif
in the worker; here one date is looked for, in files that the page has in its hands anyway.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    Order = Literal["little", "big"]

HEAD_BYTES = 128 * 1024  # Exif stands in a JPEG's first segments, of at most 64 KB each
_ORDERS: "dict[bytes, Order]" = {b"II*\0": "little", b"MM\0*": "big"}
_EXIF_IFD, _DATE_TIME_ORIGINAL, _DATE_TIME = 0x8769, 0x9003, 0x0132


def taken_at(head: bytes) -> str | None:
    """The camera's clock, ``2026-11-27T12:00:00``, or None.

    Source: Exif 2.32 (CIPA DC-008), 4.5 and 4.6; TIFF 6.0, section 2.

    Args:
        head: the first ``HEAD_BYTES`` of a JPEG or TIFF file; of any other there is no date.
    """
    if head[:2] == b"\xff\xd8":
        start = head.find(b"Exif\0\0") + 6
        if start < 6:
            return None
        head = head[start:]
    order: "Order | None" = _ORDERS.get(head[:4])
    if order is None:
        return None
    fields = _fields(head, _place(head, 4, order), order)
    inner = fields.get(_EXIF_IFD)
    found = None
    if inner is not None:
        inside = _fields(head, _place(head, inner, order), order)
        found = _text(head, inside.get(_DATE_TIME_ORIGINAL), order)
    return found or _text(head, fields.get(_DATE_TIME), order)


def _place(data: bytes, at: int, order: "Order") -> int:
    """The address that stands at a place; the end, if it lies beyond.

    MicroPython's slices take no number of more than 31 bits.
    """
    return min(int.from_bytes(data[at : at + 4], order), len(data))


def _fields(data: bytes, place: int, order: "Order") -> dict[int, int]:
    """Where the value (or its address) of each field of a directory stands, by its tag."""
    count = int.from_bytes(data[place : place + 2], order)
    entries = range(place + 2, min(place + 2 + 12 * count, len(data) - 11), 12)
    return {int.from_bytes(data[entry : entry + 2], order): entry + 8 for entry in entries}


def _text(data: bytes, value: int | None, order: "Order") -> str | None:
    """A date in ISO 8601, of a field whose value stands elsewhere; None where it is none."""
    if value is None:
        return None
    place = _place(data, value, order)
    text = data[place : place + 19]  # 2026:11:27 12:00:00
    parts = [text[i : i + 2] for i in (0, 2, 5, 8, 11, 14, 17)]
    if len(text) != 19 or not all(part.isdigit() for part in parts) or parts[2] == b"00":
        return None
    century, year, month, day, hour, minute, second = [part.decode() for part in parts]
    return f"{century}{year}-{month}-{day}T{hour}:{minute}:{second}"
