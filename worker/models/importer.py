"""Take a model from files that the person chose: loose ones, a folder's, or a zip's."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pycore.download.offers import OfferedFile, candidates, read_pieces

if TYPE_CHECKING:
    from pycore.download.fetcher import StopSignal
    from pycore.download.transfer_meter import TransferMeter
    from worker.models.stored_file import StoredFile


async def hash_offer(offer: OfferedFile, stop: StopSignal) -> str:
    """The SHA-256 of an offer, in hexadecimal.

    Raises:
        AssetError: when it cannot be read.
        CancelledError: on a stop.
    """
    digest = hashlib.sha256()
    for data in read_pieces(offer):
        await asyncio.sleep(0)  # or else no message, a stop above all, would be heard meanwhile
        stop.raise_if_cancelled()
        digest.update(data)
    return digest.hexdigest()


async def import_file(
    stored: StoredFile, offers: Sequence[OfferedFile], meter: TransferMeter, stop: StopSignal
) -> bool:
    """Copy the offer that is this file to the device; False when none is.

    Raises:
        AssetError: when an offer cannot be read.
        CancelledError: on a stop.
    """
    before = meter.loaded
    for offer in candidates(stored.file, offers):
        if await _copy(stored, offer, meter, stop):
            await stored.mark_verified()
            return True
        await stored.forget()
        meter.count(before - meter.loaded, "importing", "device")
    return False


async def _copy(
    stored: StoredFile, offer: OfferedFile, meter: TransferMeter, stop: StopSignal
) -> bool:
    digest = hashlib.sha256()
    for piece, data in zip(stored.pieces, read_pieces(offer), strict=True):
        await asyncio.sleep(0)  # writing to memory waits for nothing: see hash_offer
        stop.raise_if_cancelled()
        digest.update(data)
        await stored.write(piece, data)
        meter.count(len(data), "importing", "device")
    return digest.hexdigest() == stored.file.sha256
