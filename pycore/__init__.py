"""Seesay's core: from the bytes of an image file to its caption, on any model runtime.

What an embedding program needs stands here; the rest is found in the folders. Names are imported
when they are first used: parts of pycore serve without NumPy and Pillow, and stay that way.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pycore.captioning.pipeline import ImageToText
    from pycore.captioning.result import CaptionResult
    from pycore.errors import SeesayError
    from pycore.generation.config import GenerationConfig
    from pycore.images.file import read_image
    from pycore.images.processor import ImageProcessor
    from pycore.interfaces import CaptionModel, DecoderSession
    from pycore.text.tokenizer import Tokenizer

__all__ = [
    "CaptionModel",
    "CaptionResult",
    "DecoderSession",
    "GenerationConfig",
    "ImageProcessor",
    "ImageToText",
    "SeesayError",
    "Tokenizer",
    "read_image",
]

_HOMES = {
    "CaptionModel": "pycore.interfaces",
    "CaptionResult": "pycore.captioning.result",
    "DecoderSession": "pycore.interfaces",
    "GenerationConfig": "pycore.generation.config",
    "ImageProcessor": "pycore.images.processor",
    "ImageToText": "pycore.captioning.pipeline",
    "SeesayError": "pycore.errors",
    "Tokenizer": "pycore.text.tokenizer",
    "read_image": "pycore.images.file",
}


def __getattr__(name: str) -> object:
    """Import a re-exported name from its home."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'pycore' has no attribute {name!r}")
    return getattr(importlib.import_module(home), name)
