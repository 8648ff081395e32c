"""Image files that Pillow's readers decode: all formats but still PNG images."""

from __future__ import annotations

import importlib
import io
import struct
import threading
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image, ImageFile

from pycore.errors import ImageTooLargeError, UnsupportedImageError
from pycore.images.colour import from_profile
from pycore.images.decoded import StoredImage
from pycore.images.decoding.cut import noise
from pycore.images.decoding.damage import DamagedImageError, foreign_bytes
from pycore.images.decoding.frames import telling_frame
from pycore.images.decoding.header import (
    check_bmp,
    check_jpeg,
    check_pixels,
    check_tiff,
    check_tiles,
    megapixels,
    webp_size,
)
from pycore.images.decoding.jpeg_colour import JpegColour, restore, take_transform
from pycore.images.decoding.tiff_deflate import inflate
from pycore.images.memory import box, check_memory, reduction
from pycore.images.pixels import to_8_bits
from pycore.images.upright import is_quarter_turn, read_orientation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_DEFLATE = ("tiff_adobe_deflate", "tiff_deflate")  # Pillow's names
_MAX_PIXEL_BYTES = 8  # four samples of 16 bits
_NOISE_BYTES = 1 << 16
_GRAPHIC_CONTROL = b"\x21\xf9\x04"
_EVEN = bytes(number & ~1 for number in range(256))
_ANIMATED = ("GIF", "PNG", "WebP")
_ONE_AT_A_TIME = threading.Lock()
"""Pillow's settings are the whole program's: of two threads one would go by the other's, and the
last to put them back would leave them changed for good."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """How a file is to be read.

    Attributes:
        max_pixels: most pixels (width times height) that are accepted.
        target_size: (height, width) in pixels that the upright image will be resized to, or None.
        is_tolerant: whether what cannot be decoded is filled with anything.
        seed: for the noise behind the end of a cut file; 0 for none. See cut.py.
    """

    max_pixels: int
    target_size: tuple[int, int] | None
    is_tolerant: bool = False
    seed: int = 0

    def box_for(self, orientation: int) -> tuple[int, int] | None:
        """Return the (height, width) wanted of the image as it lies in the file."""
        if self.target_size is None or not is_quarter_turn(orientation):
            return self.target_size
        return self.target_size[::-1]


def load(data: bytes, name: str, attempt: Attempt) -> StoredImage:
    """Decode a file with Pillow.

    Raises:
        DamagedImageError: when it cannot be decoded.
        UnsupportedImageError: for a kind that is not read here.
        ImageTooLargeError: when there are too many pixels, or too little memory for them.
    """
    with _ONE_AT_A_TIME, _settings(attempt):
        if name == "JPEG":
            return _load_jpeg(data, attempt)
        if name == "TIFF":
            return _load_tiff(data, attempt)
        return _load_other(data, name, attempt)


def _load_jpeg(data: bytes, attempt: Attempt) -> StoredImage:
    is_progressive = check_jpeg(data)
    data, colour = take_transform(data)
    with _opened(data + noise(attempt.seed) if attempt.seed else data, "JPEG") as image:
        width, height = image.size
        check_pixels(width, height, attempt.max_pixels)
        if image.fp is not None and image.fp.tell() >= len(data):
            raise DamagedImageError("the file ends before its first scan")
        exif = image.info.get("exif")
        orientation = read_orientation(exif if isinstance(exif, bytes) else None)
        wanted = attempt.box_for(orientation)
        with foreign_bytes():
            mode = "YCbCr" if colour is JpegColour.RGB else None
            image.draft(mode, box(wanted) if wanted else image.size)
        kind = "progressive JPEG" if is_progressive else "JPEG"
        check_memory(kind, *(image.size if kind == "JPEG" else (width, height)), (width, height))
        with foreign_bytes():
            image.load()
        pixels = restore(image, colour)
        colours = from_profile(image.info.get("icc_profile"), pixels.mode)
        pixels = to_8_bits(pixels)
        is_coarse = is_progressive and data.count(b"\xff\xda") > 1
    return StoredImage(pixels, width, height, orientation, colours, is_coarse=is_coarse)


def _load_tiff(data: bytes, attempt: Attempt) -> StoredImage:
    with _opened(data, "TIFF") as image:
        check_pixels(*image.size, attempt.max_pixels)
        with foreign_bytes():
            check_tiff(image, attempt.max_pixels)
        check_memory("TIFF", *image.size)
        if image.info["compression"] in _DEFLATE:
            most = _MAX_PIXEL_BYTES * attempt.max_pixels
            filling = attempt.seed * 85 & 255
            inflated = inflate(data, most, tolerant=attempt.is_tolerant, filling=filling)
            return _load_tiff(inflated, attempt)
    with _opened(data + noise(attempt.seed) if attempt.seed else data, "TIFF") as image:
        check_tiles(image)
        with foreign_bytes():
            image.load()  # and turn it: Pillow does so with TIFF alone
        colours = from_profile(image.info.get("icc_profile"), image.mode)
        pixels = to_8_bits(image)
        factor = reduction(*image.size, attempt.target_size, always=colours is not None)
        if factor > 1:
            pixels = pixels.reduce(factor)
        return StoredImage(pixels, *image.size, colours=colours)


def _load_other(data: bytes, name: str, attempt: Attempt) -> StoredImage:
    if name == "WebP":  # before Pillow reserves two whole canvases: 38 bytes can ask for 3.4 GB
        size = webp_size(data)
        check_pixels(*size, attempt.max_pixels)
        check_memory(name, *size)
    elif name == "BMP":
        check_bmp(data)
    if attempt.seed and name == "GIF":
        data = _without_transparency(data)
    elif attempt.seed:
        data += noise(attempt.seed, _missing_bytes(data) if name == "BMP" else _NOISE_BYTES)
    with _opened(data, name) as image:
        width, height = image.size
        check_pixels(width, height, attempt.max_pixels)
        check_memory("interlaced PNG" if name == "PNG" else name, width, height)
        check_tiles(image)
        if name == "GIF" and attempt.seed:  # noise is no LZW code: another filling tells the rest
            image.im = Image.new(image.mode, image.size, attempt.seed).im
        covered = image.tile[0].extents if name == "GIF" and image.tile else None
        with foreign_bytes():
            image.load()
        colours = from_profile(image.info.get("icc_profile"), image.mode)
        pixels = to_8_bits(image)
        if name == "BMP" and pixels.mode == "RGBA" and pixels.getchannel("A").getextrema()[1] == 0:
            pixels = pixels.convert("RGB")  # as browsers have it: nobody draws nothing
        if covered is not None and covered != (0, 0, width, height):
            pixels = _only_covered(pixels, covered)
        if name in _ANIMATED and not attempt.seed:
            pixels = telling_frame(image, pixels)
        factor = reduction(width, height, attempt.target_size, always=colours is not None)
        if factor > 1:
            pixels = pixels.reduce(factor)
    return StoredImage(pixels, width, height, colours=colours)


def _missing_bytes(data: bytes) -> int:
    """Return how many bytes a cut BMP file without compression lacks, and somewhat more."""
    layout = "<HHHH" if data[14:18] == b"\x0c\x00\x00\x00" else "<iiHH"
    width, height, _, bits = struct.unpack_from(layout, data, 18)
    return int(min(abs(width * height) * max(bits, 8) // 8 + 4 * abs(height), 1 << 29))


def _without_transparency(data: bytes) -> bytes:
    """Clear the flag in a GIF's first graphic control extension: the filling is our own then."""
    place = data.find(_GRAPHIC_CONTROL)
    if place < 0:
        return data
    flags_at = place + len(_GRAPHIC_CONTROL)
    flags = data[flags_at : flags_at + 1].translate(_EVEN)
    return data[:flags_at] + flags + data[flags_at + 1 :]


def _only_covered(pixels: Image.Image, covered: tuple[int, int, int, int]) -> Image.Image:
    """Make transparent what lies outside of the box that a GIF's first frame covers."""
    canvas = Image.new("RGBA", pixels.size)
    canvas.paste(pixels.crop(covered), covered)
    return canvas


@contextmanager
def _opened(data: bytes, name: str) -> Iterator[ImageFile.ImageFile]:
    """Open a file with Pillow's reader of its format.

    Not with Image.open: that one tries other formats too, imports their readers, and refuses large
    images without a word about their size.
    """
    stem = name if name == "WebP" else name.capitalize()
    module = importlib.import_module(f"PIL.{stem}ImagePlugin")
    reader: Callable[[io.BytesIO], ImageFile.ImageFile] = getattr(module, f"{stem}ImageFile")
    try:
        with foreign_bytes():
            image = reader(io.BytesIO(data))
    except DamagedImageError as error:
        if "Unsupported BMP" in str(error):
            raise UnsupportedImageError(
                "That BMP file is of a kind that Seesay cannot read. "
                "Save it as JPEG or PNG and try again.",
                detail=str(error),
            ) from error
        raise
    with image:
        yield image


@contextmanager
def _settings(attempt: Attempt) -> Iterator[None]:
    """Set Pillow's module-wide limits for one image, and put them back.

    Raises:
        ImageTooLargeError: when Pillow met more pixels than the header had announced.
    """
    before = Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES
    try:
        Image.MAX_IMAGE_PIXELS = attempt.max_pixels
        ImageFile.LOAD_TRUNCATED_IMAGES = attempt.is_tolerant
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about metadata that Seesay does not read
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageTooLargeError(
            f"That image has more than {megapixels(attempt.max_pixels)} megapixels, which is the "
            "limit. Make it smaller and try again.",
            detail=str(error),
        ) from error
    finally:
        Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES = before
