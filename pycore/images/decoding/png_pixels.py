"""The pixels of PNG files, in bands of rows: large images cost little memory.

They are unpacked by zlib, their filters undone by Pillow's decoder, and each band can be made
smaller before the next one is read.

Source: PNG (third edition), sections 8 (Adam7) and 9 (filters).
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from pycore.images.decoding.damage import foreign_bytes
from pycore.images.decoding.inflating import Inflater
from pycore.images.decoding.png_chunks import GREY, PALETTE, RGB

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pycore.images.decoding.png_chunks import PngFile

_MOST_FILTER = 4
_BAND_BYTES = 1 << 22
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
_RAW_MODES = {
    # (colour type, depth once low bytes are gone): Pillow's mode, and how the bytes lie
    (0, 2): ("L", "L;2"),
    (0, 4): ("L", "L;4"),
    (0, 8): ("L", "L"),
    (0, 16): ("I;16", "I;16B"),
    (2, 8): ("RGB", "RGB"),
    (3, 1): ("P", "P;1"),
    (3, 2): ("P", "P;2"),
    (3, 4): ("P", "P;4"),
    (3, 8): ("P", "P"),
    (4, 8): ("LA", "LA"),
    (6, 8): ("RGBA", "RGBA"),
}
_FILTER_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}  # by bytes a pixel
_PASSES = (
    # Adam7: first column and row, steps between columns and rows.
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
_GRIDS = ((8, 8), (4, 8), (4, 4), (2, 4), (2, 2), (1, 2), (1, 1))
"""Steps between columns and rows that are known after each pass."""


def bands(png: PngFile, multiple: int = 1) -> Iterator[Image.Image]:
    """Decode a PNG file from above, a band of rows at a time.

    Args:
        png: of which ``width`` times ``height`` has been held against a limit.
        multiple: all bands but the last have a multiple of so many rows.

    Yields:
        Images of the file's width, with the transparency that tRNS asks for; fewer rows in all than
        the file should have, where it is cut or damaged. Modes as `pycore.images.pixels` takes
        them. Of a file whose pixels come in passes, one image: all of it, though less sharp where
        passes are missing; nothing where not even the first one is there.
    """
    stream = _Stream(Inflater(png.pixels))
    if png.is_interlaced:
        yield from _deinterlaced(png, stream)
        return
    for rows in _unfiltered(stream, png, png.width, png.height, multiple):
        yield _image(png, rows, png.width)


def _deinterlaced(png: PngFile, stream: _Stream) -> Iterator[Image.Image]:
    """Put the passes together that are whole."""
    pixels: np.ndarray | None = None
    grid = None
    for (x, y, step_x, step_y), steps in zip(_PASSES, _GRIDS, strict=True):
        width = -(-(png.width - x) // step_x) if png.width > x else 0
        height = -(-(png.height - y) // step_y) if png.height > y else 0
        if width and height:
            images = [_image(png, rows, width) for rows in _unfiltered(stream, png, width, height)]
            if sum(image.height for image in images) < height:
                break
            samples = np.concatenate([np.asarray(image) for image in images])
            if pixels is None:
                pixels = np.zeros((png.height, png.width, *samples.shape[2:]), samples.dtype)
                like = images[0]
            pixels[y::step_y, x::step_x] = samples
        grid = steps
    if pixels is None or grid is None:
        return
    known = pixels[:: grid[1], :: grid[0]]
    whole = Image.frombytes(like.mode, known.shape[1::-1], known.tobytes())
    if like.mode == "P":
        whole.putpalette(png.palette)
    whole.info = dict(like.info)
    if grid != (1, 1):
        whole = whole.resize((png.width, png.height), Image.Resampling.NEAREST)
    yield whole


class _Stream:
    """Bytes that come in pieces, taken in others."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._rest = b""

    def take(self, size: int) -> bytes:
        """Return the next bytes: ``size`` of them, fewer at the end."""
        taken, length = [self._rest], len(self._rest)
        while length < size and (piece := next(self._pieces, b"")):
            taken.append(piece)
            length += len(piece)
        joined = b"".join(taken)
        self._rest = joined[size:]
        return joined[:size]


def _unfiltered(
    stream: _Stream, png: PngFile, width: int, height: int, multiple: int = 1
) -> Iterator[np.ndarray]:
    """Undo the filters of one image, or of one pass.

    Samples of 16 bits lose their low byte, but for grey: each byte is filtered by itself, from
    those of the same place in other pixels.

    Yields:
        uint8 of shape (rows, bytes a row).
    """
    samples = _SAMPLES[png.colour_type]
    row_bytes = (width * samples * png.depth + 7) // 8
    drops_low = png.depth == 16 and png.colour_type != GREY
    pixel_bytes = samples if drops_low else max(1, samples * png.depth // 8)
    kept_bytes = width * samples if drops_low else row_bytes
    above = np.zeros((1, kept_bytes), np.uint8)
    at_once = max(1, _BAND_BYTES // (row_bytes + 1) // multiple) * multiple
    for first in range(0, height, at_once):
        expected = min(at_once, height - first)
        raw = stream.take(expected * (row_bytes + 1))
        whole = len(raw) // (row_bytes + 1)
        rows = np.frombuffer(raw, np.uint8, whole * (row_bytes + 1)).reshape(whole, row_bytes + 1)
        wrong = np.flatnonzero(rows[:, 0] > _MOST_FILTER)
        rows = rows[: wrong[0]] if wrong.size else rows
        if len(rows):
            filters, content = rows[:, :1], rows[:, 1:]
            if drops_low:
                content = content[:, ::2]
            band = _undo_filters(filters, content, above, pixel_bytes)
            above = band[-1:]
            yield band
        if len(rows) < expected:
            return


def _undo_filters(
    filters: np.ndarray, content: np.ndarray, above: np.ndarray, pixel_bytes: int
) -> np.ndarray:
    """Undo the filters of some rows, with the row above them, by Pillow's decoder."""
    stack = np.zeros((len(content) + 1, content.shape[1] + 1), np.uint8)
    stack[0, 1:] = above
    stack[1:, :1] = filters
    stack[1:, 1:] = content
    mode = _FILTER_MODES[pixel_bytes]
    size = (content.shape[1] // pixel_bytes, len(stack))
    stored = zlib.compress(stack.tobytes(), level=0)
    with foreign_bytes():
        image = Image.frombytes(mode, size, stored, "zip", mode, 0)
    return np.frombuffer(image.tobytes(), np.uint8).reshape(len(stack), -1)[1:]


def _image(png: PngFile, rows: np.ndarray, width: int) -> Image.Image:
    """Make an image of unfiltered rows."""
    if png.depth == 1 and png.colour_type == GREY:
        image = Image.fromarray(np.unpackbits(rows, axis=1, count=width) * np.uint8(255))
    else:
        depth = 8 if png.depth == 16 and png.colour_type != GREY else png.depth
        mode, raw_mode = _RAW_MODES[png.colour_type, depth]
        image = Image.frombytes(mode, (width, len(rows)), rows.tobytes(), "raw", raw_mode)
    mode = image.mode
    if mode == "P":
        image.putpalette(png.palette)
    if png.transparency is not None:
        image.info["transparency"] = _transparency(png)
    return image


def _transparency(png: PngFile) -> int | tuple[int, ...] | bytes:
    """Bring the transparent colour to the depth that the pixels have here."""
    content = png.transparency or b""
    if png.colour_type == PALETTE:
        return content
    values = struct.unpack(f">{len(content) // 2}H", content)
    if png.colour_type == RGB:
        return tuple(value >> 8 if png.depth == 16 else value & 255 for value in values)
    (grey,) = values
    return int(grey) * 255 // (2**png.depth - 1) if png.depth < 8 else int(grey)
