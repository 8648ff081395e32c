"""The families that Seesay knows, by the model_type of config.json."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pycore.errors import UnsupportedModelError
from pycore.families.vision_encoder_decoder import VisionEncoderDecoder

if TYPE_CHECKING:
    from collections.abc import Collection

    from pycore.families.family import ModelFamily


def family_of(config: object) -> ModelFamily:
    """Return the family of a model.

    Args:
        config: the parsed config.json.

    Raises:
        UnsupportedModelError: when Seesay knows none, or cannot run this model of it.
    """
    settings = config if isinstance(config, dict) else {}
    family = _family(settings.get("model_type"))
    if family is None:
        raise UnsupportedModelError(
            "it is neither a VisionEncoderDecoder nor a Florence-2.",
            detail=f"config.json: model_type {settings.get('model_type')!r}",
        )
    family.check(settings)
    return family


def check_model(config: object, present: Collection[str]) -> None:
    """Make sure that Seesay can run a model, and that its files are there.

    Args:
        config: the parsed config.json.
        present: paths of files in hub layout.

    Raises:
        UnsupportedModelError: when Seesay cannot, or one that its family needs is missing.
    """
    for path in family_of(config).runtime_paths:
        if path not in present:
            raise UnsupportedModelError(f"it has no {path}.")


def _family(model_type: object) -> ModelFamily | None:
    """The family of that name."""
    if model_type == VisionEncoderDecoder.model_type:
        return VisionEncoderDecoder()
    if model_type == "florence2":
        # Most visits never need it, and what is not imported costs no start.
        from pycore.families.florence2 import Florence2  # noqa: PLC0415

        return Florence2()
    return None
