"""RGB image to pixel_values, as the model's preprocessor_config.json says.

Equal, to the last bit, to transformers' (slow) ViT, DeiT and CLIP image processors.
Source: transformers 4.57, image_transforms.py and models/{vit,deit,clip}/image_processing_*.py.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from pycore.errors import ConfigurationError, ImageTooLargeError, UnsupportedModelError
from pycore.images.limits import MAX_PIXELS

if TYPE_CHECKING:
    from pycore.interfaces import FloatArray

_CHANNELS = 3
_MAX_LENGTH = 4096  # pixels; a guard against files that are not what they seem
_IMAGENET_STANDARD = (0.5, 0.5, 0.5)
_CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
_CLIP_STD = (0.26862954, 0.26130258, 0.27577711)

# What a file leaves out has the default of its processor's class.
_VIT: Mapping[str, object] = {
    "do_resize": True,
    "size": {"height": 224, "width": 224},
    "resample": Image.Resampling.BILINEAR,
    "do_center_crop": False,
    "crop_size": None,
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": True,
    "image_mean": _IMAGENET_STANDARD,
    "image_std": _IMAGENET_STANDARD,
}
_DEIT: Mapping[str, object] = {
    **_VIT,
    "size": {"height": 256, "width": 256},
    "resample": Image.Resampling.BICUBIC,
    "do_center_crop": True,
    "crop_size": {"height": 224, "width": 224},
}
_CLIP: Mapping[str, object] = {
    **_DEIT,
    "size": {"shortest_edge": 224},
    "image_mean": _CLIP_MEAN,
    "image_std": _CLIP_STD,
}
_DEFAULTS = {
    "ViTFeatureExtractor": _VIT,
    "ViTImageProcessor": _VIT,
    "ViTImageProcessorFast": _VIT,
    "DeiTFeatureExtractor": _DEIT,
    "DeiTImageProcessor": _DEIT,
    "DeiTImageProcessorFast": _DEIT,
    "CLIPFeatureExtractor": _CLIP,
    "CLIPImageProcessor": _CLIP,
    "CLIPImageProcessorFast": _CLIP,
}
_WITHOUT_EFFECT = frozenset(
    # Descriptions, and settings that only matter to other kinds of input than one RGB image.
    {
        "_valid_processor_keys",
        "auto_map",
        "default_to_square",
        "device",
        "disable_grouping",
        "do_convert_rgb",
        "feature_extractor_type",
        "image_processor_type",
        "image_seq_length",
        "input_data_format",
        "processor_class",
        "return_tensors",
        "task_prompts_with_input",
        "task_prompts_without_inputs",
        "tasks_answer_post_processing_type",
    }
)


@dataclass(frozen=True, slots=True)
class ImageProcessor:
    """Makes pixel_values of an image; build one with `from_config`.

    Attributes:
        size: (height, width) in pixels to resize to, aspect ratio ignored; or the length of the
            shorter edge, aspect ratio kept; or None, to leave the size alone.
        resample: Pillow's filter for that.
        crop_size: (height, width) in pixels to crop to, around the centre and with black where
            the image is smaller; or None.
        rescale_factor: what samples of 0..255 are multiplied by first; or None.
        mean: what is then subtracted from red, green and blue; or None.
        std: what they are then divided by; or None.
    """

    size: tuple[int, int] | int | None
    resample: Image.Resampling
    crop_size: tuple[int, int] | None
    rescale_factor: float | None
    mean: tuple[float, ...] | None
    std: tuple[float, ...] | None

    @classmethod
    def from_config(cls, config: object) -> ImageProcessor:
        """Read a parsed preprocessor_config.json.

        Raises:
            UnsupportedModelError: when anything in it cannot be honoured.
        """
        if not isinstance(config, dict):
            raise _refusal("the file", config)
        kind = config.get("image_processor_type") or config.get("feature_extractor_type")
        if not isinstance(kind, str) or kind not in _DEFAULTS:
            raise _refusal("image_processor_type", kind)
        settings = {**_DEFAULTS[kind], **config}
        for key in settings.keys() - _DEFAULTS[kind].keys() - _WITHOUT_EFFECT:
            if settings[key] and (key, settings[key]) != ("data_format", "channels_first"):
                raise _refusal(key, settings[key])

        resize, crop = _flag(settings, "do_resize"), _flag(settings, "do_center_crop")
        rescale, normalize = _flag(settings, "do_rescale"), _flag(settings, "do_normalize")
        return cls(
            size=_size(settings, square=_DEFAULTS[kind] is not _CLIP) if resize else None,
            resample=_resample(settings),
            crop_size=_height_width("crop_size", settings) if crop else None,
            rescale_factor=_number("rescale_factor", settings) if rescale else None,
            mean=_channel_values("image_mean", settings) if normalize else None,
            std=_channel_values("image_std", settings) if normalize else None,
        )

    @property
    def target_size(self) -> tuple[int, int] | None:
        """(height, width) that images are resized to at least, for decoding JPEG at a fraction."""
        return (self.size, self.size) if isinstance(self.size, int) else self.size

    def __call__(self, image: Image.Image) -> FloatArray:
        """Resize, crop, rescale and normalise one image.

        Args:
            image: mode RGB, any size.

        Returns:
            pixel_values, float32 of shape (1, 3, height, width). With the usual factor of 1/255
            and mean and std of 0.5, values lie in -1..1.

        Raises:
            ConfigurationError: when the image is not RGB.
            ImageTooLargeError: when its shorter edge cannot be as long as the model wants it.
        """
        if image.mode != "RGB":
            raise ConfigurationError(
                f"The image processor takes RGB images, not {image.mode}.",
                detail="decode files with pycore.images.file.read_image",
            )
        if self.size is not None:
            height, width = self._resized(image)
            if height * width > MAX_PIXELS:
                raise ImageTooLargeError(
                    f"That image of {image.width} x {image.height} pixels is too narrow for this "
                    f"model, which would make it {width} x {height}. Crop it and try again."
                )
            image = image.resize((width, height), resample=self.resample)
        if self.crop_size is not None:
            image = _center_crop(image, self.crop_size)
        samples = np.asarray(image)  # uint8, (height, width, 3)
        table = self._table()
        pixel_values = np.empty((1, _CHANNELS, *samples.shape[:2]), dtype=np.float32)
        for channel in range(_CHANNELS):
            np.take(table[channel], samples[:, :, channel], out=pixel_values[0, channel])
        return pixel_values

    def _resized(self, image: Image.Image) -> tuple[int, int]:
        if not isinstance(self.size, int):
            return self.size or (image.height, image.width)
        if image.width <= image.height:
            return int(self.size * image.height / image.width), self.size
        return self.size, int(self.size * image.width / image.height)

    def _table(self) -> FloatArray:
        """Do the arithmetic once for each of the 256 samples there can be.

        The order of roundings is that of transformers: rescaled in float64, then float32.

        Returns:
            float32 of shape (3, 256): value of sample ``s`` in channel ``c`` at ``[c, s]``.
        """
        samples = np.arange(256, dtype=np.float64)
        if self.rescale_factor is not None:
            samples = samples * self.rescale_factor
        table = np.tile(samples.astype(np.float32), (_CHANNELS, 1))
        if self.mean is not None and self.std is not None:
            mean = np.array(self.mean, dtype=np.float32)[:, None]
            table = (table - mean) / np.array(self.std, dtype=np.float32)[:, None]
        return table


def _center_crop(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Crop around the centre, rounding as transformers does; outside of the image is black."""
    height, width = size
    top, left = (image.height - height) // 2, (image.width - width) // 2
    return image.crop((left, top, left + width, top + height))


def _refusal(key: str, value: object) -> UnsupportedModelError:
    return UnsupportedModelError(
        f"it prepares images in another way ({key}).",
        detail=f"preprocessor_config.json: {key} is {value!r}",
    )


def _flag(settings: Mapping[str, object], key: str) -> bool:
    value = settings[key]
    if not isinstance(value, bool):
        raise _refusal(key, value)
    return value


def _number(key: str, settings: Mapping[str, object]) -> float:
    value = settings[key]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _refusal(key, value)
    return float(value)


def _channel_values(key: str, settings: Mapping[str, object]) -> tuple[float, ...]:
    value = settings[key]
    numbers = [value] * _CHANNELS if isinstance(value, int | float) else value
    if not isinstance(numbers, list | tuple) or len(numbers) != _CHANNELS:
        raise _refusal(key, value)
    values = tuple(_number(key, {key: number}) for number in numbers)
    if key == "image_std" and 0 in values:
        raise _refusal(key, value)
    return values


def _resample(settings: Mapping[str, object]) -> Image.Resampling:
    value = settings["resample"]
    if isinstance(value, int) and not isinstance(value, bool):
        for resampling in Image.Resampling:
            if resampling == value:
                return resampling
    raise _refusal("resample", value)


def _size(settings: Mapping[str, object], *, square: bool) -> tuple[int, int] | int:
    """Read "size": a number means a square, or for CLIP the shorter edge."""
    value = settings["size"]
    if isinstance(value, Mapping) and value.keys() == {"shortest_edge"}:
        return _length("size", value["shortest_edge"])
    if isinstance(value, int) and not square:
        return _length("size", value)
    return _height_width("size", settings)


def _height_width(key: str, settings: Mapping[str, object]) -> tuple[int, int]:
    value = settings[key]
    if isinstance(value, Mapping) and value.keys() == {"height", "width"}:
        return _length(key, value["height"]), _length(key, value["width"])
    if isinstance(value, list | tuple) and len(value) == 2:
        return _length(key, value[0]), _length(key, value[1])
    if isinstance(value, int):
        return _length(key, value), _length(key, value)
    raise _refusal(key, value)


def _length(key: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= _MAX_LENGTH:
        raise _refusal(key, value)
    return value
