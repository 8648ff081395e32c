# PyScript as the page uses it; objects of JavaScript are Any.

from typing import Any

from . import ffi as ffi

document: Any
window: Any
