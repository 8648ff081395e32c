"""A writer of Deflate-compressed TIFF files: the libtiff in Pyodide's Pillow has none."""

from __future__ import annotations

import struct
import zlib

import numpy as np

DEFLATE, OLD_DEFLATE = 8, 32946


def write_tiff(
    samples: np.ndarray,
    *,
    order: str = "<",
    part: tuple[int, int] | None = None,
    rows: int | None = None,
    predictor: int = 1,
    planar: bool = False,
    compression: int = DEFLATE,
    offset_kind: int = 4,
    photometric: int | None = None,
) -> bytes:
    """Write an image as a TIFF file.

    Args:
        samples: (height, width, bands) of unsigned integers.
        order: of bytes, as `struct` writes it.
        part: (height, width) of tiles; None for strips.
        rows: in each strip; None for all.
        predictor: 2 for differences between neighbours.
        planar: whether each band has parts of its own.
        compression: the tag's value.
        offset_kind: type of the tag that says where the parts are: 3 (16 bits) or 4.
        photometric: the tag's value; None for RGB or grey. With it, bands beyond three are extra.
    """
    height, width, bands = samples.shape
    bits = 8 * samples.dtype.itemsize
    part_height, part_width = part or (rows or height, width)
    planes = np.moveaxis(samples, 2, 0)[..., None] if planar else samples[None]
    parts = []
    for plane in planes:
        for top in range(0, height, part_height):
            for left in range(0, width, part_width):
                block = plane[top : top + part_height, left : left + part_width]
                if part:
                    missing = (part_height - block.shape[0], part_width - block.shape[1])
                    block = np.pad(block, ((0, missing[0]), (0, missing[1]), (0, 0)))
                if predictor == 2:
                    block = np.diff(block, axis=1, prepend=np.zeros_like(block[:, :1]))
                stored = block.astype(block.dtype.newbyteorder(order))
                parts.append(zlib.compress(stored.tobytes()))

    body = bytearray(8)

    def keep(data: bytes) -> int:
        body.extend(data + bytes(len(data) % 2))
        return len(body) - len(data) - len(data) % 2

    offsets = [keep(data) for data in parts]
    wide = {3: "H", 4: "I"}
    values = {
        256: (4, [width]),
        257: (4, [height]),
        258: (3, [bits] * bands),
        259: (3, [compression]),
        262: (3, [photometric or (2 if bands == 3 else 1)]),
        277: (3, [bands]),
        284: (3, [2 if planar else 1]),
        317: (3, [predictor]),
        **(
            {322: (4, [part_width]), 323: (4, [part_height])} if part else {278: (4, [part_height])}
        ),
        **({338: (3, [0] * (bands - 3))} if photometric and bands > 3 else {}),
        (324 if part else 273): (offset_kind, offsets),
        (325 if part else 279): (4, [len(data) for data in parts]),
    }
    entries = []
    for tag, (kind, numbers) in sorted(values.items()):
        content = struct.pack(f"{order}{len(numbers)}{wide[kind]}", *numbers)
        if len(content) > 4:
            content = struct.pack(f"{order}I", keep(content))
        entries.append(
            struct.pack(f"{order}HHI", tag, kind, len(numbers)) + content.ljust(4, b"\x00")
        )
    start = keep(struct.pack(f"{order}H", len(entries)) + b"".join(entries) + bytes(4))
    magic = b"II*\x00" if order == "<" else b"MM\x00*"
    body[:8] = magic + struct.pack(f"{order}I", start)
    return bytes(body)
