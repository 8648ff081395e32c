"""Models on this device: fetch, resume, verify, keep, import, export, forget.

    status = await store.status(entry)             # ready, partial or absent
    await store.download(entry, listener, stop)    # goes on where the last one ended
    model = await store.open(entry)                # read_json, read_bytes: only when verified
    await store.remove(entry)

Nothing is downloaded unasked: only ``download``, and ``pinned()`` for models that the catalogue
does not know, use the network.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any, Literal

from pycore.download.offers import OfferedFile, incomplete
from pycore.download.origins import DEFAULT_HUB, HubOrigin, Origin, SiteOrigin
from pycore.download.small_fetch import fetch_json
from pycore.download.transfer_meter import TransferMeter
from pycore.errors import AssetError, CancelledError, NetworkError
from pycore.models.megabytes import megabytes
from worker.models.exporter import export_zip
from worker.models.file_download import FileDownload
from worker.models.importer import import_file
from worker.models.pieces import FallbackPieces, StorageFullError
from worker.models.pinned import STORE_NAME as PINS_STORE
from worker.models.pinned import PinnedModels
from worker.models.stored_file import StoredFile
from worker.models.stored_model import ModelNotHereError, ModelStatus, StoredModel

if TYPE_CHECKING:
    from pycore.download.download_lock import Tabs
    from pycore.download.fetcher import StopSignal
    from pycore.download.retrying_stream import Network
    from pycore.download.transfer_meter import ProgressListener
    from pycore.models.catalogue import ModelEntry, ModelFile
    from worker.models.pieces import Device, StorageUse

STORE_PREFIX = "seesay-model-"
"""Names of model caches begin so; the service worker leaves them alone."""


class ModelStore:
    """All models on this device.

    Args:
        device: keeps the pieces.
        network: asks hosts.
        tabs: lets one tab download while others watch.
        hub: address of the hub or of a mirror.
        hosted: for models that the site itself holds, by id, the address of their manifest.
    """

    def __init__(
        self,
        device: Device,
        network: Network,
        tabs: Tabs,
        *,
        hub: str = DEFAULT_HUB,
        hosted: Mapping[str, str] | None = None,
    ) -> None:
        self.hub = hub
        self._device = device
        self._network = network
        self._tabs = tabs
        self._hosted = dict(hosted or {})
        self._opened: dict[str, FallbackPieces] = {}

    @property
    def keeps_in_memory(self) -> bool:
        """Whether something could not be kept on the device, and is gone with the worker."""
        return any(pieces.has_memory_only for pieces in self._opened.values())

    async def status(self, entry: ModelEntry) -> ModelStatus:
        """What is here, as the store itself tells; nothing is fetched."""
        store = await self.pieces(entry)
        names = await store.names()
        files = [StoredFile(file, store) for file in entry.files]
        stored_bytes = sum(file.stored_bytes(names) for file in files)
        state: Literal["ready", "partial", "absent"] = "partial" if stored_bytes else "absent"
        if all(file.is_verified(names) for file in files):
            state = "ready"
        return ModelStatus(
            state=state,
            size_bytes=entry.size_bytes,
            stored_bytes=stored_bytes,
            in_memory=store.holds_memory,
            hosted=entry.id in self._hosted,
        )

    async def open(self, entry: ModelEntry) -> StoredModel:
        """A model that is ready.

        Raises:
            ModelNotHereError: when it is not; the sentence says how much is here.
        """
        status = await self.status(entry)
        if status.state != "ready":
            raise ModelNotHereError(
                f"The model {entry.id} is not on this device: "
                f"{megabytes(status.stored_bytes)} of {megabytes(status.size_bytes)} are here. "
                "Download or import it first."
            )
        return StoredModel(entry, await self.pieces(entry), self._device)

    async def download(
        self, entry: ModelEntry, listener: ProgressListener, stop: StopSignal
    ) -> ModelStatus:
        """Bring every file of a model to this device and verify it.

        Goes on where an earlier download ended, here or in another tab. ``stop.pause()`` ends it
        with the status as it is then; ``stop.cancel()`` with CancelledError. Both keep what has
        come; ``remove`` forgets it.

        Args:
            entry: the model.
            listener: told how far it is.
            stop: pauses or cancels.

        Returns:
            The status at the end: ready, or partial when paused.

        Raises:
            NetworkError: after bounded retries; what has come is kept.
            AssetError: when a host offers something else than the file.
            CancelledError: when cancelled.
        """
        store = await self.pieces(entry)
        try:
            with closing(await self._meter(entry, listener)) as meter:
                release = await self._tabs.acquire(_store_name(entry), stop, meter.relay)
                try:
                    await self._obtain_all(entry, store, meter, stop)
                finally:
                    release()
        except CancelledError:
            if stop.reason != "paused":
                raise
        except NetworkError as error:
            kept = (await self.status(entry)).stored_bytes
            if not kept:
                raise
            note = f"{error.message} The {megabytes(kept)} that have arrived are kept."
            raise NetworkError(note, detail=error.detail) from error
        else:
            await self._forget_older(entry)
        return await self.status(entry)

    async def _obtain_all(
        self, entry: ModelEntry, store: FallbackPieces, meter: TransferMeter, stop: StopSignal
    ) -> None:
        origins = await self._origins(entry, stop)
        # Small files first: a wrong address shows at once, not after 200 MB.
        for file in sorted(entry.files, key=lambda file: file.size_bytes):
            stop.raise_if_cancelled()
            meter.file = file.path
            stored = StoredFile(file, store)
            if stored.is_verified(await store.names()):
                meter.count(file.size_bytes, "checking", "device")
                continue
            await FileDownload(stored, origins, meter, stop, self._network).run()
        meter.count(0, "checking", "device")

    async def _forget_older(self, entry: ModelEntry) -> None:
        """Drop other revisions of a model that the catalogue has moved on from."""
        own = _store_name(entry)
        for name in await self._device.stores():
            if name.startswith(f"{STORE_PREFIX}{entry.id}@") and name != own:
                await self._device.drop(name)

    async def _origins(self, entry: ModelEntry, stop: StopSignal) -> list[Origin]:
        """The site first where it holds the model, then the hub."""
        origins: list[Origin] = [HubOrigin(self.hub, entry)]
        manifest_url = self._hosted.get(entry.id)
        if manifest_url is not None:
            try:
                manifest = await fetch_json(self._network.fetcher, manifest_url, stop)
                origins.insert(0, SiteOrigin(manifest_url, manifest))
            except (NetworkError, AssetError):
                pass  # The hub has the same files under the same hashes.
        return origins

    async def import_files(
        self,
        entry: ModelEntry,
        offers: Sequence[OfferedFile],
        listener: ProgressListener,
        stop: StopSignal,
    ) -> ModelStatus:
        """Take a model from files that the person chose; no network.

        Files are told by content; those that are right are kept even when others are missing.

        Args:
            entry: the model.
            offers: the files, zips unpacked.
            listener: told how far it is.
            stop: cancels.

        Raises:
            AssetError: when files are missing, are not this model's, or cannot be read.
            CancelledError: on a stop; whole files are kept.
        """
        store = await self.pieces(entry)
        with closing(await self._meter(entry, listener)) as meter:
            release = await self._tabs.acquire(_store_name(entry), stop, meter.relay)
            try:
                missing: list[ModelFile] = []
                for file in entry.files:
                    meter.file = file.path
                    stored = StoredFile(file, store)
                    if stored.is_verified(await store.names()):
                        meter.count(file.size_bytes, "importing", "device")
                    elif not await import_file(stored, offers, meter, stop):
                        missing.append(file)
            finally:
                release()
        if missing:
            raise incomplete(entry, missing, offers)
        return await self.status(entry)

    async def export_zip(
        self, entry: ModelEntry, listener: ProgressListener, stop: StopSignal
    ) -> Any:
        """The model as one zip, for the next machine: a Blob that need not fit into memory.

        Raises:
            AssetError: when the model is not ready here.
            CancelledError: on a stop.
        """
        await self.open(entry)
        store = await self.pieces(entry)
        files = [StoredFile(file, store) for file in entry.files]
        with closing(await self._meter(entry, listener)) as meter:
            return await export_zip(files, store, self._device, meter, stop)

    async def keeps(self) -> bool:
        """Whether this device keeps anything; where it does not, models are in memory alone."""
        return not (await self._open(PINS_STORE)).holds_memory

    async def storage(self) -> StorageUse:
        """How much of this device's storage Seesay uses."""
        return await self._device.storage()

    async def remove(self, entry: ModelEntry) -> ModelStatus:
        """Forget a model and what its name was pinned to, and free its storage."""
        name = _store_name(entry)
        self._opened.pop(name, None)
        await self._device.drop(name)
        await (await self.pinned()).forget(entry)
        return await self.status(entry)

    async def pinned(self) -> PinnedModels:
        """Models that the catalogue does not know."""
        pins = await self._open(PINS_STORE)
        return PinnedModels(self.hub, self.pieces, pins, self._network.fetcher)

    async def pieces(self, entry: ModelEntry) -> FallbackPieces:
        """The store of a model's pieces."""
        return await self._open(_store_name(entry))

    async def _open(self, name: str) -> FallbackPieces:
        if name not in self._opened:
            try:
                lasting = await self._device.open(name)
            except StorageFullError:
                lasting = None
            self._opened[name] = FallbackPieces(lasting, self._device.open_memory())
        return self._opened[name]

    async def _meter(self, entry: ModelEntry, listener: ProgressListener) -> TransferMeter:
        name = _store_name(entry)
        store = await self.pieces(entry)
        return TransferMeter(
            entry.size_bytes,
            self._network.clock,
            listener,
            announce=lambda news: self._tabs.announce(name, news),
            in_memory=lambda: store.holds_memory,
        )


def _store_name(entry: ModelEntry) -> str:
    # The id of a model that the catalogue does not know names its revision already.
    name = entry.id if "@" in entry.id else f"{entry.id}@{entry.revision}"
    return STORE_PREFIX + name
