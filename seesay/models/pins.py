"""Models that the catalogue does not know: looked up on the hub once, then pinned.

Trust on first use: what the hub gave then is what the name means from then on, even when the
branch that it names moves; removing the model forgets that.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pycore.download.offers import OfferedFile, named, read_pieces
from pycore.download.small_fetch import fetch_json, fetch_small
from pycore.errors import StorageError
from pycore.families import check_model
from pycore.json_data import parse_json
from pycore.models.catalogue import ModelEntry, ModelFile, entry_of
from pycore.models.found import FoundModel, check_small_file, describe_url, read_description
from pycore.models.layouts import FLORENCE2_PATHS
from pycore.models.model_json import parse_model_json
from pycore.models.reference import ModelReference, parse_model_reference, resolve_url
from seesay.models.places import writing
from seesay.run_now import run_now

if TYPE_CHECKING:
    from pycore.download.retrying_stream import Network
    from seesay.jobs import EventStop

_FILE = "pins.json"


class Pins:
    """Remembers what references mean.

    Args:
        base: folder that keeps them.
        hub: that is asked.
        network: asks it.
    """

    def __init__(self, base: Path, hub: str, network: Network) -> None:
        self._base = base
        self._hub = hub
        self._network = network

    def names(self) -> list[str]:
        """Return every reference that was pinned.

        Raises:
            StorageError: the pins cannot be read.
        """
        return sorted(self._read())

    def find(self, name: str) -> ModelEntry | None:
        """Return the entry that was pinned under a reference, None when there is none.

        Raises:
            ConfigurationError: the name is no reference.
            StorageError: the pins cannot be read.
        """
        reference = parse_model_reference(name)
        pin = self._read().get(str(reference))
        if pin is None:
            return None
        pinned = ModelReference(reference.repository, pin["revision"])
        return entry_of(pinned, [ModelFile(**file) for file in pin["files"]])

    def look_up(self, name: str, stop: EventStop) -> ModelEntry:
        """Ask the hub what a reference means, and from now on mean that.

        Raises:
            ConfigurationError: the name is no reference.
            NetworkError: the hub cannot be asked, or has no such model.
            AssetError: its answer cannot be understood, or Seesay cannot run the model.
            StorageError: the pin cannot be written.
            CancelledError: stopped.
        """
        reference = parse_model_reference(name)
        url = describe_url(self._hub, reference)
        described = run_now(fetch_json(self._network.fetcher, url, stop))
        found = read_description(reference, described)
        files = [self._hashed(found, position, stop) for position in range(len(found.files))]
        return self._remember(entry_of(found.reference, files), {reference, found.reference})

    def pin_offered(self, name: str, offers: Sequence[OfferedFile]) -> ModelEntry:
        """Without the hub, on the word of whoever chose the files: these are the model's.

        Raises:
            AssetError: a file that captioning needs is missing, or Seesay cannot run the model.
            ConfigurationError: the name is no reference to a commit.
            StorageError: the pin cannot be written.
        """
        reference = parse_model_reference(name)
        files = []
        found = {path: offer for path in FLORENCE2_PATHS if (offer := named(path, offers))}
        for path, offer in found.items():
            if path == "config.json":
                check_model(parse_model_json(path, b"".join(read_pieces(offer))), found)
            files.append(ModelFile(path, offer.size_bytes, sha256_of_offer(offer)))
        return self._remember(entry_of(reference, files), {reference})

    def forget(self, entry: ModelEntry) -> None:
        """Forget every name that means this commit.

        Raises:
            StorageError: that cannot be written.
        """
        with writing(self._base):
            kept = {
                name: pin
                for name, pin in self._read().items()
                if name.partition("@")[0] != entry.repository or pin["revision"] != entry.revision
            }
            self._write(kept)

    def _hashed(self, found: FoundModel, position: int, stop: EventStop) -> ModelFile:
        file = found.files[position]
        if file.sha256 is not None:
            return ModelFile(file.path, file.size_bytes, file.sha256)
        url = resolve_url(self._hub, found.reference, file.path)
        data = run_now(fetch_small(self._network.fetcher, url, stop))
        check_small_file(found, file, data)
        if file.path == "config.json":
            check_model(parse_model_json(file.path, data), [one.path for one in found.files])
        return ModelFile(file.path, file.size_bytes, hashlib.sha256(data).hexdigest())

    def _remember(self, entry: ModelEntry, references: set[ModelReference]) -> ModelEntry:
        pin = {"revision": entry.revision, "files": [asdict(file) for file in entry.files]}
        with writing(self._base):  # before the others are read: another process may add one
            self._write({**self._read(), **{str(reference): pin for reference in references}})
        return entry

    def _read(self) -> dict[str, Any]:
        path = self._base / _FILE
        try:
            pins = parse_json(path.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise _unreadable(path, str(error)) from error
        if not isinstance(pins, dict):
            raise _unreadable(path, type(pins).__name__)
        return pins

    def _write(self, pins: dict[str, Any]) -> None:
        fresh = self._base / f"{_FILE}.new"
        fresh.write_text(json.dumps(pins, indent=1), encoding="utf-8")
        fresh.replace(self._base / _FILE)


def _unreadable(path: Path, detail: str) -> StorageError:
    return StorageError(
        f"{path}, which remembers what names of models mean, cannot be read. Move it away, and "
        "download those models again; what is here of them is kept.",
        detail=detail,
    )


def sha256_of_offer(offer: OfferedFile) -> str:
    """Return an offer's SHA-256, in hexadecimal digits.

    Raises:
        AssetError: it cannot be read.
    """
    digest = hashlib.sha256()
    for piece in read_pieces(offer):
        digest.update(piece)
    return digest.hexdigest()
