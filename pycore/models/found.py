"""What a hub tells about a model before anything of it is fetched."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pycore.errors import AssetError
from pycore.models.catalogue import ModelFile, entry_of
from pycore.models.layouts import runtime_paths
from pycore.models.reference import ModelReference


@dataclass(frozen=True, slots=True)
class FoundFile:
    """What the hub tells about a file.

    Attributes:
        sha256: of large files; the hub tells only git's hash of small ones.
        blob_id: git's SHA-1 of the file, or of the pointer to it.
    """

    path: str
    size_bytes: int
    sha256: str | None
    blob_id: str


@dataclass(frozen=True, slots=True)
class FoundModel:
    """What the hub tells about a model.

    Attributes:
        asked: the reference that was looked up, perhaps a branch.
        reference: the commit that it means now.
        files: those that captioning needs.
    """

    asked: ModelReference
    reference: ModelReference
    files: tuple[FoundFile, ...]

    @property
    def size_bytes(self) -> int:
        """Size of all files together."""
        return sum(file.size_bytes for file in self.files)


def describe_url(hub: str, reference: ModelReference) -> str:
    """Give the address at which a hub describes a model."""
    revision = quote(reference.revision, safe="")
    return f"{hub.rstrip('/')}/api/models/{reference.repository}/revision/{revision}?blobs=true"


def read_description(reference: ModelReference, described: Any) -> FoundModel:
    """Read what a hub answers there.

    Args:
        reference: that was asked for.
        described: the answer, parsed.

    Raises:
        AssetError: it cannot be understood, or is about a model that Seesay cannot run.
    """
    try:
        commit = str(described["sha"])
        siblings = {str(sibling["rfilename"]): sibling for sibling in described["siblings"]}
        paths = runtime_paths(siblings, reference.repository)
        files = tuple(_found_file(siblings[path]) for path in paths)
    except (LookupError, TypeError, ValueError) as error:
        message = f"The hub's description of {reference.repository} cannot be understood."
        raise AssetError(message, detail=f"{type(error).__name__}: {error}") from error
    found = FoundModel(reference, ModelReference(reference.repository, commit), files)
    # Says so when the revision is no commit.
    entry_of(found.reference, [ModelFile(file.path, file.size_bytes, "") for file in files])
    return found


def check_small_file(found: FoundModel, file: FoundFile, data: bytes) -> None:
    """Hold a small file against git's hash of it, which is all that the hub tells.

    Raises:
        AssetError: it is another file.
    """
    blob_id = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
    if blob_id != file.blob_id:
        raise AssetError(
            f"{file.path} of {found.reference.repository} is not what the hub says it is. "
            "Try again later.",
            detail=f"git hash {blob_id}, not {file.blob_id}",
        )


def _found_file(sibling: Mapping[str, Any]) -> FoundFile:
    """Read one file's description; see hub's API, ``siblings`` with ``blobs=true``.

    Raises:
        LookupError, TypeError, ValueError: when it is malformed.
    """
    lfs = sibling.get("lfs")
    size_bytes = sibling["size"]
    sha256 = str(lfs["sha256"]) if lfs else None
    if not isinstance(size_bytes, int) or size_bytes < 0:
        raise ValueError(f"size {size_bytes!r}")
    if sha256 is not None and (len(sha256) != 64 or set(sha256) - set("0123456789abcdef")):
        raise ValueError(f"sha256 {sha256!r}")
    return FoundFile(str(sibling["rfilename"]), size_bytes, sha256, str(sibling["blobId"]))
