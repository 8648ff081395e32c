"""The models that come with the package: the starter, and what it looks at photographs with."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pycore.errors import AssetError
from pycore.models.catalogue import STARTER_BASE_URL, starter_entry
from pycore.recognition.name_tree import NameTree
from pycore.recognition.router import Router
from seesay.models.model_files import FolderFiles, describe_file

if TYPE_CHECKING:
    from pycore.models.catalogue import ModelEntry

_REMEDY = "Install Seesay again."
_PACKAGE = Path(__file__).resolve().parent.parent
CONFIG = "config.json"


def built_in_folder(name: str) -> Path:
    """Return the folder of ``starter`` or ``photo``.

    The wheel has them as ``seesay/weights/``; in a checkout they lie where they were made.
    """
    packed = _PACKAGE / "weights" / name
    return packed if packed.is_dir() else _PACKAGE.parent / "models" / name


class BuiltInModel(FolderFiles):
    """A ModelFiles for the starter.

    Its entry, revision included, is the one that the site makes of the same files.
    """

    def __init__(self) -> None:
        super().__init__(built_in_folder("starter"), "the built-in model", _REMEDY)

    @cached_property
    def entry(self) -> ModelEntry:
        """The model.

        Raises:
            AssetError: its files are not there.
        """
        paths = sorted(
            path.relative_to(self.folder).as_posix()
            for path in self.folder.rglob("*")
            if path.suffix in {".json", ".onnx"}
        )
        if not paths:
            raise AssetError(f"The built-in model is not there. {_REMEDY}", detail=str(self.folder))
        files = [describe_file(self.folder, path) for path in paths]
        assets = [
            {
                "url": STARTER_BASE_URL + file.path,
                "size_bytes": file.size_bytes,
                "sha256": file.sha256,
            }
            for file in files
        ]
        return starter_entry({"model": assets}, self.read_json("seesay.json"))


class PhotographFiles(FolderFiles):
    """The files of the detector and the namer."""

    def __init__(self) -> None:
        super().__init__(built_in_folder("photo"), "the model for photographs", _REMEDY)

    def read_names(self) -> NameTree:
        """The names of what the models know.

        Raises:
            AssetError: they are missing or damaged.
        """
        return NameTree.from_dict(self.read_json("names.json"))

    def read_router(self) -> Router:
        """What tells photographs from drawings and from pages of text.

        Raises:
            AssetError: it is missing or damaged.
        """
        return Router.from_dict(self.read_json("router.json"))
