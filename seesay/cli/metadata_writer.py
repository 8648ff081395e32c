"""Captions into the image files themselves, or into a sidecar where a file cannot hold them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from pycore.alt_text.draft import claimed
from pycore.errors import BrokenImageError, InputError, MetadataError, StorageError
from pycore.exports.sidecars import has_words, words_of
from pycore.metadata import ImageWords, write_metadata, xmp_sidecar
from seesay.captioner.image_input import read_path
from seesay.cli.console import complain
from seesay.cli.csv_sink import record_of
from seesay.cli.words_at_hand import sidecar_of, words_beside

if TYPE_CHECKING:
    from pycore.captioning.result import CaptionResult
    from seesay.cli.inputs import InputImage


_SURE = 0.8
"""Keywords that are less certain are guesses. On the page a person takes wrong ones away;
nobody does in files that are written unseen, and agencies refuse photographs for them."""


class MetadataWriter:
    """Writes alt text, description and keywords; what a person wrote stays.

    Args:
        guesses: write captions that are no more than a guess, too.
    """

    def __init__(self, *, guesses: bool) -> None:
        self._guesses = guesses

    def with_words(self, image: InputImage, data: bytes, result: CaptionResult) -> bytes:
        """Return an image's file with its words, for ``replace``; doing it twice changes nothing.

        Where the file cannot hold them, it stays as it is and they are written beside it.

        Raises:
            StorageError: the sidecar cannot be written.
            MetadataError: the sidecar that is there cannot be read.
        """
        if image.path is None:
            return data
        if not claimed(result.caption, result.confidence):
            complain(f"{image.name}: the model cannot tell; nothing was written into the file.")
            return data
        if result.flagged and not self._guesses:
            complain(
                f"{image.name}: the caption is a guess and was not written into the file; "
                "--write-guesses writes it."
            )
            return data
        if not self._guesses:
            certain = tuple(one for one in result.keywords if one.confidence >= _SURE)
            result = replace(result, keywords=certain)
        words = _without(words_of(record_of(image, result)), words_beside(image.path))
        if not has_words(words):
            return data
        try:
            return write_metadata(data, words)
        except (MetadataError, BrokenImageError):  # another format, or signed
            _write_sidecar(sidecar_of(image.path), words)
            return data

    def replace(self, path: Path, data: bytes, changed: bytes) -> None:
        """Put a file with words in the place of the one without.

        Raises:
            StorageError: the file cannot be written, or has changed since it was read.
        """
        _check_unchanged(path, data)
        replace_file(path, changed)


def replace_file(path: Path, data: bytes) -> None:
    """Put new bytes in a file's place in one step; rights and times stay.

    Raises:
        StorageError: it cannot be written; the old file is as it was.
    """
    fresh = None
    try:
        place = path.resolve()  # a link stays a link
        with NamedTemporaryFile(dir=place.parent, prefix=".seesay-", delete=False) as file:
            fresh = Path(file.name)
            file.write(data)
        if place.exists():
            shutil.copystat(place, fresh)
        else:
            fresh.chmod(0o644)
        fresh.replace(place)
    except OSError as error:
        if fresh is not None:
            fresh.unlink(missing_ok=True)
        message = f"{path} could not be written: {error.strerror or error}."
        raise StorageError(message, detail=str(error)) from error


def _without(words: ImageWords, beside: ImageWords) -> ImageWords:
    """Leave out what a person says in a sidecar: the file is not to say something else."""
    texts = ("alt_text", "extended_description", "description")
    known = {word.casefold() for word in beside.keywords}
    return replace(
        words,
        **{name: "" for name in texts if getattr(beside, name)},
        keywords=tuple(word for word in words.keywords if word.casefold() not in known),
    )


def _write_sidecar(path: Path, words: ImageWords) -> None:
    try:
        existing = path.read_bytes()
    except FileNotFoundError:
        existing = None
    except OSError as error:
        message = f"{path} could not be read: {error.strerror or error}."
        raise StorageError(message, detail=str(error)) from error
    replace_file(path, xmp_sidecar(words, existing))


def _check_unchanged(path: Path, data: bytes) -> None:
    """Refuse to write over what another program has made of a file meanwhile.

    The bytes are compared, since clocks of file systems are too coarse to tell.

    Raises:
        StorageError: it is not as it was read.
    """
    try:
        is_same = read_path(path) == data
    except InputError:
        is_same = False
    if not is_same:
        raise StorageError(
            "The file has changed since it was read, and was left alone. Caption it again."
        )
