"""Telling a damaged image file from a fault of our own.

Pillow's readers raise nearly anything on bytes that are not what they seem. So each call of theirs
stands inside `foreign_bytes`, which alone turns such an error into `DamagedImageError`; whatever
our own code raises stays what it is.
"""

from __future__ import annotations

import struct
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_READERS_ERRORS = (
    # Found by fuzzing.
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


class DamagedImageError(Exception):
    """The bytes cannot be decoded; the text says why, for developers.

    Stays inside of this package: people get `pycore.errors.BrokenImageError`.
    """


@contextmanager
def foreign_bytes() -> Iterator[None]:
    """Take any error inside for damage of the file.

    Raises:
        DamagedImageError: when Pillow, struct or zlib failed.
    """
    try:
        yield
    except _READERS_ERRORS as error:
        raise DamagedImageError(f"{type(error).__name__}: {error}") from error
