"""Models that the catalogue does not know: looked up on the hub once, then pinned.

    found = await pinned.look_up(reference, stop)   # one small request: how large, which commit
    entry = await pinned.pin(found, stop)           # after consent: fetch the small files, hash all
    entry = await pinned.find(reference)            # from then on, without the network

Trust on first use: what the hub gave then is what the name means from then on, even when the
branch that it names moves; removing the model forgets that.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING
from urllib.parse import quote

from pycore.download.offers import OfferedFile, named, read_pieces
from pycore.download.small_fetch import fetch_json, fetch_small
from pycore.families import check_model
from pycore.models.catalogue import ModelEntry, ModelFile, entry_of
from pycore.models.found import (
    FoundFile,
    FoundModel,
    check_small_file,
    describe_url,
    read_description,
)
from pycore.models.layouts import FLORENCE2_PATHS
from pycore.models.model_json import parse_model_json
from pycore.models.reference import ModelReference, resolve_url
from worker.models.importer import hash_offer
from worker.models.pieces import FallbackPieces
from worker.models.stored_file import StoredFile

if TYPE_CHECKING:
    from pycore.download.fetcher import Fetcher, StopSignal

STORE_NAME = "seesay-pins"


class PinnedModels:
    """Looks up, pins and remembers.

    Args:
        hub: address of the hub that is asked.
        open_pieces: opens the store of a model's pieces.
        pins: keeps the entries.
        fetcher: asks the hub.
    """

    def __init__(
        self,
        hub: str,
        open_pieces: Callable[[ModelEntry], Awaitable[FallbackPieces]],
        pins: FallbackPieces,
        fetcher: Fetcher,
    ) -> None:
        self._hub = hub
        self._open_pieces = open_pieces
        self._pins = pins
        self._fetcher = fetcher

    async def find(self, reference: ModelReference) -> ModelEntry | None:
        """The entry that was pinned under this reference, None when there is none."""
        data = await self._pins.read(_pin_name(reference))
        if data is None:
            return None
        pin = json.loads(data)
        pinned = ModelReference(reference.repository, pin["revision"])
        return entry_of(pinned, [ModelFile(**file) for file in pin["files"]])

    async def look_up(self, reference: ModelReference, stop: StopSignal) -> FoundModel:
        """Ask the hub what a reference means; nothing of the model is fetched.

        Raises:
            NetworkError: when the hub cannot be asked, or has no such model.
            AssetError: when its answer cannot be understood, or it is about a model that Seesay
                cannot run.
            CancelledError: on a stop.
        """
        described = await fetch_json(self._fetcher, describe_url(self._hub, reference), stop)
        return read_description(reference, described)

    async def pin(self, found: FoundModel, stop: StopSignal) -> ModelEntry:
        """Fetch a model's small files, and from now on mean exactly these files by its name.

        Raises:
            NetworkError: when a file cannot be had.
            AssetError: when a file is not what the hub's description says, or Seesay cannot run the
                model.
            CancelledError: on a stop.
        """
        small: dict[str, bytes] = {}
        files = []
        for file in found.files:
            sha256 = file.sha256
            if sha256 is None:
                small[file.path] = await self._fetch_small(found, file, stop)
                sha256 = hashlib.sha256(small[file.path]).hexdigest()
            files.append(ModelFile(file.path, file.size_bytes, sha256))
        config = parse_model_json("config.json", small.get("config.json", b""))
        check_model(config, [file.path for file in files])
        entry = entry_of(found.reference, files)
        store = await self._open_pieces(entry)
        for model_file in files:
            if model_file.path in small:
                await _keep(StoredFile(model_file, store), small[model_file.path])
        await self._remember(entry, {found.asked, found.reference})
        return entry

    async def pin_offered(
        self, reference: ModelReference, offers: Sequence[OfferedFile], stop: StopSignal
    ) -> ModelEntry:
        """Without the hub, on the word of whoever chose the files: these are the model's.

        Args:
            reference: names a commit.
            offers: files, zips unpacked.
            stop: cancels.

        Raises:
            AssetError: when a file that captioning needs is not among them, or cannot be read, or
                Seesay cannot run the model.
            ConfigurationError: when the reference names no commit.
            CancelledError: on a stop.
        """
        files = []
        found = {path: offer for path in FLORENCE2_PATHS if (offer := named(path, offers))}
        for path, offer in found.items():
            if path == "config.json":
                check_model(parse_model_json(path, b"".join(read_pieces(offer))), found)
            files.append(ModelFile(path, offer.size_bytes, await hash_offer(offer, stop)))
        entry = entry_of(reference, files)
        await self._remember(entry, {reference})
        return entry

    async def _remember(self, entry: ModelEntry, references: set[ModelReference]) -> None:
        pin = {"revision": entry.revision, "files": [asdict(file) for file in entry.files]}
        for reference in references:
            await self._pins.write(_pin_name(reference), json.dumps(pin).encode())

    async def forget(self, entry: ModelEntry) -> None:
        """Forget what was pinned for a model: every name that means this commit."""
        for name in await self._pins.names():
            data = await self._pins.read(name)
            is_same = name.startswith(quote(f"{entry.repository}@", safe=""))
            if is_same and data is not None and json.loads(data)["revision"] == entry.revision:
                await self._pins.delete([name])

    async def _fetch_small(self, found: FoundModel, file: FoundFile, stop: StopSignal) -> bytes:
        url = resolve_url(self._hub, found.reference, file.path)
        data = await fetch_small(self._fetcher, url, stop)
        check_small_file(found, file, data)
        return data


async def _keep(stored: StoredFile, data: bytes) -> None:
    for piece in stored.pieces:
        await stored.write(piece, data[piece.start : piece.start + piece.size_bytes])
    await stored.mark_verified()


def _pin_name(reference: ModelReference) -> str:
    return quote(str(reference), safe="")
