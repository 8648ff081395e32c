"""Seesay: captions for images, on this machine.

    from seesay import Captioner

    with Captioner() as captioner:
        result = captioner.caption("photo.jpg", num_beams=4)
        print(result.caption, result.confidence)

The names are those of the JavaScript API (web/seesay.d.ts), in snake case. pycore is the core;
here it runs on the onnxruntime package. The command ``seesay`` is in seesay/cli.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pycore.captioning.result import CaptionResult
    from pycore.errors import SeesayError
    from seesay.captioner.async_captioner import AsyncCaptioner
    from seesay.captioner.batch import CaptionEnd
    from seesay.captioner.captioner import Captioner
    from seesay.jobs import Progress
    from seesay.version import __version__

__all__ = [
    "AsyncCaptioner",
    "CaptionEnd",
    "CaptionResult",
    "Captioner",
    "Progress",
    "SeesayError",
    "__version__",
]

_HOMES = {
    "AsyncCaptioner": "seesay.captioner.async_captioner",
    "CaptionEnd": "seesay.captioner.batch",
    "CaptionResult": "pycore.captioning.result",
    "Captioner": "seesay.captioner.captioner",
    "Progress": "seesay.jobs",
    "SeesayError": "pycore.errors",
    "__version__": "seesay.version",
}


def __getattr__(name: str) -> object:
    """Import a public name from its home."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'seesay' has no attribute {name!r}")
    return getattr(importlib.import_module(home), name)
