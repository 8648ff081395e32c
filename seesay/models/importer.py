"""Take a model from files that a person named: loose ones, folders, or zips."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pycore.download.offers import OfferedFile, candidates, read_pieces, unpack_zips
from pycore.errors import AssetError
from seesay.models.file_download import part_of

if TYPE_CHECKING:
    from pycore.models.catalogue import ModelFile
    from seesay.jobs import EventStop
    from seesay.models.transfer import Transfer


@contextmanager
def offered(paths: Iterable[Path]) -> Iterator[list[OfferedFile]]:
    """Give the files at these paths, and those in folders and zips; they are open meanwhile.

    Raises:
        AssetError: one cannot be read.
    """
    with ExitStack() as opened:
        yield unpack_zips([_offer(path, opened) for path in _files_in(paths)])


def _files_in(paths: Iterable[Path]) -> list[Path]:
    return [
        file
        for path in paths
        for file in (sorted(path.rglob("*")) if path.is_dir() else [path])
        if not file.is_dir()
    ]


def _offer(path: Path, opened: ExitStack) -> OfferedFile:
    try:
        size_bytes = path.stat().st_size
    except OSError as error:
        reason = error.strerror or str(error)
        raise AssetError(f"{path} cannot be read: {reason}.", detail=str(error)) from error
    return OfferedFile(path.as_posix(), size_bytes, lambda: opened.enter_context(path.open("rb")))


def import_file(
    file: ModelFile,
    target: Path,
    offers: Sequence[OfferedFile],
    transfer: Transfer,
    stop: EventStop,
) -> bool:
    """Copy the offer that is this file; False when none is.

    Args:
        file: of the model.
        target: where it belongs.
        offers: any files.
        transfer: told how far it is.
        stop: ends it.

    Raises:
        AssetError: an offer cannot be read.
        CancelledError: stopped.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f"{target.name}.new")
    before = transfer.loaded
    try:
        for offer in candidates(file, offers):
            digest = hashlib.sha256()
            with fresh.open("wb") as copy:
                for piece in read_pieces(offer):
                    stop.raise_if_cancelled()
                    digest.update(piece)
                    copy.write(piece)
                    transfer.count(len(piece), "importing")
            if digest.hexdigest() == file.sha256:
                fresh.replace(target)
                part_of(target).unlink(missing_ok=True)
                return True
            transfer.count(before - transfer.loaded, "importing")
        return False
    finally:  # stopped, or an offer that cannot be read: half a file is nobody's
        fresh.unlink(missing_ok=True)
