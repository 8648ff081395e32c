"""Any Pillow image as 8-bit RGB, the way a browser would show it.

`Image.convert("RGB")` alone drops alpha, turns 16-bit grey white and clips floats.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from pycore.errors import UnsupportedImageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WHITE = (255, 255, 255)
_DARK = (48, 48, 48)
_VISIBLE = 24  # levels from white, of 255
_TRACES = 0.02  # of what is opaque
_GLANCE = 128  # pixels in width and height
_MIN_IS_WHITE = 0
_TAG_BITS_PER_SAMPLE = 258
_TAG_PHOTOMETRIC_INTERPRETATION = 262
_NOMINAL_MAXIMA = (1.0, 255.0, 65535.0)


def to_8_bits(image: Image.Image) -> Image.Image:
    """Convert an image to 8 bits a sample, with alpha where any of it may be transparent.

    Args:
        image: an image of any mode that Pillow's readers give, already loaded.

    Returns:
        An image of mode RGB or RGBA and the same size; L or CMYK where it was that without
        transparency. The argument itself where it is one of these already.

    Raises:
        UnsupportedImageError: for the LAB colour space.
    """
    if image.mode == "LAB":  # Pillow needs LittleCMS for it, which is not everywhere
        raise UnsupportedImageError(
            "That image uses the LAB colour space, which Seesay cannot read. "
            "Save it as JPEG or PNG and try again."
        )
    if image.mode.startswith("I;16"):
        return _from_grey16(image)
    if image.mode in ("I", "F"):
        return Image.fromarray(_stretch(np.asarray(image, dtype=np.float32)))
    if image.has_transparency_data:
        return image if image.mode == "RGBA" else image.convert("RGBA")
    return image if image.mode in ("RGB", "L", "CMYK") else image.convert("RGB")


def on_ground(image: Image.Image) -> Image.Image:
    """Lay an image with alpha on a ground: white, as on most pages, or dark where it needs that.

    Args:
        image: of a mode that `to_8_bits` gives.

    Returns:
        An image of mode RGB; the argument itself where it is one already.
    """
    if image.mode != "RGBA":
        return image if image.mode == "RGB" else image.convert("RGB")
    canvas = Image.new("RGB", image.size, _DARK if _is_lost_on_white(image) else _WHITE)
    canvas.paste(image, mask=image)
    return canvas


def _is_lost_on_white(image: Image.Image) -> bool:
    """Tell whether next to nothing of what an RGBA image shows differs from white."""
    small = image.copy()
    small.thumbnail((_GLANCE, _GLANCE), Image.Resampling.BOX)
    samples = np.asarray(small, np.float32)
    opacity = samples[:, :, 3] / 255
    distance = opacity * (255 - samples[:, :, :3].min(axis=2))
    shown = float(opacity.sum())
    return 0 < shown < opacity.size and float(opacity[distance > _VISIBLE].sum()) < _TRACES * shown


def _from_grey16(image: Image.Image) -> Image.Image:
    """Keep the high byte, as Pillow does with 16-bit colour and browsers do with 16-bit PNG."""
    values = np.asarray(image)
    bits, photometric = _tiff_sample_layout(image)
    samples = (values >> max(bits - 8, 0)).astype(np.uint8)
    grey = Image.fromarray(255 - samples if photometric == _MIN_IS_WHITE else samples)
    transparent = image.info.get("transparency")
    if not isinstance(transparent, int):
        return grey
    rgba = grey.convert("RGBA")
    rgba.putalpha(Image.fromarray((values != transparent).astype(np.uint8) * np.uint8(255)))
    return rgba


def _tiff_sample_layout(image: Image.Image) -> tuple[int, int | None]:
    """Give bits a sample and photometric interpretation; (16, None) for all but TIFF.

    Source: TIFF 6.0, section 8. Pillow 12.2 neither scales 12-bit samples nor inverts 16-bit ones.
    """
    tags = getattr(image, "tag_v2", None)
    if tags is None:
        return 16, None
    return tags.get(_TAG_BITS_PER_SAMPLE, (16,))[0], tags.get(_TAG_PHOTOMETRIC_INTERPRETATION)


def _stretch(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Scale samples of unknown range to 0..255.

    Such files do not say which value is white. The smallest customary range (1, 8 bits, 16 bits)
    that holds all samples is taken, else the range that they use.

    Args:
        values: float32 of shape (height, width), any range; what is not finite counts as black.

    Returns:
        uint8 of the same shape.
    """
    finite = np.isfinite(values)
    values = np.where(finite, values, np.float32(0))
    low, high = float(values.min()), float(values.max())
    if low < 0 or high > _NOMINAL_MAXIMA[-1]:
        values = values / np.float32(2) - np.float32(low / 2)  # halves cannot overflow float32
        low, high = 0.0, high / 2 - low / 2
        nominal = high
    else:
        nominal = next(maximum for maximum in _NOMINAL_MAXIMA if high <= maximum)
    scaled = np.rint(values / np.float32(nominal or 1) * np.float32(255))
    result: NDArray[np.uint8] = np.where(finite, scaled, 0).clip(0, 255).astype(np.uint8)
    return result
