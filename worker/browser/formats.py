"""Image formats that Pillow cannot read but the browser may: decoded there, handed on as PNG."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from pycore.captioning.result import CaptionResult
from pycore.errors import ImageTooLargeError, UnsupportedImageError
from pycore.images.format import REFUSALS, identify
from pycore.images.limits import MAX_FILE_BYTES, MAX_PIXELS

_MEDIA_TYPES = {"AVIF": "image/avif", "HEIC": "image/heic", "JPEG XL": "image/jxl"}


@dataclass(frozen=True)
class ReadableImage:
    """An image file in a format that pycore reads.

    Attributes:
        data: the file.
        original_format: of the file handed in, where that was another.
        original_sha256: likewise.
    """

    data: bytes
    original_format: str | None = None
    original_sha256: str | None = None

    def name_original(self, result: CaptionResult) -> CaptionResult:
        """Put the file handed in, not what was made of it, into the result."""
        if self.original_format is None or self.original_sha256 is None:
            return result
        image = replace(result.image, format=self.original_format, sha256=self.original_sha256)
        return replace(result, image=image)


DecodeInBrowser = Callable[[bytes, str, int], Awaitable[Any]]
"""``toPng`` of browser_image.mjs: takes the file, its media type and the most pixels."""


async def make_readable(data: bytes, decode_in_browser: DecodeInBrowser) -> ReadableImage:
    """Have the browser decode what pycore cannot.

    Args:
        data: an image file.
        decode_in_browser: decodes other formats.

    Returns:
        The same file, or a PNG of it.

    Raises:
        ImageTooLargeError: when it has too many pixels.
        UnsupportedImageError: when this browser cannot decode it either.
    """
    name = identify(data)
    if name not in _MEDIA_TYPES or len(data) > MAX_FILE_BYTES:
        return ReadableImage(data)
    for width, height in announced_sizes(data):
        if width * height > MAX_PIXELS:
            raise _too_large(width, height)
    decoded = await decode_in_browser(data, _MEDIA_TYPES[name], MAX_PIXELS)
    if decoded is None:
        raise UnsupportedImageError(REFUSALS[name], detail=f"the browser refused it as {name}")
    if hasattr(decoded, "tooLarge"):
        raise _too_large(decoded.width, decoded.height)
    return ReadableImage(decoded.png.to_bytes(), name, hashlib.sha256(data).hexdigest())


def announced_sizes(data: bytes) -> Iterator[tuple[int, int]]:
    """Read (width, height) from every ``ispe`` box in the header of an AVIF or HEIC file.

    Source: ISO/IEC 23008-12 (HEIF), section 6.5.3: version and flags, width, height, 32 bits each.
    """
    head = data[: 64 * 1024]
    at = head.find(b"ispe")
    while at >= 0:
        box = head[at + 8 : at + 16]
        if len(box) == 8:
            yield int.from_bytes(box[:4], "big"), int.from_bytes(box[4:], "big")
        at = head.find(b"ispe", at + 4)


def _too_large(width: int, height: int) -> ImageTooLargeError:
    return ImageTooLargeError(
        f"That image is {width} x {height} pixels; the limit is {MAX_PIXELS / 1e6:g} megapixels. "
        "Make it smaller and try again."
    )
