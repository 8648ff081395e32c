"""Reading text in the browser: pixels go to the worker that has Tesseract, lines come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from js import Uint8ClampedArray

from pycore.captioning.text_in_image import RecognizedText, believed, lines_of
from pycore.errors import InferenceError, NetworkError
from pycore.images.readable_size import readable

if TYPE_CHECKING:
    from PIL import Image

    from pycore.download.fetcher import StopSignal

CANNOT_FETCH = (
    "The words in this picture could not be read: the files for reading (4 MB) come from this site "
    "the first time, and did not arrive. Check the connection and try again."
)
CANNOT_READ = (
    "The words in this picture could not be read: the reader failed. Try again, or with a smaller "
    "picture."
)


class TextReader:
    """Reads the words in image files.

    Args:
        js_reader: the TextReader of text_recognition/text_reader.mjs.
    """

    def __init__(self, js_reader: Any) -> None:
        self._js_reader = js_reader

    def close(self) -> None:
        """End the worker, and free its memory; it starts again when it is needed."""
        self._js_reader.close()

    def prepare(self, language: str) -> None:
        """Have the worker start meanwhile; ``read`` tells what went wrong with it."""
        self._js_reader.open(language)

    async def read(self, image: Image.Image, language: str, stop: StopSignal) -> RecognizedText:
        """Read the words in a picture.

        Args:
            image: mode RGB, decoded at ``DECODE_AT``.
            language: Tesseract's code.
            stop: ends the reading at once, in the middle of a line.

        Raises:
            NetworkError: what reads the words is not here and cannot be fetched.
            InferenceError: it failed.
            CancelledError: when stopped.
        """
        pixels = readable(image).convert("RGBA")
        undo = stop.subscribe(self._js_reader.close)
        try:
            if problem := await self._js_reader.open(language):
                stop.raise_if_cancelled()
                raise NetworkError(CANNOT_FETCH, detail=problem)
            raw = pixels.tobytes()
            copy = Uint8ClampedArray.new(len(raw))
            copy.assign(raw)
            found = await self._js_reader.read(copy, pixels.width, pixels.height)
        finally:
            undo()
        stop.raise_if_cancelled()
        if isinstance(found, str):  # what went wrong
            raise InferenceError(CANNOT_READ, detail=found)
        lines = [(line["text"], line["confidence"], line["box"]) for line in found.to_py()]
        return believed(lines_of(lines), language)
