"""Where the images of requests come from: seen before, in a granted folder, on a granted site."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pycore.endpoint.answers import ForbiddenError, NoSuchSourceError
from pycore.errors import InputError
from seesay.captioner.image_input import read_path

if TYPE_CHECKING:
    from pycore.endpoint.request_path import Source
    from seesay.server.guarded_fetch import GuardedFetch

MOST_SEEN_BYTES = 128 * 2**20
"""Of images that are kept for requests by their handles."""


class Sources:
    """Finds the bytes of images.

    Args:
        folders: that were granted, by alias.
        fetch: gets images from sites that were granted.
    """

    def __init__(self, folders: Mapping[str, Path], fetch: GuardedFetch) -> None:
        self._folders = {alias: folder.resolve() for alias, folder in folders.items()}
        self._fetch = fetch
        self._seen: OrderedDict[str, bytes] = OrderedDict()

    def read(self, source: Source) -> bytes:
        """Return an image file.

        Raises:
            NoSuchSourceError: there is no such image or folder.
            ForbiddenError: it lies outside of what was granted.
            InputError: it cannot be read, or is too large.
            NetworkError: the other server does not give it.
        """
        if source.kind == "handle":
            seen = self._seen.get(source.value)
            if seen is None:
                raise NoSuchSourceError(
                    "No image of that handle was seen here lately. Send it with POST."
                )
            return seen
        if source.kind == "alias":
            return self._read_file(source)
        return self._fetch(source.value)

    def keep(self, data: bytes) -> None:
        """Keep an image for requests by its handle; the oldest go first."""
        handle = hashlib.sha256(data).hexdigest()
        self._seen[handle] = data
        self._seen.move_to_end(handle)
        while sum(map(len, self._seen.values())) > MOST_SEEN_BYTES:
            self._seen.popitem(last=False)

    def _read_file(self, source: Source) -> bytes:
        folder = self._folders.get(source.alias)
        if folder is None:
            raise NoSuchSourceError(f"No folder was granted under the name {source.alias}.")
        try:
            path = (folder / source.value).resolve()
        except (OSError, ValueError) as error:
            raise NoSuchSourceError("There is no such file.", detail=str(error)) from error
        if not path.is_relative_to(folder):  # a link led elsewhere
            raise ForbiddenError("That file lies outside of the folder that was granted.")
        if not path.is_file():
            raise NoSuchSourceError("There is no such file in that folder.")
        try:
            return read_path(path)
        except InputError as error:
            raise NoSuchSourceError(error.message, detail=error.detail) from error
