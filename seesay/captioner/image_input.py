"""Whatever form an image is handed in: its bytes."""

from __future__ import annotations

import io
from os import PathLike
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pycore.errors import ImageTooLargeError, InputError
from pycore.images.limits import MAX_FILE_BYTES


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
        ImageTooLargeError: it has more bytes than the limit.
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
        raise InputError("There is no such file.", detail=str(error)) from error
    except (OSError, ValueError) as error:  # ValueError: a name with a null character
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"The file could not be read: {reason}.", detail=str(error)) from error


def _read_file(file: BinaryFile) -> bytes:
    data = file.read(MAX_FILE_BYTES + 1)
    if not isinstance(data, bytes):
        raise InputError("The file must be opened for bytes, with mode 'rb'.")
    if len(data) > MAX_FILE_BYTES:
        raise ImageTooLargeError(
            f"That file has more than {MAX_FILE_BYTES / 1e6:.0f} MB, the limit. "
            "Make it smaller and try again."
        )
    return data


def _as_png(image: Image.Image) -> bytes:
    mode = "RGBA" if image.has_transparency_data else "RGB"
    file = io.BytesIO()
    image.convert(mode).save(file, "PNG", compress_level=1)
    return file.getvalue()


def _from_array(array: NDArray[Any]) -> Image.Image:
    is_image = (array.ndim == 3 and array.shape[2] in {3, 4}) or array.ndim == 2
    if array.dtype != np.uint8 or not is_image or 0 in array.shape:
        raise InputError(
            "An array must be uint8 of shape (height, width), or with 3 or 4 channels behind.",
            detail=f"{array.dtype} {array.shape}",
        )
    return Image.fromarray(np.ascontiguousarray(array))
