"""Files of a model that comes with the site: read from the site itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pycore.errors import AssetError, NetworkError
from pycore.json_data import parse_json


class SiteFiles:
    """The files of one folder of the site.

    Args:
        read: ``readBytes`` of read_bytes.mjs.
        base_url: of the site, with a slash at its end.
        folder: of the model, relative to that, with a slash at its end.
        assets: the parsed assets.json.
        name: of the model, for sentences: "the built-in model".
    """

    def __init__(
        self,
        read: Callable[..., Any],
        base_url: str,
        folder: str,
        assets: Mapping[str, Any],
        name: str,
    ) -> None:
        self._read = read
        self._base_url = base_url
        self._folder = folder
        self._name = name
        self.sizes: Mapping[str, int] = {
            item["url"].removeprefix(folder): item["size_bytes"]
            for item in assets["model"]
            if item["url"].startswith(folder)
        }

    async def read_bytes(self, path: str, count: Callable[[int], None]) -> Any:
        """A file as a JavaScript Uint8Array, which the caller owns.

        Args:
            path: inside the folder.
            count: told how many more bytes have come.

        Raises:
            AssetError: when the site does not have it.
            NetworkError: when it cannot be fetched.
        """
        if path not in self.sizes:
            raise AssetError(f"{path} of {self._name} is missing on this site. Rebuild the site.")
        url = self._folder + path
        result = await self._read(self._base_url + url, self.sizes[path], count)
        if isinstance(result, str):
            name = self._name[0].upper() + self._name[1:]
            message = f"{name} could not be loaded. Check the connection and try again."
            if result.startswith("HTTP "):
                message = (
                    f"{url} could not be loaded: the server answers {result[5:]}. Reload the page."
                )
            raise NetworkError(message, detail=f"{self._base_url}{url}: {result}")
        return result

    async def read_json(self, path: str, count: Callable[[int], None]) -> Any:
        """A JSON file, parsed; arguments as for ``read_bytes``.

        Raises:
            AssetError: when it is missing or no JSON.
            NetworkError: when it cannot be fetched.
        """
        data = (await self.read_bytes(path, count)).to_bytes()
        try:
            return parse_json(data)
        except ValueError as error:
            raise AssetError(
                f"{path} of {self._name} is damaged. Reload the page.", detail=str(error)
            ) from error
