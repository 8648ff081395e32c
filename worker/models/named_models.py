"""Models of the hub by the names that people call them, and what this device has of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pycore.errors import ConfigurationError
from pycore.models.catalogue import HUB_ENTRIES, STARTER_ID, ModelEntry
from pycore.models.reference import parse_model_reference
from worker.models.stored_model import ModelNotHereError, StoredModel

if TYPE_CHECKING:
    from pycore.download.fetcher import StopSignal
    from pycore.download.transfer_meter import ProgressListener
    from worker.models.store import ModelStore


class NamedModels:
    """Finds, opens and downloads.

    Args:
        store: of this device.
    """

    def __init__(self, store: ModelStore) -> None:
        self._store = store

    async def find(self, name: str) -> ModelEntry | None:
        """Return the entry of a model; None while nobody has asked for it here.

        Args:
            name: of the catalogue, or a reference: ``owner/name@revision``.

        Raises:
            ConfigurationError: the name is none.
        """
        if name in HUB_ENTRIES:
            return HUB_ENTRIES[name]
        if "/" not in name:
            known = ", ".join((STARTER_ID, *HUB_ENTRIES))
            raise ConfigurationError(f"There is no model named {name}. The models are {known}.")
        return await (await self._store.pinned()).find(parse_model_reference(name))

    async def entry(self, name: str) -> ModelEntry:
        """Return the entry of a model that is known here.

        Raises:
            ConfigurationError: there is none of that name.
            ModelNotHereError: nobody has asked for it here.
        """
        entry = await self.find(name)
        if entry is None:
            message = f"The model {name} is not on this device. Download or import it first."
            raise ModelNotHereError(message)
        return entry

    async def open(self, name: str) -> StoredModel:
        """Return a model that is ready on this device.

        Raises:
            ConfigurationError: there is none of that name.
            ModelNotHereError: it must be downloaded or imported first.
        """
        return await self._store.open(await self.entry(name))

    async def download(self, name: str, listener: ProgressListener, stop: StopSignal) -> None:
        """Bring a model to this device; one that nobody has asked for is pinned first.

        Raises:
            ConfigurationError: there is none of that name.
            NetworkError: after bounded retries; what has come is kept.
            AssetError: a host offers something else than the model.
            CancelledError: cancelled.
        """
        entry = await self.find(name)
        if entry is None:
            pinned = await self._store.pinned()
            found = await pinned.look_up(parse_model_reference(name), stop)
            entry = await pinned.pin(found, stop)
        await self._store.download(entry, listener, stop)
