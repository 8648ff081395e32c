"""Image files, as bytes, to upright RGB pixels: where foreign bytes come in.

Whatever cannot be decoded ends here as a `SeesayError`; what our own code gets wrong does not, and
no setting of Pillow's is left changed.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from PIL import Image

from pycore.errors import BrokenImageError, ImageTooLargeError, UnsupportedImageError
from pycore.images.colour import from_png
from pycore.images.decoded import DecodedImage, StoredImage
from pycore.images.decoding import pillow_file
from pycore.images.decoding.cut import NOISES, sound_part, sound_rows, without_gaps
from pycore.images.decoding.damage import DamagedImageError
from pycore.images.decoding.header import check_pixels
from pycore.images.decoding.pillow_file import Attempt
from pycore.images.decoding.png_chunks import PngFile, read_png, without_metadata
from pycore.images.decoding.png_pixels import bands
from pycore.images.format import READABLE_FORMATS, REFUSALS, identify
from pycore.images.limits import MAX_FILE_BYTES, MAX_PIXELS
from pycore.images.memory import check_memory, reduction
from pycore.images.pixels import on_ground, to_8_bits
from pycore.images.upright import read_orientation, turn

if TYPE_CHECKING:
    from collections.abc import Iterator

_GIF_FIRST_PASS = 8  # rows; an interlaced GIF begins with every eighth
_LEAST_SHARE = 16
"""Of a file of which less than one part in so many is there, nothing is shown."""


def read_image(
    data: bytes,
    *,
    max_pixels: int = MAX_PIXELS,
    max_bytes: int = MAX_FILE_BYTES,
    target_size: tuple[int, int] | None = None,
    sha256: str | None = None,
) -> DecodedImage:
    """Decode an image file, of several frames the first that shows something.

    The number of pixels is checked before anything is decoded. Of a file that ends early, or is
    damaged in the middle, the part is given that is there, unless that is less than a sixteenth.

    Args:
        data: the whole file.
        max_pixels: most pixels (width times height) that are accepted.
        max_bytes: most bytes that are accepted.
        target_size: (height, width) in pixels that the image will be resized to. Large images, and
            every JPEG, are then decoded at the smallest size that is at least twice that.
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
        stored = _decode(data, name, Attempt(max_pixels, target_size))
        return _finish(stored, name, sha256 or hashlib.sha256(data).hexdigest(), target_size)
    except DamagedImageError as error:
        raise BrokenImageError(
            f"That {name} file is damaged or incomplete, and no image could be read from it. "
            "Try another copy.",
            detail=str(error),
        ) from error
    except MemoryError as error:
        raise ImageTooLargeError(
            "That image needs more memory than there is. Make it smaller and try again."
        ) from error


def from_rgba(
    samples: bytes,
    size: tuple[int, int],
    file_size: tuple[int, int],
    name: str,
    sha256: str,
) -> DecodedImage:
    """Take an image that somebody else has decoded, upright and in sRGB.

    Args:
        samples: red, green, blue and alpha of each pixel.
        size: (width, height) in pixels of that.
        file_size: (width, height) in pixels of the image in the file.
        name: of the file's format.
        sha256: of the file.
    """
    pixels = on_ground(to_8_bits(Image.frombytes("RGBA", size, samples)))
    return DecodedImage(pixels, *file_size, name, sha256)


def _decode(data: bytes, name: str, attempt: Attempt) -> StoredImage:
    """Decode strictly, and where that fails again, taking what can be had."""
    if name == "PNG":
        return _decode_png(data, attempt)
    try:
        return replace(pillow_file.load(data, name, attempt), is_coarse=False)
    except DamagedImageError:
        pass
    tolerant = replace(attempt, is_tolerant=True)
    try:
        stored = pillow_file.load(data, name, tolerant)
    except DamagedImageError:
        if name != "JPEG":
            raise
        data = data.replace(b"Exif\x00\x00", b"Exif\x00\xff")  # broken metadata can stop Pillow
        stored = pillow_file.load(data, name, tolerant)
    if stored.is_coarse:
        return stored
    is_sound = sound_rows(stored.image, _with_noise(data, name, tolerant))
    if name == "GIF" and not is_sound.all() and is_sound[::_GIF_FIRST_PASS].all():
        return replace(stored, image=without_gaps(stored.image, is_sound), is_coarse=True)
    return replace(stored, rows=sound_part(is_sound))


def _with_noise(data: bytes, name: str, attempt: Attempt) -> Iterator[Image.Image]:
    """Decode a cut file with different noise behind it; what fails altogether says nothing."""
    for seed in NOISES:
        try:
            yield pillow_file.load(data, name, replace(attempt, seed=seed)).image
        except DamagedImageError:
            continue


def _decode_png(data: bytes, attempt: Attempt) -> StoredImage:
    png = read_png(data)
    check_pixels(png.width, png.height, attempt.max_pixels)
    if png.is_interlaced:
        check_memory("interlaced PNG", png.width, png.height)
    mode = {0: "I;16" if png.depth == 16 else "L", 4: "L"}.get(png.colour_type, "RGB")
    colours = from_png(png.metadata, mode)
    orientation = read_orientation(png.metadata.get("eXIf"))
    if png.is_animated:
        try:
            stored = pillow_file.load(without_metadata(data), "PNG", attempt)
            return replace(stored, orientation=orientation, colours=colours)
        except (DamagedImageError, ImageTooLargeError):
            pass  # its first image, at least
    factor = reduction(
        png.width, png.height, attempt.box_for(orientation), always=colours is not None
    )
    image, rows = _join(png, factor)
    return StoredImage(image, png.width, png.height, orientation, colours, (0, rows))


def _join(png: PngFile, factor: int) -> tuple[Image.Image, int]:
    """Put bands together, each made smaller first; return the image, and how many rows are there.

    Raises:
        DamagedImageError: when there is none.
    """
    parts: list[Image.Image] = []
    rows = 0
    for band in bands(png, factor):
        rows += band.height
        part = to_8_bits(band)
        parts.append(part.reduce(factor) if factor > 1 else part)
    if not parts:
        raise DamagedImageError("no row of it can be decoded")
    if len(parts) == 1 and rows == png.height:
        return parts[0], parts[0].height
    image = Image.new(parts[0].mode, (parts[0].width, -(-png.height // factor)))
    top = 0
    for part in parts:
        image.paste(part, (0, top))
        top += part.height
    return image, rows // factor if rows < png.height else image.height


def _finish(
    stored: StoredImage, name: str, sha256: str, target_size: tuple[int, int] | None
) -> DecodedImage:
    """Leave out what is missing, and bring the rest to sRGB, onto a ground, and upright.

    Raises:
        DamagedImageError: when next to nothing is there.
    """
    image = stored.image
    first, end = stored.rows or (0, image.height)
    if end - first <= image.height // _LEAST_SHARE:
        raise DamagedImageError(f"{end - first} of {image.height} rows are there")
    shares = (0.0, first / image.height, 1.0, end / image.height)
    image = image if end - first == image.height else image.crop((0, first, image.width, end))
    if stored.colours is not None and stored.colours.fits(image.mode):
        # A step that may be costly: on no more pixels than are needed.
        wanted = (max(target_size),) * 2 if target_size else None  # it may lie on its side
        factor = reduction(*image.size, wanted, always=True)
        image = stored.colours.apply(image.reduce(factor) if factor > 1 else image)
    pixels = turn(on_ground(image), stored.orientation)
    width, height = stored.width, stored.height
    if stored.orientation >= 5:
        width, height = height, width
    return DecodedImage(
        pixels=pixels,
        width=width,
        height=height,
        format=name,
        sha256=sha256,
        notes=_notes(stored, end - first),
        seen=_turned(shares, stored.orientation),
    )


def _notes(stored: StoredImage, rows: int) -> tuple[str, ...]:
    if stored.is_coarse:
        return ("This file ends early: the image is less sharp than it should be.",)
    if rows == stored.image.height:
        return ()
    share = min(99, round(100 * rows / stored.image.height))
    note = (
        f"Part of this image is missing: the file is cut or damaged, and {share} % of it could be "
        "read. The caption is about that part."
    )
    return (note,)


def _turned(
    box: tuple[float, float, float, float], orientation: int
) -> tuple[float, float, float, float]:
    """Turn a box of shares like the image itself."""
    left, top, right, bottom = box
    if orientation in (2, 3, 7, 8):  # what was left comes to lie right, or at the bottom
        left, right = 1 - right, 1 - left
    if orientation in (3, 4, 6, 7):
        top, bottom = 1 - bottom, 1 - top
    return (top, left, bottom, right) if orientation >= 5 else (left, top, right, bottom)


def _megabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.4g}"
