"""The families that Seesay knows, by the model_type of config.json."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pycore.errors import UnsupportedModelError
from pycore.families.florence2 import Florence2
from pycore.families.vision_encoder_decoder import VisionEncoderDecoder

if TYPE_CHECKING:
    from pycore.families.family import ModelFamily

_FAMILIES: tuple[ModelFamily, ...] = (VisionEncoderDecoder(), Florence2())


def family_of(config: object) -> ModelFamily:
    """Return the family of a model.

    Args:
        config: the parsed config.json.

    Raises:
        UnsupportedModelError: when Seesay knows none, or cannot run this model of it.
    """
    settings = config if isinstance(config, dict) else {}
    for family in _FAMILIES:
        if settings.get("model_type") == family.model_type:
            family.check(settings)
            return family
    raise UnsupportedModelError(
        "it is neither a VisionEncoderDecoder nor a Florence-2.",
        detail=f"config.json: model_type {settings.get('model_type')!r}",
    )
