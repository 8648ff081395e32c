"""Reading text in the browser: pixels go to the worker that has Tesseract, lines come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from js import Uint8ClampedArray

from pycore.captioning.readable_size import readable
from pycore.captioning.text_in_image import RecognizedText, believed, lines_of

if TYPE_CHECKING:
    from PIL import Image

    from pycore.download.fetcher import StopSignal


class TextReader:
    """Reads the words in image files.

    Args:
        js_reader: the TextReader of text_recognition/text_reader.mjs.
    """

    def __init__(self, js_reader: Any) -> None:
        self._js_reader = js_reader

    async def read(
        self, image: Image.Image, language: str, stop: StopSignal
    ) -> RecognizedText | None:
        """Read the words in a picture.

        Args:
            image: mode RGB, decoded at ``DECODE_AT``.
            language: Tesseract's code.
            stop: ends the reading at once, in the middle of a line.

        Returns:
            The words; None when they cannot be had now.

        Raises:
            CancelledError: when stopped.
        """
        pixels = readable(image).convert("RGBA")
        undo = stop.subscribe(self._js_reader.close)
        try:
            if await self._js_reader.open(language):  # what went wrong
                stop.raise_if_cancelled()
                return None
            raw = pixels.tobytes()
            copy = Uint8ClampedArray.new(len(raw))
            copy.assign(raw)
            found = await self._js_reader.read(copy, pixels.width, pixels.height)
        finally:
            undo()
        stop.raise_if_cancelled()
        if isinstance(found, str):  # what went wrong
            return None
        lines = [(line["text"], line["confidence"], line["box"]) for line in found.to_py()]
        return believed(lines_of(lines), language)
