# PyScript as the page uses it; objects of JavaScript are Any.

from typing import Any

from . import ffi as ffi

document: Any
js_import: Any  # addresses of modules -> a promise of a list of their exports
window: Any
