"""Tasks done to pixels, with Pillow."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PIL import Image, ImageOps

from pycore.endpoint.task_grammar import Task
from pycore.errors import ImageTooLargeError, InputError
from pycore.images.limits import MAX_PIXELS

if TYPE_CHECKING:
    from collections.abc import Callable

_ENCODERS = {
    "jpg": "JPEG",
    "png": "PNG",
    "webp": "WEBP",
    "gif": "GIF",
    "bmp": "BMP",
    "tiff": "TIFF",
}
_LOSSY = {"jpg", "webp"}
_LONGEST = {"jpg": 65_500, "webp": 16_383, "gif": 65_535}
"""The longest sides in pixels. Source: JPEG_MAX_DIMENSION, WEBP_MAX_DIMENSION, GIF's 16 bits."""
_GROUND = (255, 255, 255)
_CENTERING = {
    "center": (0.5, 0.5),
    "top": (0.5, 0.0),
    "bottom": (0.5, 1.0),
    "left": (0.0, 0.5),
    "right": (1.0, 0.5),
}


def transform(pixels: Image.Image, tasks: Sequence[Task]) -> bytes:
    """Do the tasks, and encode what comes of them.

    Args:
        pixels: the whole image, upright, mode RGB.
        tasks: in their order; of several outputs and qualities the last counts.

    Returns:
        An image file: PNG, unless an output says otherwise.

    Raises:
        InputError: a crop lies outside of the image.
        ImageTooLargeError: what would come of it has too many pixels, or for a file of its format.
    """
    file_format, quality = "", None
    for task in tasks:
        if task.name in _PIXEL_TASKS:
            pixels = _PIXEL_TASKS[task.name](pixels, task)
        if task.name == "output":
            file_format = str(task.parameters["format"])
        value = task.parameters.get("quality", task.parameters.get("value"))
        if task.name in {"output", "quality"} and value is not None:
            quality = int(str(value))
    if not file_format:
        file_format = "jpg" if quality is not None else "png"
    longest = _LONGEST.get(file_format)
    if longest and max(pixels.size) > longest:
        raise ImageTooLargeError(
            f"That image has {pixels.width} x {pixels.height} pixels; a side of a {file_format} "
            f"file has {longest} at most. Choose output=format:png, or make it smaller."
        )
    options = {"quality": quality} if quality is not None and file_format in _LOSSY else {}
    file = io.BytesIO()
    pixels.save(file, _ENCODERS.get(file_format, file_format), **options)
    return file.getvalue()


def _resize(image: Image.Image, task: Task) -> Image.Image:
    """Resize; with one side alone the other follows.

    clip: whole image within the box; max: the same, never larger; crop: the box is filled, what
    is beyond it goes; scale: to the box, whatever that does to the proportions.
    """
    width, height = (_whole(task, name) for name in ("width", "height"))
    fit = task.parameters.get("fit", "clip")
    if width and height and fit in {"crop", "scale"}:
        size = width, height
    else:
        scales = [width / image.width] if width else []
        scales += [height / image.height] if height else []
        scale = min(*scales, 1.0) if fit == "max" else min(scales)
        size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    _check(*size)
    if fit == "crop" and width and height:
        centering = _CENTERING[str(task.parameters.get("align", "center"))]
        return ImageOps.fit(image, size, Image.Resampling.LANCZOS, centering=centering)
    return image.resize(size, Image.Resampling.LANCZOS)


def _crop(image: Image.Image, task: Task) -> Image.Image:
    box = task.parameters["dim"]
    left, top, width, height = box if isinstance(box, tuple) else (0, 0, 0, 0)
    right, bottom = min(left + width, image.width), min(top + height, image.height)
    if left >= right or top >= bottom:
        raise InputError(
            f"That crop lies outside of the image, which is {image.width} x {image.height} pixels."
        )
    return image.crop((left, top, right, bottom))


def _rotate(image: Image.Image, task: Task) -> Image.Image:
    degrees = _whole(task, "deg") or 0
    angle = math.radians(degrees)
    across, down = abs(math.cos(angle)), abs(math.sin(angle))
    width = math.ceil(image.width * across + image.height * down)
    height = math.ceil(image.width * down + image.height * across)
    _check(width, height)
    return image.rotate(-degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=_GROUND)


def _check(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise ImageTooLargeError(
            f"That task makes an image of {width} x {height} pixels; the limit is "
            f"{MAX_PIXELS / 1e6:g} megapixels. Make it smaller and try again."
        )


def _whole(task: Task, name: str) -> int | None:
    value = task.parameters.get(name)
    return value if isinstance(value, int) else None


_PIXEL_TASKS: dict[str, Callable[[Image.Image, Task], Image.Image]] = {
    "resize": _resize,
    "crop": _crop,
    "rotate": _rotate,
    "flip": lambda image, _task: ImageOps.flip(image),
    "flop": lambda image, _task: ImageOps.mirror(image),
    "monochrome": lambda image, _task: ImageOps.grayscale(image).convert("RGB"),
}
