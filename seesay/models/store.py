"""Models on this machine: fetch, resume, verify, import, forget.

Files lie as on the hub, in ``<home>/models/<owner>--<name>/<revision>/``. One that is there under
its own name was verified when it came; what is not whole is called ``.part``. Nothing is fetched
unasked: only ``download`` uses the network.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pycore.download.offers import incomplete
from pycore.download.origins import DEFAULT_HUB, HubOrigin, hub_host
from pycore.errors import AssetError, ConfigurationError, NetworkError
from pycore.models.catalogue import HUB_ENTRIES, STARTER_ID, ModelEntry, ModelFile
from pycore.models.megabytes import megabytes
from seesay.models.file_download import FileDownload, part_of
from seesay.models.importer import import_file, offered
from seesay.models.model_files import FolderFiles, pieces_of
from seesay.models.network import open_network
from seesay.models.pins import Pins
from seesay.models.places import HUB_VARIABLE, folder_of, home, writing
from seesay.models.transfer import Transfer

if TYPE_CHECKING:
    from pycore.download.retrying_stream import Network
    from seesay.jobs import EventStop, OnProgress


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """What is known of a model, and what this machine has of it.

    Attributes:
        model: what to pass as ``model``.
        name: what a person reads.
        description: one sentence on what it is good for.
        repository: on the hub; empty for the built-in model.
        revision: the commit.
        licence: SPDX name; empty when unknown.
        source_url: where a person reads about it.
        state: builtin: comes with the package; ready: here, verified; partial; absent.
        size_bytes: of all its files.
        stored_bytes: of it on this machine.
        folder: where it lies.
    """

    model: str
    name: str
    description: str
    repository: str
    revision: str
    licence: str
    source_url: str
    state: Literal["builtin", "ready", "partial", "absent"]
    size_bytes: int
    stored_bytes: int
    folder: str


class StoredModel(FolderFiles):
    """A ModelFiles for a model that is ready on this machine."""

    def __init__(self, entry: ModelEntry, folder: Path, name: str) -> None:
        super().__init__(folder, entry.name, f"Run: seesay model download {name}")
        self.entry = entry


class ModelStore:
    """All models on this machine but for the built-in one.

    Args:
        base: folder that keeps them; None for ``places.home()``.
        hub: address of a mirror with the hub's layout; None for SEESAY_HUB, or the hub itself.
        network: asks it; None for this machine's.

    Raises:
        ConfigurationError: the hub's address is none.
    """

    def __init__(
        self, base: Path | None = None, hub: str | None = None, network: Network | None = None
    ) -> None:
        self.base = base or home()
        self._hub = hub or os.environ.get(HUB_VARIABLE) or DEFAULT_HUB
        hub_host(self._hub)
        self._network = network or open_network()
        self._pins = Pins(self.base, self._hub, self._network)

    def names(self) -> list[str]:
        """Return the name of every model that is known here."""
        return [*HUB_ENTRIES, *self._pins.names()]

    def status(self, name: str) -> ModelStatus:
        """Tell what is here of a model; nothing is fetched.

        Raises:
            ConfigurationError: there is no model of that name.
            AssetError: nothing is known of it here.
        """
        entry = self._entry(name)
        folder = folder_of(self.base, entry)
        stored = sum(min(_stored_bytes(folder, file), file.size_bytes) for file in entry.files)
        is_whole = all(_is_there(folder, file) for file in entry.files)
        return ModelStatus(
            model=name,
            name=entry.name,
            description=entry.description,
            repository=entry.repository,
            revision=entry.revision,
            licence=entry.licence,
            source_url=entry.source_url,
            state="ready" if is_whole else "partial" if stored else "absent",
            size_bytes=entry.size_bytes,
            stored_bytes=stored,
            folder=str(folder),
        )

    def open(self, name: str) -> StoredModel:
        """Return a model that is ready.

        Raises:
            ConfigurationError: there is no model of that name.
            AssetError: it is not here; the sentence says how much is.
        """
        status = self.status(name)
        if status.state != "ready":
            raise AssetError(
                f"The model {name} is not on this machine: {megabytes(status.stored_bytes)} of "
                f"{megabytes(status.size_bytes)} are here. Run: seesay model download {name}"
            )
        return StoredModel(self._entry(name), Path(status.folder), name)

    def download(self, name: str, on_progress: OnProgress | None, stop: EventStop) -> ModelStatus:
        """Bring every file of a model to this machine and verify it.

        Goes on where an earlier download ended.

        Args:
            name: of the model; of one that the catalogue does not know a reference.
            on_progress: told how far it is.
            stop: ends it; what has come is kept.

        Raises:
            ConfigurationError: there is no model of that name.
            NetworkError: after bounded retries; what has come is kept.
            AssetError: a host offers something else than the file.
            StorageError: it cannot be written.
            CancelledError: stopped.
        """
        entry = self._find(name) or self._pins.look_up(name, stop)
        folder = folder_of(self.base, entry)
        origin = HubOrigin(self._hub, entry)
        transfer = Transfer(entry.size_bytes, on_progress)
        try:
            with writing(folder.parent):
                # Small files first: a wrong address shows at once, not after 200 MB.
                for file in sorted(entry.files, key=lambda file: file.size_bytes):
                    stop.raise_if_cancelled()
                    transfer.file = file.path
                    if _is_there(folder, file):
                        transfer.count(file.size_bytes, "checking")
                        continue
                    target = folder / file.path
                    FileDownload(file, target, origin, self._network, transfer, stop).run()
        except NetworkError as error:
            kept = self.status(name).stored_bytes
            note = f" The {megabytes(kept)} that have arrived are kept." if kept else ""
            raise NetworkError(error.message + note, detail=error.detail) from error
        return self.status(name)

    def verify(self, name: str, on_progress: OnProgress | None, stop: EventStop) -> ModelStatus:
        """Read every file that is here, and throw away what is not as it should be.

        Raises:
            ConfigurationError: there is no model of that name.
            AssetError: a file was damaged, or nothing is known of the model here.
            StorageError: a file cannot be read, or not be thrown away.
            CancelledError: stopped.
        """
        entry = self._entry(name)
        folder = folder_of(self.base, entry)
        transfer = Transfer(entry.size_bytes, on_progress)
        damaged = []
        with writing(folder.parent):
            for file in entry.files:
                target = folder / file.path
                if not target.is_file():
                    continue
                transfer.file = file.path
                digest = hashlib.sha256()
                for piece in pieces_of(target):
                    stop.raise_if_cancelled()
                    digest.update(piece)
                    transfer.count(len(piece), "checking")
                if digest.hexdigest() != file.sha256:
                    target.unlink()
                    damaged.append(file.path)
        if damaged:
            raise AssetError(
                f"Damaged and thrown away: {', '.join(damaged)}. Run: seesay model download {name}"
            )
        return self.status(name)

    def import_files(
        self, name: str, paths: Iterable[Path], on_progress: OnProgress | None, stop: EventStop
    ) -> ModelStatus:
        """Take a model from files, folders and zips; no network.

        Files are told by content; those that are right are kept even when others are missing.

        Raises:
            ConfigurationError: there is no model of that name.
            AssetError: files are missing, are not this model's, or cannot be read.
            StorageError: they cannot be written.
            CancelledError: stopped; whole files are kept.
        """
        with offered(paths) as offers:
            entry = self._find(name) or self._pins.pin_offered(name, offers)
            folder = folder_of(self.base, entry)
            transfer = Transfer(entry.size_bytes, on_progress)
            missing = []
            with writing(folder.parent):
                for file in entry.files:
                    transfer.file = file.path
                    if _is_there(folder, file):
                        transfer.count(file.size_bytes, "importing")
                    elif not import_file(file, folder / file.path, offers, transfer, stop):
                        missing.append(file)
        if missing:
            raise incomplete(entry, missing, offers)
        return self.status(name)

    def remove(self, name: str) -> None:
        """Forget a model, and free its room.

        Raises:
            ConfigurationError: there is no model of that name.
            StorageError: it cannot be removed.
        """
        entry = self._find(name)
        if entry is None:
            return
        folder = folder_of(self.base, entry)
        with writing(folder.parent):  # not in the folder: Windows removes no file that is open
            if folder.exists():
                shutil.rmtree(folder)
        self._pins.forget(entry)

    def _find(self, name: str) -> ModelEntry | None:
        """Return a model's entry; None while nobody has asked for it here."""
        if name in HUB_ENTRIES:
            return HUB_ENTRIES[name]
        if "/" not in name:
            known = ", ".join((STARTER_ID, *HUB_ENTRIES))
            raise ConfigurationError(
                f"There is no model and no folder named {name}. The models are {known}."
            )
        return self._pins.find(name)

    def _entry(self, name: str) -> ModelEntry:
        entry = self._find(name)
        if entry is None:
            raise AssetError(
                f"The model {name} is not on this machine. Run: seesay model download {name}"
            )
        return entry


def _is_there(folder: Path, file: ModelFile) -> bool:
    path = folder / file.path
    return path.is_file() and path.stat().st_size == file.size_bytes


def _stored_bytes(folder: Path, file: ModelFile) -> int:
    target = folder / file.path
    return sum(path.stat().st_size for path in (target, part_of(target)) if path.is_file())
