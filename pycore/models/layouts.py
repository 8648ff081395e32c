"""Which files a model in hub layout has, by family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pycore.errors import UnsupportedModelError

if TYPE_CHECKING:
    from collections.abc import Collection

ENCODER_PATH = "onnx/encoder_model_quantized.onnx"
DECODER_PATH = "onnx/decoder_model_merged_quantized.onnx"
VISION_ENCODER_PATH = "onnx/vision_encoder_quantized.onnx"
EMBEDDINGS_PATH = "onnx/embed_tokens_quantized.onnx"
TEXT_ENCODER_PATH = ENCODER_PATH
"""Of a Florence-2: the hub gives it the name that a ViT has elsewhere."""

_TEXT_PATHS = (
    "config.json",
    "generation_config.json",
    "preprocessor_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
)
RUNTIME_PATHS = (*_TEXT_PATHS, ENCODER_PATH, DECODER_PATH)
"""What captioning needs of a VisionEncoderDecoder."""
FLORENCE2_PATHS = (
    *_TEXT_PATHS,
    VISION_ENCODER_PATH,
    EMBEDDINGS_PATH,
    TEXT_ENCODER_PATH,
    DECODER_PATH,
)
"""What captioning needs of a Florence-2, and with it what it needs of any model."""

_LAYOUTS = (FLORENCE2_PATHS, RUNTIME_PATHS)  # the larger first: it has the files of the other


def runtime_paths(present: Collection[str], repository: str) -> tuple[str, ...]:
    """Return the files that captioning needs, by those that are there.

    Args:
        present: paths of files.
        repository: named in the error.

    Raises:
        UnsupportedModelError: when they are not all there, whatever family it may be.
    """
    for layout in _LAYOUTS:
        if set(layout) <= set(present):
            return layout
    missing = next(path for path in RUNTIME_PATHS if path not in present)
    raise UnsupportedModelError(f"{repository} has no {missing}.")
