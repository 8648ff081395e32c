"""Image files, as bytes, to upright RGB pixels.

The only place where foreign bytes meet Pillow. Every exception of Pillow's is mapped here, and no
setting of Pillow's is left changed.
"""

from __future__ import annotations

import hashlib
import importlib
import io
import struct
import warnings
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageFile

from pycore.errors import BrokenImageError, ImageTooLargeError, UnsupportedImageError
from pycore.images.format import READABLE_FORMATS, REFUSALS, identify
from pycore.images.header import (
    check_pixels,
    check_tiff,
    check_tiles,
    megapixels,
    webp_size,
)
from pycore.images.jpeg_colour import JpegColour, restore, take_transform
from pycore.images.pixels import to_rgb
from pycore.images.tiff_deflate import inflate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_PIXELS = 100_000_000
MAX_BYTES = 256 * 1024 * 1024

_TAG_ORIENTATION = 274
_DEFLATE = ("tiff_adobe_deflate", "tiff_deflate")  # Pillow's names
_MAX_PIXEL_BYTES = 8  # four samples of 16 bits

_TRANSPOSES = {
    # Source: Exif 2.32, tag 0x0112. Not ImageOps.exif_transpose: that one also rewrites the
    # metadata, and fails where only the metadata is broken.
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_QUARTER_TURNS = (5, 6, 7, 8)

# What Pillow's readers raise on bytes that are not what they seem; found by fuzzing.
_PILLOW_ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class DecodedImage:
    """An image file, decoded.

    Attributes:
        pixels: upright, mode RGB. Smaller than the file's own size where a JPEG was decoded at a
            fraction of it.
        width: of the upright image in the file, in pixels.
        height: of the upright image in the file, in pixels.
        format: one of `pycore.images.format.READABLE_FORMATS`.
        sha256: of the file's bytes, 64 hexadecimal digits.
    """

    pixels: Image.Image
    width: int
    height: int
    format: str
    sha256: str


def read_image(
    data: bytes,
    *,
    max_pixels: int = MAX_PIXELS,
    max_bytes: int = MAX_BYTES,
    target_size: tuple[int, int] | None = None,
    sha256: str | None = None,
) -> DecodedImage:
    """Decode an image file, of several frames the first.

    The number of pixels is checked before anything is decoded. A file that ends early is shown as
    far as it goes, as browsers do, unless less than a sixteenth of it is there.

    Args:
        data: the whole file.
        max_pixels: most pixels (width times height) that are accepted.
        max_bytes: most bytes that are accepted.
        target_size: (height, width) in pixels that the image will be resized to. A JPEG is then
            decoded at the smallest size that is at least twice that.
        sha256: the hash of ``data``, where the caller knows it already.

    Raises:
        UnsupportedImageError: when the bytes are none of the readable formats.
        ImageTooLargeError: when there are too many bytes or pixels, or too little memory.
        BrokenImageError: when nothing can be decoded.
    """
    if len(data) > max_bytes:
        raise ImageTooLargeError(
            f"That file has {_megabytes(len(data))} MB; the limit is {_megabytes(max_bytes)} MB. "
            "Make it smaller and try again."
        )
    name = identify(data)
    if name not in READABLE_FORMATS:
        raise UnsupportedImageError(REFUSALS[name], detail=f"identified as {name}")
    try:
        pixels, (width, height) = _decode(data, name, max_pixels, target_size)
    except MemoryError as error:
        raise ImageTooLargeError(
            "That image needs more memory than there is. Make it smaller and try again."
        ) from error
    digest = sha256 if sha256 is not None else hashlib.sha256(data).hexdigest()
    return DecodedImage(pixels, width, height, name, digest)


def _decode(
    data: bytes, name: str, max_pixels: int, target_size: tuple[int, int] | None
) -> tuple[Image.Image, tuple[int, int]]:
    """Decode strictly, and where that fails again, taking what can be had.

    Returns:
        The upright RGB image and the (width, height) of the upright original.
    """
    try:
        with _pillow_settings(max_pixels, tolerant=False):
            return _load(data, name, max_pixels, target_size)
    except _PILLOW_ERRORS as error:
        failure = error
    attempts = [data]
    if name == "JPEG":  # broken metadata can stop Pillow
        attempts.append(data.replace(b"Exif\x00\x00", b"Exif\x00\xff"))
    for attempt in attempts:
        try:
            with _pillow_settings(max_pixels, tolerant=True):
                pixels, size = _load(attempt, name, max_pixels, target_size)
        except _PILLOW_ERRORS as error:
            failure = error
        else:
            if _decoded_rows(pixels) > pixels.height // 16:
                return pixels, size
    raise BrokenImageError(
        f"That {name} file is damaged or incomplete, and no image could be read from it. "
        "Try another copy.",
        detail=f"{type(failure).__name__}: {failure}",
    ) from failure


def _load(
    data: bytes, name: str, max_pixels: int, target_size: tuple[int, int] | None
) -> tuple[Image.Image, tuple[int, int]]:
    """Do the work of `_decode` under the settings of the moment; raises Pillow's errors too."""
    colour = JpegColour.PLAIN
    if name == "WebP":
        check_pixels(*webp_size(data), max_pixels)
    elif name == "JPEG":
        data, colour = take_transform(data)
    with _reader(name)(io.BytesIO(data)) as image:
        check_pixels(*image.size, max_pixels)
        if name == "TIFF":
            check_tiff(image, max_pixels)
            if image.info["compression"] in _DEFLATE:
                max_bytes = _MAX_PIXEL_BYTES * max_pixels
                data = inflate(data, max_bytes, tolerant=ImageFile.LOAD_TRUNCATED_IMAGES)
                return _load(data, name, max_pixels, target_size)
        elif name == "JPEG" and image.fp is not None and image.fp.tell() >= len(data):
            raise OSError("the file ends before its first scan")
        check_tiles(image)
        orientation = 1 if name == "TIFF" else _orientation(image)  # Pillow turns TIFF itself
        turned = orientation in _QUARTER_TURNS
        width, height = image.size
        if target_size is not None:
            target_height, target_width = target_size[::-1] if turned else target_size
            box = (2 * target_width, 2 * target_height)
        else:
            box = image.size
        image.draft("YCbCr" if colour is JpegColour.RGB else None, box)
        covered = image.tile[0].extents if name == "GIF" and image.tile else None
        image.load()
        if name == "PNG":
            _scale_png_transparency(image, bit_depth=data[24])
        pixels = to_rgb(restore(image, colour))
    if covered is not None and covered != (0, 0, width, height):
        pixels = _on_white(pixels, covered)
    if orientation in _TRANSPOSES:
        pixels = pixels.transpose(_TRANSPOSES[orientation])
    return pixels, (height, width) if turned else (width, height)


@contextmanager
def _pillow_settings(max_pixels: int, *, tolerant: bool) -> Iterator[None]:
    """Set Pillow's module-wide limits for one image, and put them back.

    Raises:
        ImageTooLargeError: when Pillow met more pixels than the header had announced.
    """
    before = Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES
    Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES = max_pixels, tolerant
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about metadata that Seesay does not read
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageTooLargeError(
            f"That image has more than {megapixels(max_pixels)} megapixels, which is the limit. "
            "Make it smaller and try again.",
            detail=str(error),
        ) from error
    finally:
        Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES = before


def _reader(name: str) -> Callable[[io.BytesIO], ImageFile.ImageFile]:
    """Give Pillow's reader of one format.

    Not Image.open: that one tries other formats too, imports their readers, and refuses large
    images without a word about their size.
    """
    stem = name if name == "WebP" else name.capitalize()
    module = importlib.import_module(f"PIL.{stem}ImagePlugin")
    reader: Callable[[io.BytesIO], ImageFile.ImageFile] = getattr(module, f"{stem}ImageFile")
    return reader


def _decoded_rows(pixels: Image.Image) -> int:
    """Count the rows down to the last that differs from the filling of what was not decoded."""
    filling = Image.new("RGB", pixels.size, pixels.getpixel((pixels.width - 1, pixels.height - 1)))
    box = ImageChops.difference(pixels, filling).getbbox()
    return box[3] if box else 0


def _orientation(image: Image.Image) -> int:
    """Read how the camera was held: 1 (upright) to 8; 1 where the metadata are broken."""
    try:
        orientation = image.getexif().get(_TAG_ORIENTATION, 1)
    except _PILLOW_ERRORS:
        return 1
    return orientation if isinstance(orientation, int) else 1


def _scale_png_transparency(image: Image.Image, bit_depth: int) -> None:
    """Bring the transparent colour of a PNG to the 8 bits that Pillow brings the pixels to.

    Source: PNG (third edition), section 11.3.1.1; Pillow 12.2 leaves the value at file depth.
    """
    transparent = image.info.get("transparency")
    if image.mode == "L" and bit_depth < 8 and isinstance(transparent, int):
        image.info["transparency"] = transparent * 255 // (2**bit_depth - 1)
    elif image.mode == "RGB" and bit_depth == 16 and isinstance(transparent, tuple):
        image.info["transparency"] = tuple(value >> 8 for value in transparent)


def _on_white(pixels: Image.Image, covered: tuple[int, int, int, int]) -> Image.Image:
    """Clear what lies outside of the box that a GIF's first frame covers."""
    canvas = Image.new("RGB", pixels.size, (255, 255, 255))
    canvas.paste(pixels.crop(covered), covered)
    return canvas


def _megabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.4g}"
