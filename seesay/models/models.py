"""``captioner.models``: models by name, with the names of the JavaScript API."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from pycore.errors import ConfigurationError, UnsupportedModelError
from pycore.families import family_of
from pycore.models.catalogue import STARTER_ID, ModelEntry
from seesay.jobs import EventStop
from seesay.models.built_in import BuiltInModel
from seesay.models.model_files import FolderFiles, ModelFiles, describe_file
from seesay.models.store import ModelStatus, ModelStore

if TYPE_CHECKING:
    from seesay.jobs import OnProgress


class ModelFolder(FolderFiles):
    """A ModelFiles for a folder in hub layout that the caller names.

    Its entry names the folder, and as revision a hash of its files.

    Raises:
        UnsupportedModelError: a file that captioning needs is missing.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, str(folder), "Get the model again.")
        if not (folder / "config.json").is_file():
            raise UnsupportedModelError(f"{folder} has no config.json.")
        paths = family_of(self.read_json("config.json")).runtime_paths
        for path in paths:
            if not (folder / path).is_file():
                raise UnsupportedModelError(f"{folder} has no {path}.")
        files = tuple(describe_file(folder, path) for path in paths)
        digests = "".join(sorted(f"{file.sha256} {file.path}\n" for file in files))
        self.entry = ModelEntry(
            id=folder.name,
            name=folder.name,
            repository="",
            revision=hashlib.sha256(digests.encode()).hexdigest()[:40],
            licence="",
            source_url="",
            description="A folder on this machine.",
            files=files,
        )


class Models:
    """Models by name: listed, fetched, verified, imported, forgotten.

    Args:
        store: keeps those that were fetched or imported.
    """

    def __init__(self, store: ModelStore) -> None:
        self._store = store

    def find(self, name: str) -> ModelFiles:
        """Return the files of a model that is ready.

        Args:
            name: "starter", a model of the catalogue, a reference, or a folder.

        Raises:
            ConfigurationError: there is no model of that name.
            AssetError: it is not on this machine, or is damaged.
        """
        if name == STARTER_ID:
            return BuiltInModel()
        if name not in self._store.names() and Path(name).is_dir():
            return ModelFolder(Path(name).resolve())
        return self._store.open(name)

    def list(self) -> list[ModelStatus]:
        """Return every model that is known here."""
        return [self.status(name) for name in (STARTER_ID, *self._store.names())]

    def status(self, model: str) -> ModelStatus:
        """Tell what is here of a model; nothing is fetched.

        Raises:
            ConfigurationError: there is no model of that name.
            AssetError: nothing is known of it here.
        """
        return _built_in() if model == STARTER_ID else self._store.status(model)

    def download(
        self,
        model: str,
        *,
        on_progress: OnProgress | None = None,
        stop: threading.Event | None = None,
    ) -> ModelStatus:
        """Fetch, verify and keep a model; goes on where an earlier download was cut.

        Raises:
            ConfigurationError: there is no model of that name.
            NetworkError: after bounded retries; what has come is kept.
            AssetError: a host offers something else than the model.
            StorageError: it cannot be written.
            CancelledError: stopped; what has come is kept.
        """
        if model == STARTER_ID:
            return _built_in()
        return self._store.download(model, on_progress, EventStop(stop))

    def verify(
        self,
        model: str,
        *,
        on_progress: OnProgress | None = None,
        stop: threading.Event | None = None,
    ) -> ModelStatus:
        """Read every file of a model, and throw away what is damaged.

        Raises:
            ConfigurationError: there is no model of that name.
            AssetError: a file was damaged, or nothing is known of the model here.
            StorageError: a file cannot be read, or not be thrown away.
            CancelledError: stopped.
        """
        if model == STARTER_ID:
            return _built_in()
        return self._store.verify(model, on_progress, EventStop(stop))

    def import_(
        self,
        model: str,
        files: Iterable[str | PathLike[str]],
        *,
        on_progress: OnProgress | None = None,
        stop: threading.Event | None = None,
    ) -> ModelStatus:
        """Take a model from files, folders, or the zip that the site exports.

        Raises:
            ConfigurationError: there is no model of that name.
            AssetError: files are missing, are not this model's, or cannot be read.
            StorageError: they cannot be written.
            CancelledError: stopped; whole files are kept.
        """
        _refuse_built_in(model)
        return self._store.import_files(model, map(Path, files), on_progress, EventStop(stop))

    def remove(self, model: str) -> None:
        """Forget a model, and free its room.

        Raises:
            ConfigurationError: there is no model of that name, or it is the built-in one.
            StorageError: it cannot be removed.
        """
        _refuse_built_in(model)
        self._store.remove(model)


def _built_in() -> ModelStatus:
    files = BuiltInModel()
    entry = files.entry
    return ModelStatus(
        model=entry.id,
        name=entry.name,
        description=entry.description,
        repository="",
        revision=entry.revision,
        licence=entry.licence,
        source_url="",
        state="builtin",
        size_bytes=entry.size_bytes,
        stored_bytes=entry.size_bytes,
        folder=str(files.folder),
    )


def _refuse_built_in(model: str) -> None:
    if model == STARTER_ID:
        raise ConfigurationError("The starter comes with Seesay; it stays as it is.")
