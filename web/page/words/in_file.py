"""The alt text that a file has already.

Runs in MicroPython.
"""

from jsffi import JsException
from pyscript.js_modules import downloads

from page.browser.js_data import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from page.image.image_item import Entry

FORMATS = ("JPEG", "PNG", "WebP", "TIFF")
"""That hold words; all others take a sidecar."""

_NAME = "AltTextAccessibility"  # in XMP, which is written plainly in all of them


class InFile:
    """Looks into files, and remembers what is in them.

    Args:
        captioner: Seesay's JavaScript API.
    """

    def __init__(self, captioner: "Any") -> None:
        self._captioner = captioner

    async def look(self, entry: "Entry") -> str:
        """Return the alt text in an image's file, or ""."""
        words, file = entry.alt, entry.file
        if words.in_file is None:
            found: "Any" = {}
            is_candidate = entry.picture and entry.picture.format in FORMATS
            if is_candidate and await downloads.mentions(file, _NAME):
                try:
                    found = Record(await self._captioner.readMetadata(file)).words
                except JsException:  # damaged: whoever wants to write into it is told so
                    found = {}
            if file is entry.file:  # else words were saved into it meanwhile
                words.in_file = found
        return words.alt_in_file()


def take_saved(entry: "Entry", saved: "Any") -> None:
    """The image's own file was written anew: from now on that one counts.

    Args:
        entry: the image.
        saved: what ``replaceFile`` of file_handles.mjs returned.
    """
    entry.file = file = saved.file
    if entry.sha256 not in ("", saved.sha256):
        entry.earlier.append(entry.sha256)
    entry.sha256 = saved.sha256
    if entry.picture:
        entry.picture.file = file
    entry.alt.in_file = None  # it has other words now
