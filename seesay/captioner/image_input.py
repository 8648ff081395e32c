"""Whatever form an image is handed in: its bytes."""

from __future__ import annotations

import io
from os import PathLike
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from pycore.errors import BrokenImageError, ImageTooLargeError, InputError
from pycore.images.decoding.damage import DamagedImageError, foreign_bytes
from pycore.images.decoding.header import check_pixels
from pycore.images.limits import MAX_FILE_BYTES, MAX_PIXELS
from pycore.images.pixels import to_8_bits
from pycore.images.upright import read_orientation, turn

_WITH_ORIENTATION = frozenset({"JPEG", "MPO", "PNG"})
"""Formats of which browsers, and `read_image`, heed it; Pillow has turned TIFF files already."""


@runtime_checkable
class BinaryFile(Protocol):
    """What gives bytes when it is read."""

    def read(self, size: int = -1, /) -> bytes:
        """Read at most so many bytes."""


ImageInput = (
    str | PathLike[str] | bytes | bytearray | memoryview | BinaryFile | Image.Image | NDArray[Any]
)
"""A path, the bytes of an image file, an open file, or pixels: Pillow's, or an array of uint8 with
shape (height, width, 3)."""


def read_input(image: object) -> bytes:
    """Return the bytes of an image file.

    Args:
        image: an ``ImageInput``; of pixels a PNG file is made.

    Raises:
        InputError: it cannot be read, or is no image.
        ImageTooLargeError: it has more bytes or pixels than the limit.
    """
    if isinstance(image, bytes | bytearray | memoryview):
        return bytes(image)
    if isinstance(image, Image.Image):
        return _as_png(image)
    if isinstance(image, np.ndarray):
        return _as_png(_from_array(image))
    if isinstance(image, str | PathLike):
        return read_path(Path(image))
    if isinstance(image, BinaryFile):
        return _read_file(image)
    raise InputError(
        "An image must be a path, bytes, an open file, a Pillow image or an array.",
        detail=type(image).__name__,
    )


def read_path(path: Path) -> bytes:
    """Return a file's bytes.

    Raises:
        InputError: it cannot be read.
        ImageTooLargeError: it has more bytes than the limit.
    """
    try:
        with path.open("rb") as file:
            return _read_file(file)
    except FileNotFoundError as error:
        message = "There is no such file."
        if path.parts[:1] in {("https:",), ("http:",)}:
            message += " An address is not fetched: read it, and hand in its bytes."
        raise InputError(message, detail=str(error)) from error
    except (OSError, ValueError) as error:  # ValueError: a name with a null character
        raise _unread(error) from error


def _unread(error: Exception) -> InputError:
    reason = getattr(error, "strerror", None) or str(error)
    return InputError(f"The file could not be read: {reason}.", detail=str(error))


def _read_file(file: BinaryFile) -> bytes:
    try:
        data = file.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a closed one
        raise _unread(error) from error
    if not isinstance(data, bytes):
        raise InputError("The file must be opened for bytes, with mode 'rb'.")
    if len(data) > MAX_FILE_BYTES:
        raise ImageTooLargeError(
            f"That file has more than {MAX_FILE_BYTES / 1e6:.0f} MB, the limit. "
            "Make it smaller and try again."
        )
    return data


def _as_png(image: Image.Image) -> bytes:
    """Write pixels as a file would show them: upright, in 8 bits, none of them clipped.

    Raises:
        BrokenImageError: Pillow opened a damaged file, and reads it only now; or it has no pixel.
        ImageTooLargeError: it has too many of them.
    """
    try:
        check_pixels(*image.size, MAX_PIXELS)
        with foreign_bytes():
            image.load()
            pixels = turn(to_8_bits(image), _orientation(image))
    except DamagedImageError as error:
        raise BrokenImageError(
            "That image is damaged or empty, and its pixels could not be read. Try another one.",
            detail=str(error),
        ) from error
    file = io.BytesIO()
    pixels = pixels.convert("RGB") if pixels.mode == "CMYK" else pixels
    pixels.save(file, "PNG", compress_level=1)
    return file.getvalue()


def _orientation(image: Image.Image) -> int:
    """Return what a file's Exif says; of an image that was changed since, 1: it may be turned."""
    if not isinstance(image, ImageFile.ImageFile) or image.format not in _WITH_ORIENTATION:
        return 1
    exif = image.info.get("exif")
    return read_orientation(exif if isinstance(exif, bytes) else None)


def _from_array(array: NDArray[Any]) -> Image.Image:
    is_image = (array.ndim == 3 and array.shape[2] in {3, 4}) or array.ndim == 2
    if array.dtype != np.uint8 or not is_image or 0 in array.shape:
        raise InputError(
            "An array must be uint8 of shape (height, width), or with 3 or 4 channels behind.",
            detail=f"{array.dtype} {array.shape}",
        )
    return Image.fromarray(np.ascontiguousarray(array))
