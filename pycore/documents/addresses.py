"""Which file of a folder an image's address means."""

from __future__ import annotations

import base64
import binascii
import re
from posixpath import normpath
from typing import TYPE_CHECKING
from urllib.parse import unquote, unquote_to_bytes, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_DATA_CHARACTERS = 64 << 20
"""Of an image that stands in the document itself."""

# Where generators of sites keep what "/image.png" means: Hugo, Jekyll, Eleventy, Docusaurus, Astro.
_ROOTS = ("", "static/", "public/", "assets/", "src/", "docs/")
# '{{ "/image.png" | relative_url }}' of Jekyll; "{{ site.baseurl }}/image.png".
_TEMPLATE_TEXT = re.compile(r"\{[{%][^{}'\"]*+['\"]([^{}'\"]*+)['\"][^{}]*+\}\}?")
_TEMPLATE = re.compile(r"\{\{[^{}]*+\}\}")
_MOST_FOLDERS = 32  # of a document that may be the site's root; a zip can hold names of thousands


class FileNames:
    """The files of a folder by name, as addresses look for them."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = set(names)
        self._by_last_part: dict[str, list[str]] = {}
        for name in sorted(self._names):
            last = name.rpartition("/")[2].casefold()
            self._by_last_part.setdefault(last, []).append(name)

    def find(self, document: str, address: str, base: str = "") -> str | None:
        """Return the file that an address in a document means; None if it is not in the folder.

        Args:
            document: its name, with folders.
            address: as written, character references resolved.
            base: what the document says that addresses are relative to.
        """
        path = _local_path(address)
        if path is None:
            return None
        folder = document.rpartition("/")[0]
        base_path = _local_path(base) if base else ""
        for candidate in _candidates(folder, base_path or "", path):
            name = normpath(candidate).lstrip("/")
            if name in self._names:
                return name
        # A document that was chosen with its pictures, but without the folders.
        alike = self._by_last_part.get(path.rpartition("/")[2].casefold(), [])
        return alike[0] if len(alike) == 1 else None


def data_image(address: str) -> bytes | None:
    """Return the bytes in a ``data:`` address of an image; None if it is none or is damaged."""
    if len(address) > MAX_DATA_CHARACTERS or not address[:11].lower().startswith("data:image/"):
        return None
    head, comma, data = address.partition(",")
    if not comma:
        return None
    if not head.lower().rstrip().endswith(";base64"):
        return unquote_to_bytes(data)
    try:
        return base64.b64decode("".join(unquote(data).split()))
    except (binascii.Error, ValueError):
        return None


def _local_path(address: str) -> str | None:
    """Return the path of an address without scheme and host; None for others."""
    address = _TEMPLATE.sub("", _TEMPLATE_TEXT.sub(r"\1", address)).strip()
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.scheme or parts.netloc or not parts.path:
        return None
    return unquote(parts.path).replace("\\", "/")


def _candidates(folder: str, base: str, path: str) -> Iterator[str]:
    if path.startswith("/"):
        # The site's root may be any folder above the document, most likely an outer one.
        above = ""
        for part in ["", *folder.split("/", _MOST_FOLDERS)[:_MOST_FOLDERS]]:
            above = f"{above}/{part}" if part else above
            for root in _ROOTS:
                yield f"{above}/{root}{path[1:]}"
    else:
        if base.startswith("/"):
            yield from _candidates(folder, "", base.rpartition("/")[0] + "/" + path)
        elif base:
            yield f"{folder}/{base.rpartition('/')[0]}/{path}"
        yield f"{folder}/{path}"
        yield from _candidates(folder, "", "/" + path)
