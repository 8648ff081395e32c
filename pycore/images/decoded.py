"""What comes of reading an image file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

    from pycore.images.colour import Colours


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An image as it lies in its file: not yet turned, and in the file's own colours.

    Attributes:
        image: mode RGB, RGBA, L or CMYK; perhaps smaller than the file says.
        width: that the file says, in pixels.
        height: likewise.
        orientation: 1 to 8, as in Exif.
        colours: how to bring them to sRGB; None where they are that.
        rows: (first, end) of the rows of ``image`` that are in the file; None for all.
        is_coarse: parts that would make the image sharper are missing.
    """

    image: Image.Image
    width: int
    height: int
    orientation: int = 1
    colours: Colours | None = None
    rows: tuple[int, int] | None = None
    is_coarse: bool = False


@dataclass(frozen=True, slots=True)
class DecodedImage:
    """An image file, decoded.

    Attributes:
        pixels: upright, mode RGB, sRGB; of a cut file what is there. Smaller than the file's own
            size where it was decoded at a fraction of it.
        width: of the whole upright image in the file, in pixels.
        height: of the whole upright image in the file, in pixels.
        format: one of `pycore.images.format.READABLE_FORMATS`, or of ``BROWSER_FORMATS``.
        sha256: of the file's bytes, 64 hexadecimal digits.
        notes: sentences about what a person should know: that part of the image is missing.
        seen: (left, top, right, bottom) of the part that ``pixels`` shows, as shares of width and
            height, 0 to 1.
        decode_ms: how long it took, where it was somebody else who decoded it.
    """

    pixels: Image.Image
    width: int
    height: int
    format: str
    sha256: str
    notes: tuple[str, ...] = ()
    seen: tuple[float, float, float, float] = field(default=(0.0, 0.0, 1.0, 1.0))
    decode_ms: float = 0.0
