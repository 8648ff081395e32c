"""Models by name: the built-in one, folders in hub layout."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pycore.errors import ConfigurationError, UnsupportedModelError
from pycore.models.catalogue import RUNTIME_PATHS, STARTER_ID, ModelEntry
from seesay.models.built_in import BuiltInModel
from seesay.models.model_files import FolderFiles, ModelFiles, describe_file


class ModelFolder(FolderFiles):
    """A ModelFiles for a folder in hub layout that the caller names.

    Its entry names the folder, and as revision a hash of its files.

    Raises:
        UnsupportedModelError: a file that captioning needs is missing.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, str(folder), "Get the model again.")
        for path in RUNTIME_PATHS:
            if not (folder / path).is_file():
                raise UnsupportedModelError(f"{folder} has no {path}.")
        files = tuple(describe_file(folder, path) for path in RUNTIME_PATHS)
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


class ModelFinder:
    """Finds the files of models."""

    def find(self, name: str) -> ModelFiles:
        """Return the files of a model that is ready.

        Raises:
            ConfigurationError: there is no model of that name.
            AssetError: it is not on this machine, or is damaged.
        """
        if name == STARTER_ID:
            return BuiltInModel()
        if Path(name).is_dir():
            return ModelFolder(Path(name).resolve())
        raise ConfigurationError(f"There is no model and no folder named {name}.")
