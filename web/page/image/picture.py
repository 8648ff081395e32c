"""The image file behind an entry, and the first look at every file that is handed in.

Runs in MicroPython.
"""

import json

from jsffi import JsException
from pyscript import document, ffi, window
from pyscript.js_modules import handed_in, limits

from page import texts
from page.image import filetype

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Picture:
    """An image file that passed the first look.

    Attributes:
        file: the JavaScript File.
        format: one of ``filetype.IMAGES`` or ``filetype.BROWSER_IMAGES``.
        is_shown: whether the browser shows it, as far as that is known.
        url: an object URL for the preview while there is one, or "".
        width, height: in pixels; 0 while they are not known.
    """

    def __init__(self, file: "Any", file_format: str) -> None:
        self.file = file
        self.format = file_format
        self.is_shown = True
        self.url = ""
        self.width = self.height = 0

    async def measure(self) -> None:
        """Learn the size from the browser; not every browser shows TIFF."""
        if self.width or not self.is_shown:
            return
        probe = document.createElement("img")
        probe.src = self.preview()
        try:
            await probe.decode()
        except JsException:  # the kind of error differs between browsers
            self.is_shown = False
            self.release()
        else:
            self.width, self.height = probe.naturalWidth, probe.naturalHeight

    def preview(self) -> str:
        """Return an object URL for the preview, or "" where the browser cannot show it."""
        if self.is_shown and not self.url:
            self.url = window.URL.createObjectURL(self.file)
        return self.url

    def facts(self) -> str:
        """Format, dimensions and size in one line."""
        return texts.facts(self.format, self.width, self.height, self.file.size)

    def release(self) -> None:
        """Give the preview's memory back."""
        if self.url:
            # In a task of its own: an image that is still loading it has been let go by then.
            window.setTimeout(window.URL.revokeObjectURL, 0, self.url)
        self.url = ""


async def open_pictures(
    files: "list[Any]", reader: "Any" = handed_in
) -> "list[tuple[Picture | None, str]]":
    """Look at the first bytes of JavaScript Files; of each (picture, "") or (None, why not).

    Args:
        files: to be looked at.
        reader: reads the bytes, as handed_in.mjs does.
    """
    found = json.loads(await reader.heads(ffi.to_js(files), filetype.HEAD_BYTES))
    judged = []
    for file, head in zip(files, found):  # noqa: B905 - MicroPython
        judged.append(await _judged(file, head))
    return judged


async def _judged(file: "Any", head: str | None) -> "tuple[Picture | None, str]":
    if head == "large":
        return None, texts.too_large(file.name, limits.MAX_FILE_BYTES)
    if head is None:
        return None, texts.unreadable(file.name)
    if not head:
        return None, texts.empty(file.name)
    kind = filetype.file_type(bytes.fromhex(head))
    if kind not in filetype.IMAGES and kind not in filetype.BROWSER_IMAGES:
        return None, texts.foreign(file.name, kind)
    picture = Picture(file, kind)
    if kind in filetype.BROWSER_IMAGES:
        await picture.measure()
        if not picture.width:
            return None, texts.undecodable(file.name, kind)
    return picture, ""


async def is_image(file: "Any") -> bool:
    """Whether a JavaScript File is an image that Seesay reads, as far as its first bytes tell."""
    ((picture, _),) = await open_pictures([file])
    if picture:
        picture.release()
    return picture is not None
