"""Captions in Pyodide: PyScript, JupyterLite, or a page of your own.

await micropip.install("https://example.org/seesay/wheels/seesay-VERSION-py3-none-any.whl")

from seesay.pyodide import Captioner

async with Captioner() as captioner:
    print((await captioner.caption(data)).caption)
"""

from __future__ import annotations

import sys
from pathlib import Path

# The wheel has the worker's bridge to onnxruntime-web here; in a checkout it lies at the root.
_BRIDGE = Path(__file__).parent / "bridge"
if _BRIDGE.is_dir():
    sys.path.append(str(_BRIDGE))

from seesay.pyodide.captioner import Captioner  # noqa: E402 - it imports the bridge

__all__ = ["Captioner"]
