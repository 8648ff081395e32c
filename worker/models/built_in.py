"""The model that comes with the site: read from the site's own files, in hub layout."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from pycore.models.catalogue import DERIVED_FOLDER, STARTER_BASE_URL, ModelEntry, starter_entry
from worker.models.site_files import SiteFiles

SETTINGS_PATH = "seesay.json"

ReportBytes = Callable[[int, int, Literal["site"]], None]
"""Called with the bytes loaded, the bytes in total, and where they come from."""


class BuiltInModel:
    """A ModelFiles (worker/inference/model_files.py) for the starter.

    Args:
        read: ``readBytes`` of read_bytes.mjs.
        base_url: of the site, with a slash at its end.
        assets: the parsed assets.json.
        report: told how many bytes have come.
    """

    def __init__(
        self,
        read: Callable[..., Any],
        base_url: str,
        assets: Mapping[str, Any],
        report: ReportBytes,
    ) -> None:
        self._files = SiteFiles(read, base_url, STARTER_BASE_URL, assets, "the built-in model")
        self._report = report
        self._assets = assets
        self._loaded = 0
        self.entry: ModelEntry = starter_entry(assets, {"confidence_threshold": 0})

    @classmethod
    async def open(cls, bridge: Any, report: ReportBytes) -> BuiltInModel:
        """Find the model, and read what it says about itself.

        Args:
            bridge: what boot.mjs hands over.
            report: told how many bytes have come.

        Raises:
            AssetError: when the site does not have it, or it is damaged.
            NetworkError: when it cannot be fetched.
        """
        model = cls(bridge.readBytes, bridge.baseUrl, bridge.assets.to_py(), report)
        model.entry = starter_entry(model._assets, await model.read_json(SETTINGS_PATH))
        return model

    async def read_json(self, path: str) -> Any:
        """A JSON file, parsed.

        Raises:
            AssetError: when it is missing or no JSON.
            NetworkError: when it cannot be fetched.
        """
        return await self._files.read_json(path, self._count)

    async def read_bytes(self, path: str) -> Any:
        """A file as a JavaScript Uint8Array, which the caller owns.

        Raises:
            AssetError: when it is missing.
            NetworkError: when it cannot be fetched.
        """
        return await self._files.read_bytes(path, self._count)

    async def read_derived(self, name: str) -> bytes | None:
        """What the site's build has derived from the model; None when it is not among that."""
        path = DERIVED_FOLDER + name
        if path not in self._files.sizes:
            return None
        data: bytes = (await self._files.read_bytes(path, lambda _size_bytes: None)).to_bytes()
        return data

    async def write_derived(self, name: str, data: bytes) -> None:
        """Keep nothing: what can be derived from so small a model is derived each time."""

    def _count(self, size_bytes: int) -> None:
        self._loaded += size_bytes
        self._report(self._loaded, self.entry.size_bytes, "site")
