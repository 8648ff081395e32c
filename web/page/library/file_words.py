"""Words of a person that an image's file carries, as the library keeps them.

Runs in MicroPython (the page) and in CPython (tests).
"""

import json

from jsffi import JsException
from pyscript.js_modules import downloads

from page.browser.js_data import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FIELDS = ("alt_text", "extended_description", "description")
SIGNS = (
    "AltTextAccessibility",
    "ExtDescrAccessibility",
    "dc:description",
    "dc:subject",
    "Photoshop 3.0",
)
"""What stands plainly in files that may carry words: names of XMP, and where IPTC-IIM begins."""

SCANNED_BYTES = 200_000
"""Larger files are handed to the worker as they are: to look through 5 MB here would take the page
90 ms, to read its words takes the worker 30."""


async def find(captioner: "Any", file: "Any", sidecar: "Any" = None) -> "dict[str, str] | None":
    """Look into a file; most small ones have no words, which is soon seen.

    Args:
        captioner: the JavaScript API.
        file: the JavaScript File.
        sidecar: likewise, of the sidecar beside it, whose words go first; None without one.

    Returns:
        Parameters of ``set_file_words`` but for the image's id; None for no words.
    """
    beside = await _read(captioner, sidecar) if sidecar else None
    has_none = file.size < SCANNED_BYTES and not await downloads.mentions(file, *SIGNS)
    inside = None if has_none else await _read(captioner, file)
    if not (beside and inside):
        return beside or inside
    words = {name: beside[name] or inside[name] for name in FIELDS}
    keywords = json.loads(beside["keywords"])
    known = [word.lower() for word in keywords]
    more = [word for word in json.loads(inside["keywords"]) if word.lower() not in known]
    words["keywords"] = json.dumps(keywords + more)
    return words


async def _read(captioner: "Any", file: "Any") -> "dict[str, str] | None":
    try:
        found = Record(await captioner.readMetadata(file)).by_person
    except JsException:  # another format, or damaged: its words can be read by nobody
        return None
    words: "dict[str, str]" = {name: found[name] for name in FIELDS}
    words["keywords"] = json.dumps(found["keywords"])
    return words if found["keywords"] or any(map(words.get, FIELDS)) else None
