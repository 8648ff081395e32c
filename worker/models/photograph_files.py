"""The files of the photograph models, which come with the site."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pycore.recognition.router import Router
from worker.models.site_files import SiteFiles

if TYPE_CHECKING:
    from pycore.recognition.name_tree import NameTree

BASE_URL = "models/photo/"
CONFIG = "config.json"
NAMES = "names.json"
ROUTER = "router.json"
_READ = (".json", ".onnx")
"""The folder has pages about the models, too, which nobody here reads."""


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
        self._files = SiteFiles(read, base_url, BASE_URL, assets, "the model for photographs")
        self._base_url = base_url
        self._report = report
        self._loaded = 0
        sizes = self._files.sizes.items()
        self._needed = {
            path: size for path, size in sizes if path.endswith(_READ) and path != ROUTER
        }

    def addresses(self) -> list[str]:
        """Return where the files are that a photograph needs, once it is known to be one."""
        return [f"{self._base_url}{BASE_URL}{path}" for path in self._needed]

    async def read_bytes(self, path: str) -> Any:
        """A file as a JavaScript Uint8Array.

        Raises:
            AssetError: when the site does not have it.
            NetworkError: when it cannot be fetched.
        """
        return await self._files.read_bytes(path, self._count)

    async def read_json(self, path: str) -> Any:
        """A JSON file, parsed.

        Raises:
            AssetError: when it is missing or no JSON.
            NetworkError: when it cannot be fetched.
        """
        return await self._files.read_json(path, self._count)

    async def read_names(self) -> NameTree:
        """The names of what the models know.

        Raises:
            AssetError: when they are missing or damaged.
            NetworkError: when they cannot be fetched.
        """
        from pycore.recognition.name_tree import NameTree  # noqa: PLC0415 - not for drawings

        return NameTree.from_dict(await self.read_json(NAMES))

    async def read_router(self) -> Router:
        """What tells photographs from drawings and from pages of text.

        Raises:
            AssetError: when it is missing or damaged.
            NetworkError: when it cannot be fetched.
        """
        return Router.from_dict(await self.read_json(ROUTER))

    def _count(self, size_bytes: int) -> None:
        total = sum(self._needed.values())
        self._loaded = min(self._loaded + size_bytes, total)
        self._report(self._loaded, total)
