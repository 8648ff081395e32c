"""Image files to pixels, by pycore or by the browser: whoever can, and with less memory."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from pycore.errors import BrokenImageError, ImageTooLargeError, InputError, UnsupportedImageError
from pycore.images.decoded import DecodedImage
from pycore.images.file import from_rgba, read_image
from pycore.images.format import BROWSER_FORMATS, REFUSALS, identify
from pycore.images.heif import announced_sizes
from pycore.images.limits import MAX_FILE_BYTES, MAX_PIXELS
from pycore.images.plan import is_heavy

_MEDIA_TYPES = {
    "AVIF": "image/avif",
    "BMP": "image/bmp",
    "GIF": "image/gif",
    "HEIC": "image/heic",
    "ICO": "image/x-icon",
    "JPEG": "image/jpeg",
    "JPEG 2000": "image/jp2",
    "JPEG XL": "image/jxl",
    "PNG": "image/png",
    "TIFF": "image/tiff",  # Safari
    "WebP": "image/webp",
}

DecodeInBrowser = Callable[[bytes, str, int, int, int], Awaitable[Any]]
"""``decode`` of image_decoder.mjs: takes the file, its media type, the most pixels, and the width
and height that the model wants, or 0."""


async def read_anyhow(
    data: bytes, target_size: tuple[int, int] | None, decode_in_browser: DecodeInBrowser
) -> DecodedImage:
    """Decode an image file.

    What pycore does not read the browser is asked for, before anybody is turned away; also what it
    takes for damaged, which other decoders may see otherwise, and what would fill its memory, which
    WebAssembly never gives back.

    Args:
        data: the file.
        target_size: (height, width) in pixels that the image will be resized to; None for no size.
        decode_in_browser: the browser's decoder.

    Raises:
        InputError: when neither can.
    """
    began = time.perf_counter()
    image = await _read(data, target_size, decode_in_browser)
    return replace(image, decode_ms=1e3 * (time.perf_counter() - began))


async def _read(
    data: bytes, target_size: tuple[int, int] | None, decode_in_browser: DecodeInBrowser
) -> DecodedImage:
    name = identify(data)
    if len(data) > MAX_FILE_BYTES:
        return read_image(data)  # which has the sentence for that

    async def ask_browser() -> DecodedImage | None:
        return await _decode_in_browser(data, name, target_size, decode_in_browser)

    if name in BROWSER_FORMATS:
        for width, height in announced_sizes(data):
            _check_size(width, height)
        image = await ask_browser()
        if image is None:
            raise UnsupportedImageError(REFUSALS[name], detail=f"the browser refused it as {name}")
        return image
    failure: InputError | None = None
    if not is_heavy(data, name, target_size):
        try:
            return _read_in_python(data, name, target_size)
        except (BrokenImageError, UnsupportedImageError) as error:
            failure = error
    image = await ask_browser() if name in _MEDIA_TYPES else None
    if image is not None:
        return image
    if failure is not None:
        raise failure
    return _read_in_python(data, name, target_size)


def _read_in_python(data: bytes, name: str, target_size: tuple[int, int] | None) -> DecodedImage:
    if name != "TIFF":
        return read_image(data, target_size=target_size)
    with _without_stderr():
        return read_image(data, target_size=target_size)


@contextmanager
def _without_stderr() -> Iterator[None]:
    """Drop what C code writes to stderr, which is the page's console.

    Pillow turns off libtiff's warnings but not its errors, which are told in a sentence anyway.
    """
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


async def _decode_in_browser(
    data: bytes, name: str, target_size: tuple[int, int] | None, decode: DecodeInBrowser
) -> DecodedImage | None:
    height, width = target_size or (0, 0)
    found = await decode(data, _MEDIA_TYPES[name], MAX_PIXELS, width, height)
    if found is None:
        return None
    file_size = int(found.fileWidth), int(found.fileHeight)
    _check_size(*file_size)
    samples = found.pixels.to_bytes()
    size = int(found.width), int(found.height)
    return from_rgba(samples, size, file_size, name, hashlib.sha256(data).hexdigest())


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise ImageTooLargeError(
            f"That image is {width} x {height} pixels; the limit is {MAX_PIXELS / 1e6:g} "
            "megapixels. Make it smaller and try again."
        )
