"""Florence-2: a DaViT that looks, and a BART that is asked in words and answers.

Source: microsoft/Florence-2-base-ft, processing_florence2.py (the prompts); transformers 4.57.6,
models/florence2.
"""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pycore.captioning.tasks import Task
from pycore.errors import UnsupportedModelError
from pycore.families.family import DecoderShape, decoder_shape
from pycore.families.florence_objects import read_objects
from pycore.generation import GenerationConfig
from pycore.models.layouts import FLORENCE2_PATHS
from pycore.onnx_graph.davit.shape import DavitShape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pycore.captioning.tasks import TaskName
    from pycore.text.tokenizer import Tokenizer

_PROMPTS: Mapping[TaskName, tuple[str, int]] = {
    "caption": ("What does the image describe?", 64),
    "detailed": ("Describe with a paragraph what is shown in the image.", 160),
    "text": ("What is the text in the image?", 256),
    "objects": ("Locate the objects with category name in the image.", 256),
}
"""What a task is asked with, and the most new tokens of its answer."""

_MOST = 1 << 16
"""Of layers, or pixels: a guard against files that are not what they seem."""

_BEGIN, _END = "<s>", "</s>"
_FEATURES = ["spatial_avg_pool", "temporal_avg_pool"]
"""What the image's tokens are: one of all of it, then one of each patch, row by row."""


class Florence2:
    """See ``ModelFamily``."""

    model_type = "florence2"
    runtime_paths: tuple[str, ...] = FLORENCE2_PATHS

    def check(self, config: Mapping[str, Any]) -> None:
        """See ``ModelFamily``."""
        text, vision = config.get("text_config"), config.get("vision_config")
        if not isinstance(text, dict) or not isinstance(vision, dict):
            raise UnsupportedModelError(
                "its config.json does not describe both its parts.", detail="config.json"
            )
        if text.get("scale_embedding"):
            raise UnsupportedModelError(
                "it scales its embeddings.", detail="config.json: scale_embedding"
            )
        if vision.get("model_type", "davit") != "davit":
            raise UnsupportedModelError(
                "its vision encoder is no DaViT.", detail=f"config.json: {vision['model_type']!r}"
            )

    def generation_config(
        self,
        config: Mapping[str, Any],
        generation_config: Mapping[str, Any] | None,
        defaults: Mapping[str, object] | None = None,
    ) -> GenerationConfig:
        """See ``ModelFamily``."""
        flat = {**config, "decoder": config["text_config"]}
        return GenerationConfig.from_model(flat, generation_config, defaults)

    def tasks(self, tokenizer: Tokenizer) -> Mapping[TaskName, Task]:
        """See ``ModelFamily``."""
        return MappingProxyType(
            {
                name: Task(
                    tuple(tokenizer.encode(f"{_BEGIN}{prompt}{_END}")),
                    MappingProxyType({"max_new_tokens": most}),
                    read_objects if name == "objects" else None,
                )
                for name, (prompt, most) in _PROMPTS.items()
            }
        )

    def patch_grid(
        self, config: Mapping[str, Any], size: tuple[int, int] | int | None
    ) -> tuple[int, int] | None:
        """See ``ModelFamily``."""
        vision = config["vision_config"]
        if not isinstance(size, tuple) or vision.get("image_feature_source") != _FEATURES:
            return None
        stride = math.prod(_strides(vision))
        return size[0] // stride, size[1] // stride

    def decoder_shape(self, config: Mapping[str, Any]) -> DecoderShape:
        """See ``ModelFamily``."""
        text = config["text_config"]
        return decoder_shape(text.get("decoder_attention_heads"), text.get("d_model"))


def davit_shape(config: Mapping[str, Any], size: tuple[int, int] | int | None) -> DavitShape:
    """Read what the mending of the vision encoder checks its graph against.

    Args:
        config: the parsed config.json.
        size: that images are resized to; see ``ImageProcessor``.

    Raises:
        UnsupportedModelError: when the images are not square, or config.json does not tell.
    """
    vision = config["vision_config"]
    if not isinstance(size, tuple) or size[0] != size[1]:
        raise UnsupportedModelError("its images are not square.", detail=f"size {size!r}")
    return DavitShape(
        size=size[0],
        strides=_strides(vision),
        depths=_counts("depths", vision.get("depths")),
        window_size=_counts("window_size", [vision.get("window_size")])[0],
    )


def _strides(vision: Mapping[str, Any]) -> tuple[int, ...]:
    return _counts("patch_stride", vision.get("patch_stride"))


def _counts(name: str, value: object) -> tuple[int, ...]:
    """Check and return some whole numbers of the vision encoder.

    Raises:
        UnsupportedModelError: there are none, or others.
    """
    counts = value if isinstance(value, list) else []
    if not counts or not all(isinstance(one, int) and 0 < one <= _MOST for one in counts):
        raise UnsupportedModelError(
            "its config.json does not say how its vision encoder is built.",
            detail=f"{name} {value!r}",
        )
    return tuple(counts)
