"""The files of the photograph models, which come with the site."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from pycore.errors import AssetError, NetworkError
from pycore.recognition.name_tree import NameTree
from pycore.recognition.router import Router

BASE_URL = "models/photo/"
CONFIG = "config.json"
NAMES = "names.json"
ROUTER = "router.json"


class PhotographFiles:
    """Reads them from the site.

    Args:
        read: ``readBytes`` of read_bytes.mjs.
        base_url: of the site, with a slash at its end.
        assets: the parsed assets.json.
        report: called with the bytes that have come and the bytes in total.
    """

    def __init__(
        self,
        read: Callable[..., Any],
        base_url: str,
        assets: Mapping[str, Any],
        report: Callable[[int, int], None],
    ) -> None:
        self._read = read
        self._base_url = base_url
        self._report = report
        self._sizes = {item["url"]: item["size_bytes"] for item in assets["model"]}
        self._loaded = 0

    async def read_bytes(self, path: str) -> Any:
        """A file as a JavaScript Uint8Array.

        Raises:
            AssetError: when the site does not have it.
            NetworkError: when it cannot be fetched.
        """
        url = BASE_URL + path
        if url not in self._sizes:
            raise AssetError(f"This site lacks the photograph model's {path}. Rebuild the site.")
        result = await self._read(self._base_url + url, self._sizes[url], self._count)
        if isinstance(result, str):
            raise NetworkError(
                "The model for photographs could not be loaded. Check the connection and try "
                "again.",
                detail=f"{self._base_url}{url}: {result}",
            )
        return result

    async def read_json(self, path: str) -> Any:
        """A JSON file, parsed.

        Raises:
            AssetError: when it is missing or no JSON.
            NetworkError: when it cannot be fetched.
        """
        data = (await self.read_bytes(path)).to_bytes()
        try:
            return json.loads(data)
        except ValueError as error:
            raise AssetError(
                f"{path} of the photograph model is damaged. Reload the page.", detail=str(error)
            ) from error

    async def read_names(self) -> NameTree:
        """The names of what the models know.

        Raises:
            AssetError: when they are missing or damaged.
            NetworkError: when they cannot be fetched.
        """
        return NameTree.from_dict(await self.read_json(NAMES))

    async def read_router(self) -> Router:
        """What tells photographs from drawings and from pages of text.

        Raises:
            AssetError: when it is missing or damaged.
            NetworkError: when it cannot be fetched.
        """
        return Router.from_dict(await self.read_json(ROUTER))

    def _count(self, size_bytes: int) -> None:
        total = sum(size for url, size in self._sizes.items() if url.startswith(BASE_URL))
        self._loaded = min(self._loaded + size_bytes, total)
        self._report(self._loaded, total)
