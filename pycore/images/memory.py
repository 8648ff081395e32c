"""How small an image may be decoded, and how much memory that takes."""

from __future__ import annotations

from pycore.errors import ImageTooLargeError
from pycore.images.limits import MAX_DECODING_BYTES

EXACT_PIXELS = 4_000_000
"""Up to so many pixels an image is resized in one step, as transformers does it."""

_OVERSAMPLING = 2
"""An image is not made smaller than so many times the size that the model wants, each way."""

_BYTES_A_PIXEL = {
    # At the peak, measured in Pyodide 314 (Pillow 12.2, libwebp 1.2.2) or read in Pillow's source:
    "BMP": 8,  # Pillow's own four, and as many while alpha is looked at
    "GIF": 9,  # indices and colours, twice in animations
    "JPEG": 4,
    "progressive JPEG": 10,  # coefficients of three components, too
    "interlaced PNG": 12,  # samples, and Pillow's copy
    "PNG": 0,  # in bands
    "TIFF": 12,  # unpacked by us, then decoded
    "WebP": 16,  # two canvases of libwebp's, bytes, Pillow's copy
}


def reduction(width: int, height: int, target_size: tuple[int, int] | None, *, always: bool) -> int:
    """Say by which whole number an image may be divided before it is resized.

    Args:
        width: in pixels.
        height: in pixels.
        target_size: (height, width) in pixels that it will be resized to; None to keep its size.
        always: whether small images, too, need not stay exact.

    Returns:
        1 to keep it.
    """
    if target_size is None or (width * height <= EXACT_PIXELS and not always):
        return 1
    target_height, target_width = target_size
    return max(
        1, min(width // (_OVERSAMPLING * target_width), height // (_OVERSAMPLING * target_height))
    )


def box(target_size: tuple[int, int]) -> tuple[int, int]:
    """Return the least (width, height) in pixels to decode for a target of (height, width)."""
    return _OVERSAMPLING * target_size[1], _OVERSAMPLING * target_size[0]


def decoding_bytes(kind: str, width: int, height: int) -> int:
    """Estimate what decoding takes in Python's memory at its peak.

    Args:
        kind: a format, or "progressive JPEG" or "interlaced PNG".
        width: that will be decoded, in pixels.
        height: likewise.
    """
    return _BYTES_A_PIXEL[kind] * width * height


def check_memory(kind: str, width: int, height: int, size: tuple[int, int] | None = None) -> None:
    """Refuse an image that needs more memory than one image may take.

    Args:
        kind: as for `decoding_bytes`.
        width: as for `decoding_bytes`.
        height: as for `decoding_bytes`.
        size: (width, height) in the file, where that is another.

    Raises:
        ImageTooLargeError: when it does.
    """
    needed = decoding_bytes(kind, width, height)
    if needed > MAX_DECODING_BYTES:
        width, height = size or (width, height)
        raise ImageTooLargeError(
            f"That {kind} is {width} x {height} pixels, and decoding it would take "
            f"{needed / 1e6:.0f} MB of memory; the limit is {MAX_DECODING_BYTES / 1e6:.0f} MB. "
            "Make it smaller and try again."
        )
