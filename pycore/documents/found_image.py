"""An image in a document: what it says in place of the picture, and where new words would go."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit

Reason = Literal["missing", "empty", "file name", "alone in a link"]
"""Why an image needs words. HTML's ``alt=""`` means decoration and is a reason only where the
image is all that a link has to say; Markdown's ``![]()`` is how words are left out."""

Syntax = Literal["html", "markdown"]

_IMAGE_NAME = re.compile(
    r"[^\n]*\.(?:avif|bmp|gif|heic|jfif|jpe?g|jxl|png|svg|tiff?|webp)", re.IGNORECASE
)
# As cameras, phones and operating systems name files; prose does not look so.
_CAMERA_NAME = re.compile(
    r"(?:IMG|DSC[FN]?|PXL|MVIMG|P|Screenshot|Screen Shot|image)[-_ ]?\d[-_\d. ]*(?:at[-_\d. ]*)?",
    re.IGNORECASE,
)
# XML forbids most of them, and none can be seen.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class FoundImage:
    """One image of a text; positions are characters of it.

    Attributes:
        position: where the image begins.
        alt: what stands for it, None if nothing does.
        addresses: of the picture, as written, the one to look at first in front.
        reason: why it needs words; None if it does not, or must be left alone.
        start: of what new words replace.
        end: of it; equal to ``start`` for an insertion.
        prefix: comes before the new words.
        suffix: comes behind them.
        syntax: that the words are escaped for.
    """

    position: int
    alt: str | None
    addresses: tuple[str, ...]
    reason: Reason | None
    start: int
    end: int
    prefix: str
    suffix: str
    syntax: Syntax


def one_line(words: str) -> str:
    """Return words without what no document may hold: line ends, control characters."""
    return " ".join(_CONTROLS.sub(" ", words).split())


def is_file_name(alt: str, addresses: tuple[str, ...]) -> bool:
    """Say whether words are but the name of a file.

    "photo.jpg" and "IMG_1234" are; "cat" is not, even where the file is called cat.jpg.
    """
    alt = alt.strip()
    if not alt or _IMAGE_NAME.fullmatch(alt) or _CAMERA_NAME.fullmatch(alt):
        return bool(alt)
    if alt.isalpha() or " " in alt:
        return False
    return any(alt.casefold() in _names(address) for address in addresses)


def _names(address: str) -> tuple[str, str]:
    """Return the file's name in an address, with and without what is behind its last dot."""
    try:
        path = urlsplit(address).path
    except ValueError:
        return ("", "")
    name = unquote(path).rpartition("/")[2].casefold()
    return name, name.rpartition(".")[0] or name
