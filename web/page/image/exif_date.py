"""When a photograph was taken, from the first bytes of its file.

Runs in MicroPython (the page) and in CPython (tests). pycore/metadata reads and writes all of Exif
in the worker; here one date is looked for, in files that the page has in its hands anyway. Of them
the few hundred bytes alone are read that it takes: each byte that comes from JavaScript costs
MicroPython a microsecond, and Exif may lie anywhere in 128 KB.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

    Order = Literal["little", "big"]
    Read = Callable[[int, int], bytes]

HEAD_BYTES = 128 * 1024  # Exif stands in a JPEG's first segments, of at most 64 KB each
MAX_SEGMENTS = 300  # empty ones and fill bytes count: a made-up file has 128 thousand of those
_ORDERS: "dict[bytes, Order]" = {b"II*\0": "little", b"MM\0*": "big"}
_EXIF_IFD, _DATE_TIME_ORIGINAL, _DATE_TIME = 0x8769, 0x9003, 0x0132
_APP1, _IMAGE_DATA, _END = 0xE1, 0xDA, 0xD9


def taken_at(read: "Read") -> str | None:
    """The camera's clock, ``2026-11-27T12:00:00``, or None.

    Source: Exif 2.32 (CIPA DC-008), 4.5 and 4.6; TIFF 6.0, section 2.

    Args:
        read: ``read(start, end)`` gives those bytes of the file, as far as they are there and
            within the first ``HEAD_BYTES``.
    """
    start = 0
    if read(0, 2) == b"\xff\xd8":
        start = _exif(read)
        if start < 0:
            return None
    order: "Order | None" = _ORDERS.get(read(start, start + 4))
    if order is None:
        return None

    def inside(first: int, last: int) -> bytes:
        return read(start + first, start + last)

    fields = _fields(inside, _place(inside, 4, order), order)
    inner = fields.get(_EXIF_IFD)
    found = None
    if inner is not None:
        of_exif = _fields(inside, _place(inside, inner, order), order)
        found = _text(inside, of_exif.get(_DATE_TIME_ORIGINAL), order)
    return found or _text(inside, fields.get(_DATE_TIME), order)


def _exif(read: "Read") -> int:
    """Where a JPEG's Exif begins; -1 where it has none."""
    place = 2
    for _ in range(MAX_SEGMENTS):
        segment = read(place, place + 10)
        if len(segment) < 10 or segment[0] != 0xFF or segment[1] in (_IMAGE_DATA, _END):
            break
        if segment[1] == 0xFF:  # filled up
            place += 1
            continue
        if segment[1] == _APP1 and segment[4:] == b"Exif\0\0":
            return place + 10
        place += 2 + int.from_bytes(segment[2:4], "big")
    return -1


def _place(read: "Read", at: int, order: "Order") -> int:
    """The address that stands at a place; the end, if it lies beyond.

    MicroPython hands no number of more than 31 bits to JavaScript unharmed.
    """
    return min(int.from_bytes(read(at, at + 4), order), HEAD_BYTES)


def _fields(read: "Read", place: int, order: "Order") -> dict[int, int]:
    """Where the value (or its address) of each field of a directory stands, by its tag."""
    count = int.from_bytes(read(place, place + 2), order)
    data = read(place + 2, place + 2 + 12 * count)
    entries = range(0, len(data) - 11, 12)
    return {int.from_bytes(data[at : at + 2], order): place + 2 + at + 8 for at in entries}


def _text(read: "Read", value: int | None, order: "Order") -> str | None:
    """A date in ISO 8601, of a field whose value stands elsewhere; None where it is none."""
    if value is None:
        return None
    place = _place(read, value, order)
    text = read(place, place + 19)  # 2026:11:27 12:00:00
    parts = [text[i : i + 2] for i in (0, 2, 5, 8, 11, 14, 17)]
    if len(text) != 19 or not all(part.isdigit() for part in parts) or parts[2] == b"00":
        return None
    century, year, month, day, hour, minute, second = [part.decode() for part in parts]
    return f"{century}{year}-{month}-{day}T{hour}:{minute}:{second}"
