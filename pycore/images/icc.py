"""ICC colour profiles, as far as images carry them: device colours to XYZ.

Pillow's own way, LittleCMS, is not in Pyodide's build of it. What is here covers matrix profiles
(cameras, screens), grey ones, and those with lookup tables (CMYK presses, scanners, XYB JPEGs).

Source: ICC.1:2022 (profile version 4.4), sections 7.2 (header), 7.3 (tag table), 10.6 (curveType),
10.10 to 10.12 (lut16Type, lut8Type, lutAToBType), 10.18 (parametricCurveType), annex A (PCS).
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from pycore.images.decoding.damage import DamagedImageError, foreign_bytes

if TYPE_CHECKING:
    from pycore.interfaces import FloatArray

ToXyz = Callable[["FloatArray"], "FloatArray"]
"""Takes device colours, float32 of shape (n, channels), 0 to 1; returns XYZ of shape (n, 3), of
which white is D50 with Y = 1."""

D50 = np.array([0.9642, 1.0, 0.8249], np.float32)
CHANNELS = {b"GRAY": 1, b"RGB ": 3, b"CMYK": 4}
_HEADER_BYTES = 128
_XYZ_ENCODING = np.float32(1 + 32767 / 32768)  # the value that all ones stand for
_MOST_TAGS = 100
_MOST_CLUT_BYTES = 1 << 24

Stage = Callable[["FloatArray"], "FloatArray"]


def device_space(profile: bytes) -> bytes:
    """Return the four letters of a profile's colour space; empty where it is no profile."""
    is_profile = len(profile) > _HEADER_BYTES and profile[36:40] == b"acsp"
    return profile[16:20] if is_profile else b""


def read_profile(profile: bytes) -> ToXyz:
    """Read a profile of one of the spaces in ``CHANNELS``.

    Raises:
        DamagedImageError: when it is damaged, or of a kind that is not read here.
    """
    with foreign_bytes():
        return _read(profile)


def _read(profile: bytes) -> ToXyz:
    space = device_space(profile)
    tags = _tags(profile)
    is_lab = profile[20:24] == b"Lab "
    for name in (b"A2B0", b"A2B1"):
        if name in tags:
            return _lookup(tags[name], CHANNELS[space], is_lab=is_lab)
    if space == b"GRAY":
        curve, _ = _curve(tags[b"kTRC"])
        return lambda grey: curve(grey[:, 0])[:, None] * D50
    if space != b"RGB ":
        raise ValueError("there is no table")
    names = ((b"rTRC", b"rXYZ"), (b"gTRC", b"gXYZ"), (b"bTRC", b"bXYZ"))
    curves = [_curve(tags[curve_name])[0] for curve_name, _ in names]
    matrix = np.stack([_xyz(tags[colour]) for _, colour in names])
    return lambda rgb: _each(curves)(rgb) @ matrix


def _tags(profile: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">I", profile, _HEADER_BYTES)
    entries = (
        struct.unpack_from(">4sII", profile, _HEADER_BYTES + 4 + 12 * index)
        for index in range(min(count, _MOST_TAGS))
    )
    return {name: profile[offset : offset + size] for name, offset, size in entries}


def _xyz(tag: bytes) -> FloatArray:
    return np.array(struct.unpack_from(">3i", tag, 8), np.float32) / np.float32(65536)


def _each(curves: list[Stage]) -> Stage:
    """Apply one curve to each channel."""
    return lambda values: np.stack(
        [curve(values[:, channel]) for channel, curve in enumerate(curves)], axis=1
    )


def _curve(tag: bytes) -> tuple[Stage, int]:
    """Read a curve; return it and the bytes that it takes."""
    if tag[:4] == b"para":
        return _parametric(tag)
    if tag[:4] != b"curv":
        raise ValueError(f"a curve of type {tag[:4]!r}")
    (count,) = struct.unpack_from(">I", tag, 8)
    if count == 0:
        return lambda x: x, 12
    if count == 1:
        (gamma,) = struct.unpack_from(">H", tag, 12)
        return _power(gamma / 256), 14
    return _table(np.frombuffer(tag, ">u2", count, 12) / np.float32(65535)), 12 + 2 * count


def _power(gamma: float) -> Stage:
    return lambda x: np.maximum(x, 0) ** np.float32(gamma)


def _table(values: np.ndarray) -> Stage:
    if not len(values):
        raise ValueError("a curve of no points")
    places = np.linspace(0, 1, len(values), dtype=np.float32)
    return lambda x: np.interp(x, places, values).astype(np.float32)


def _parametric(tag: bytes) -> tuple[Stage, int]:
    (kind,) = struct.unpack_from(">H", tag, 8)
    count = (1, 3, 4, 5, 7)[kind]
    numbers = [value / 65536 for value in struct.unpack_from(f">{count}i", tag, 12)]
    gamma, a, b, c, d, e, f = (numbers + [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0][count - 1 :])[:7]
    if kind in (1, 2):  # the same as kind 4, with a level part below -b / a
        shift = c if kind == 2 else 0.0
        c, d, e, f = 0.0, -b / a, shift, shift

    def curve(x: FloatArray) -> FloatArray:
        upper = np.maximum(np.float32(a) * x + np.float32(b), 0) ** np.float32(gamma) + e
        result: FloatArray = np.where(x >= d, upper, np.float32(c) * x + f).astype(np.float32)
        return result

    if kind == 0:
        return _power(gamma), 12 + 4
    return curve, 12 + 4 * count


def _lookup(tag: bytes, channels: int, *, is_lab: bool) -> ToXyz:
    """Read a profile's table from device colours to the PCS."""
    kind, inputs, outputs = tag[:4], tag[8], tag[9]
    if (inputs, outputs) != (channels, 3):
        raise ValueError(f"a table from {inputs} to {outputs} channels")
    if kind == b"mAB ":
        stages, to_pcs = _modern_stages(tag, inputs), _from_lab if is_lab else _from_xyz
    elif kind in (b"mft1", b"mft2"):
        stages = _old_stages(tag, inputs)
        if kind == b"mft2":
            to_pcs = _from_old_lab if is_lab else _from_xyz
        else:
            to_pcs = _from_lab if is_lab else _from_xyz
    else:
        raise ValueError(f"a table of type {kind!r}")

    def to_xyz(values: FloatArray) -> FloatArray:
        for stage in stages:
            values = stage(values)
        return to_pcs(values)

    return to_xyz


def _modern_stages(tag: bytes, inputs: int) -> list[Stage]:
    """Read a lutAToBType: A curves, table, M curves, matrix, B curves; those that are there."""
    b_at, matrix_at, m_at, clut_at, a_at = struct.unpack_from(">5I", tag, 12)
    stages: list[Stage] = []
    if a_at:
        stages.append(_each(_curves(tag, a_at, inputs)))
    if clut_at:
        grid = tuple(tag[clut_at : clut_at + inputs])
        kind, most = {1: (">u1", 255), 2: (">u2", 65535)}[tag[clut_at + 16]]
        stages.append(_clut(tag, clut_at + 20, grid, kind, most))
    elif inputs != 3:
        raise ValueError("there is no table")
    if m_at:
        stages.append(_each(_curves(tag, m_at, 3)))
    if matrix_at:
        numbers = np.array(struct.unpack_from(">12i", tag, matrix_at), np.float32) / 65536
        matrix, shift = numbers[:9].reshape(3, 3).T.astype(np.float32), numbers[9:]
        stages.append(lambda values: np.clip(values @ matrix + shift, 0, 1))
    if b_at:
        stages.append(_each(_curves(tag, b_at, 3)))
    return stages


def _curves(tag: bytes, offset: int, count: int) -> list[Stage]:
    curves = []
    for _ in range(count):
        curve, size = _curve(tag[offset:])
        curves.append(curve)
        offset += -(-size // 4) * 4
    return curves


def _old_stages(tag: bytes, inputs: int) -> list[Stage]:
    """Read a lut8Type or a lut16Type: input tables, table, output tables.

    Its matrix is for XYZ as input, which no image has.
    """
    grid = (tag[10],) * inputs
    if tag[:4] == b"mft1":
        rows_in, rows_out, offset, kind, most = 256, 256, 48, ">u1", 255
    else:
        rows_in, rows_out = struct.unpack_from(">HH", tag, 48)
        offset, kind, most = 52, ">u2", 65535
    width = np.dtype(kind).itemsize
    stages: list[Stage] = []
    stages.append(_each(_tables(tag, offset, inputs, rows_in, kind, most)))
    offset += inputs * rows_in * width
    stages.append(_clut(tag, offset, grid, kind, most))
    offset += int(np.prod(grid)) * 3 * width
    stages.append(_each(_tables(tag, offset, 3, rows_out, kind, most)))
    return stages


def _tables(tag: bytes, offset: int, count: int, rows: int, kind: str, most: int) -> list[Stage]:
    values = np.frombuffer(tag, kind, count * rows, offset).reshape(count, rows)
    return [_table(row / np.float32(most)) for row in values]


def _clut(tag: bytes, offset: int, grid: tuple[int, ...], kind: str, most: int) -> Stage:
    """Make a stage that looks colours up in a table, between whose points it is linear."""
    count = int(np.prod(grid, dtype=np.int64)) * 3
    if min(grid) < 2 or count > _MOST_CLUT_BYTES:
        raise ValueError(f"a table of {grid} points")
    table = (np.frombuffer(tag, kind, count, offset) / np.float32(most)).reshape(*grid, 3)
    last = np.array(grid) - 1

    def look_up(values: FloatArray) -> FloatArray:
        places = np.clip(values, 0, 1) * last.astype(np.float32)
        low = np.minimum(places.astype(np.intp), last - 1)
        share = places - low
        result = np.zeros((len(values), 3), np.float32)
        for corner in product((0, 1), repeat=len(grid)):
            weight = np.prod(np.where(corner, share, 1 - share), axis=1, dtype=np.float32)
            result += weight[:, None] * table[tuple((low + corner).T)]
        return result

    return look_up


def _from_xyz(values: FloatArray) -> FloatArray:
    return values * _XYZ_ENCODING


def _from_lab(values: FloatArray) -> FloatArray:
    """Take L, a and b as 8 bits, or as 16 bits of version 4, encode them."""
    lightness, a, b = values[:, 0] * 100, values[:, 1] * 255 - 128, values[:, 2] * 255 - 128
    y = (lightness + 16) / 116
    cube_roots = np.stack([y + a / 500, y, y - b / 200], axis=1)
    linear = (cube_roots - np.float32(16 / 116)) / np.float32(7.787)
    xyz: FloatArray = np.where(cube_roots > 6 / 29, cube_roots**3, linear).astype(np.float32)
    return xyz * D50


def _from_old_lab(values: FloatArray) -> FloatArray:
    """Take L, a and b as lut16Type encodes them: 100 and 255 are 0xff00, not 0xffff."""
    return _from_lab(values * np.float32(65535 / 65280))


__all__ = ["CHANNELS", "D50", "DamagedImageError", "ToXyz", "device_space", "read_profile"]
