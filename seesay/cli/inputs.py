"""What to caption: files, folders, patterns, lists of names, standard input."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pycore.errors import InputError
from seesay.captioner.image_folder import images_in
from seesay.captioner.image_input import read_input, read_path

STDIN = "-"
_MAGIC = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class InputImage:
    """One image to caption.

    Attributes:
        name: as it is shown: the path as it was given, or ``-``.
        path: of the file; None for standard input.
        error: why there is none, for arguments that mean no image.
    """

    name: str
    path: Path | None
    error: InputError | None = None

    def read(self) -> bytes:
        """Return its bytes.

        Raises:
            InputError: it cannot be read, or is too large.
        """
        if self.error is not None:
            raise self.error
        return read_path(self.path) if self.path else read_input(_standard_input())


def find_images(arguments: Iterable[str]) -> Iterator[InputImage]:
    """Yield the images that arguments mean, each file once.

    Args:
        arguments: files; folders, searched to any depth; patterns, where ``**`` means any depth;
            or ``-`` for an image on standard input. One that means no image comes back as an image
            that cannot be read.
    """
    seen: set[str] = set()
    for argument in arguments:
        for image in _expand(argument):
            # Links stay; standard input is no file of that name.
            place = STDIN if argument == STDIN else os.path.abspath(image.path or image.name)  # noqa: PTH100
            if place not in seen:
                seen.add(place)
                yield image


def read_names(source: str) -> list[str]:
    """Return the names in a list, one a line or parted by null characters.

    Args:
        source: a file, or ``-`` for standard input.

    Raises:
        InputError: it cannot be read.
    """
    data = _standard_input().read() if source == STDIN else read_path(Path(source))
    # Of names parted by null characters every blank is meant.
    names = data.split(b"\0") if b"\0" in data else map(bytes.strip, data.split(b"\n"))
    return [os.fsdecode(name) for name in names if name]


def _standard_input() -> BinaryIO:
    """Return standard input.

    Raises:
        InputError: whoever started the command closed it.
    """
    if sys.stdin is None:
        raise InputError("There is nothing on standard input.")
    return sys.stdin.buffer


def _expand(argument: str) -> Iterator[InputImage]:
    path = Path(argument)
    if argument == STDIN:
        yield InputImage(STDIN, None)
    elif path.is_dir():
        yield from _walk(path)
    elif path.exists() or not _MAGIC & set(argument):
        yield InputImage(argument, path)  # one that is not there fails when it is read
    else:
        found = sorted(glob.glob(argument, recursive=True))  # noqa: PTH207 - absolute ones, too
        files = [one for one in found if Path(one).is_file()]
        if not files:
            yield InputImage(argument, None, InputError("No file fits that pattern."))
        for one in files:
            yield InputImage(one, Path(one))


def _walk(folder: Path) -> Iterator[InputImage]:
    is_empty = True
    unread: list[OSError] = []
    for path in images_in(folder, unread.append):
        is_empty = False
        yield InputImage(str(path), path)
    for error in unread:
        is_empty = False
        why = InputError(f"That folder could not be read: {error.strerror}.", detail=str(error))
        yield InputImage(os.fsdecode(error.filename), None, why)
    if is_empty:
        yield InputImage(str(folder), None, InputError("There is no image in that folder."))
