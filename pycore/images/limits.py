"""How large an image may be: stated here once, for the core, the JavaScript API and the page.

The build writes the first number into the API's limits.mjs; the worker has them all from here.
"""

MAX_FILE_BYTES = 256_000_000
"""Most bytes of an image file."""

MAX_PIXELS = 100_000_000
"""Most pixels, width times height."""

MAX_DECODING_BYTES = 512_000_000
"""Most memory that decoding one image may take at a time. WebAssembly's memory never shrinks."""
