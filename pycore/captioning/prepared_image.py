"""An image file made ready for the encoder, and how long that took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pycore.captioning.result import ImageInfo
from pycore.images.file import read_image

if TYPE_CHECKING:
    from collections.abc import Callable

    from pycore.images.decoded import DecodedImage
    from pycore.images.processor import ImageProcessor
    from pycore.interfaces import FloatArray


@dataclass(frozen=True, slots=True)
class PreparedImage:
    """What captioning needs of an image file.

    Attributes:
        pixel_values: float32 of shape (1, 3, height, width).
        info: about the file.
        notes: what a person should know about it.
        decode_ms: time taken to decode it.
        preprocess_ms: time taken to make the pixel values.
    """

    pixel_values: FloatArray
    info: ImageInfo
    notes: tuple[str, ...]
    decode_ms: float
    preprocess_ms: float


def prepare_image(
    image: bytes | DecodedImage, image_processor: ImageProcessor, clock: Callable[[], float]
) -> PreparedImage:
    """Decode an image file, where nobody has, and make its pixel values.

    Args:
        image: the file, or what was decoded of it.
        image_processor: of the model.
        clock: the time in seconds, from any origin.

    Raises:
        InputError: when the image cannot be used.
    """
    began = clock()
    if isinstance(image, bytes):
        image = read_image(image, target_size=image_processor.target_size)
    decoded = clock()
    pixel_values = image_processor(image.pixels)
    return PreparedImage(
        pixel_values=pixel_values,
        info=image_info(image),
        notes=image.notes,
        decode_ms=image.decode_ms or 1e3 * (decoded - began),
        preprocess_ms=1e3 * (clock() - decoded),
    )


def image_info(image: DecodedImage) -> ImageInfo:
    """Say what file an image is from, and which part of it was seen."""
    return ImageInfo(image.width, image.height, image.format, image.sha256, image.seen)
