"""The alt text that a file has already.

Runs in MicroPython.
"""

from jsffi import JsException
from pyscript.js_modules import downloads

from page.js_data import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from page.image.image_item import Entry

FORMATS = ("JPEG", "PNG", "WebP", "TIFF")
"""That hold words; all others take a sidecar."""

_NAME = "AltTextAccessibility"  # in XMP, which is written plainly in all of them


class InFile:
    """Looks into files, each once.

    Args:
        captioner: Seesay's JavaScript API.
    """

    def __init__(self, captioner: "Any") -> None:
        self._captioner = captioner

    async def look(self, entry: "Entry") -> str:
        """Return the alt text in an image's file, or ""."""
        words = entry.alt
        if words.in_file is None:
            words.in_file = {}
            is_candidate = entry.picture and entry.picture.format in FORMATS
            if is_candidate and await downloads.mentions(entry.file, _NAME):
                try:
                    found = await self._captioner.readMetadata(entry.file)
                except JsException:  # damaged: whoever wants to write into it is told so
                    return ""
                words.in_file = Record(found).words
        return words.alt_in_file()
