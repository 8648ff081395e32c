"""What holds of every file that words are written into, whatever is in it."""

from __future__ import annotations

from typing import NamedTuple

from PIL import Image

from pycore.errors import SeesayError
from pycore.metadata import ImageWords, WritePolicy, read_metadata, remove_metadata, write_metadata
from tests.unit.metadata.metadata_samples import WORDS, decoded


class RoundTrip(NamedTuple):
    """What a file said before, the file with ``WORDS``, and without any of them again."""

    before: ImageWords
    written: bytes
    removed: bytes


def round_trip(data: bytes, policy: WritePolicy, own: ImageWords | None = None) -> RoundTrip | None:
    """Write ``WORDS`` into a file, find them and take words out.

    Args:
        data: the file.
        policy: of writing and removal.
        own: the words to take out; None for all that there are.

    Returns:
        None where writing was refused with a sentence.
    """
    try:
        before = read_metadata(data)
        written = write_metadata(data, WORDS, policy)
    except SeesayError as error:
        assert error.message.endswith(".")
        return None
    found = read_metadata(written)
    assert (found.alt_text, found.description) == (WORDS.alt_text, WORDS.description)
    assert set(WORDS.keywords) <= set(found.keywords)
    assert write_metadata(written, WORDS, policy) is written
    removed = remove_metadata(written, own, policy)
    if own is None or before == ImageWords():
        assert read_metadata(removed) == ImageWords()
    return RoundTrip(before, written, removed)


def picture(data: bytes) -> object:
    """Return what Pillow makes of a file, or that it makes nothing of it."""
    try:
        return decoded(data)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, RuntimeError):
        return None
    except Exception as error:  # noqa: BLE001 - whatever it is, it must be the same afterwards
        return type(error)
