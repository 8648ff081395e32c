"""A writer of ICC profiles, for tests."""

from __future__ import annotations

import struct

D50 = (0.9642, 1.0, 0.8249)
SRGB = (
    (0.4360747, 0.2225045, 0.0139322),
    (0.3850649, 0.7168786, 0.0971045),
    (0.1430804, 0.0606169, 0.7141733),
)
"""XYZ of red, green and blue."""
DISPLAY_P3 = (
    (0.5151187, 0.2411892, -0.0010505),
    (0.2919778, 0.6922441, 0.0418791),
    (0.1571035, 0.0665667, 0.7840713),
)


def fixed(*values: float) -> bytes:
    """Write s15Fixed16 numbers."""
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def gamma(exponent: float) -> bytes:
    """Write a curve that is a power."""
    return struct.pack(">4sIIHxx", b"curv", 0, 1, round(exponent * 256))


SRGB_CURVE = struct.pack(">4sIHxx", b"para", 0, 3) + fixed(
    2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045
)


def profile(
    tags: dict[bytes, bytes], space: bytes = b"RGB ", connection_space: bytes = b"XYZ "
) -> bytes:
    """Write a profile of some tags."""
    table, body = b"", b""
    start = 132 + 12 * len(tags)
    for name, content in tags.items():
        table += struct.pack(">4sII", name, start + len(body), len(content))
        body += content.ljust(-(-len(content) // 4) * 4, b"\x00")
    header = bytearray(128)
    header[8:12], header[12:16] = b"\x04\x30\x00\x00", b"mntr"
    header[16:20], header[20:24] = space, connection_space
    header[36:40], header[68:80] = b"acsp", fixed(*D50)
    whole = bytes(header) + struct.pack(">I", len(tags)) + table + body
    return struct.pack(">I", len(whole)) + whole[4:]


def matrix_profile(colours: tuple[tuple[float, ...], ...], curve: bytes) -> bytes:
    """Write an RGB profile of three colours and one curve."""
    tags = {b"wtpt": b"XYZ \x00\x00\x00\x00" + fixed(*D50)}
    for name, colour in zip((b"r", b"g", b"b"), colours, strict=True):
        tags[name + b"XYZ"] = b"XYZ \x00\x00\x00\x00" + fixed(*colour)
        tags[name + b"TRC"] = curve
    return profile(tags)


def table_profile(
    points: list[tuple[float, float, float]], channels: int, *, is_old: bool
) -> bytes:
    """Write a profile with a table of 2 points a channel, the last channel fastest.

    Args:
        points: L (0 to 100), a and b (-128 to 127).
        channels: 3 for RGB, 4 for CMYK.
        is_old: lut16Type instead of lutAToBType.
    """
    most = 65280 if is_old else 65535
    shares = [((light / 100), (a + 128) / 255, (b + 128) / 255) for light, a, b in points]
    numbers = [min(65535, round(share * most)) for point in shares for share in point]
    table = struct.pack(f">{len(numbers)}H", *numbers)
    ramp = struct.pack(">2H", 0, 65535)
    if is_old:
        tag = struct.pack(">4sIBBBx", b"mft2", 0, channels, 3, 2) + fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
        tag += struct.pack(">HH", 2, 2) + ramp * channels + table + ramp * 3
    else:
        identity = struct.pack(">4sII", b"curv", 0, 0)
        clut_at = 32 + 12 * channels
        tag = struct.pack(">4sIBBxx", b"mAB ", 0, channels, 3)
        tag += struct.pack(">5I", clut_at + 20 + len(table), 0, 0, clut_at, 32)
        tag += identity * channels
        tag += bytes([2] * channels).ljust(16, b"\x00") + b"\x02\x00\x00\x00" + table
        tag += identity * 3
    space = {3: b"RGB ", 4: b"CMYK"}[channels]
    return profile({b"A2B0": tag}, space, b"Lab ")
