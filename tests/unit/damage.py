"""Files as accidents leave them."""

from __future__ import annotations

import random

_EXTREMES = (
    b"\xff\xff\xff\xff", bytes(4), b"\x7f\xff\xff\xff", b"\0\0\0\x80", b"@@", b"<", b"\x1c",
)  # fmt: skip
_HEAD = 90  # bytes: half of the changes are in them


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Change a file in one to sixteen places, mostly near its beginning."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        place = chance.randrange(
            len(changed) if chance.random() < 0.5 else min(len(changed), _HEAD)
        )
        length = chance.randrange(1, 40)
        kind = chance.randrange(6)
        if kind == 0:
            changed[place] ^= 1 << chance.randrange(8)
        elif kind == 1:
            changed[place] = chance.choice((0, 1, 127, 128, 255))
        elif kind == 2:
            extreme = chance.choice(_EXTREMES)
            changed[place : place + len(extreme)] = extreme
        elif kind == 3:
            changed[place:place] = changed[place : place + length]
        elif kind == 4:
            del changed[place : place + length // 4]
        else:
            del changed[max(1, len(changed) - length) :]
        changed = changed or bytearray(1)
    return bytes(changed)
