"""Files beside each image: its words as plain text, as image-model trainers use them, or as XMP."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pycore.errors import MetadataError
from pycore.metadata import ImageWords, WritePolicy, xmp_sidecar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pycore.exports.record import ExportRecord


def text_sidecars(records: Sequence[ExportRecord]) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of ``name.txt`` for each image: alt text, or else the caption."""
    return _sidecars(records, ".txt", _text)


def xmp_sidecars(
    records: Sequence[ExportRecord], policy: WritePolicy | None = None
) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of ``name.xmp`` for each image that has words.

    Args:
        records: the images.
        policy: its date goes into the sidecar.

    Raises:
        MetadataError: an image has more words than a sidecar can; it is named.
    """
    return _sidecars(records, ".xmp", lambda record: _xmp(record, policy or WritePolicy()))


def words_of(record: ExportRecord) -> ImageWords:
    """Return the words of a record as an image file holds them."""
    writer = ", ".join(filter(None, ("Seesay", record.model)))
    return ImageWords(
        alt_text=record.alt_text,
        extended_description=record.extended_description,
        description=record.caption,
        keywords=record.keywords,
        caption_writer=writer + ("; reviewed" if record.reviewed else "; not reviewed"),
    )


def has_words(words: ImageWords) -> bool:
    """Say whether there is more than the note of who wrote them."""
    return words != ImageWords(caption_writer=words.caption_writer)


def _sidecars(
    records: Sequence[ExportRecord], suffix: str, content_of: Callable[[ExportRecord], bytes]
) -> Iterator[tuple[str, bytes]]:
    """Name each file after its image; with the image's own suffix where two would be the same."""
    stems = Counter(_stem(record.name).casefold() for record in records)
    for record in records:
        if content := content_of(record):
            stem = _stem(record.name)
            is_alone = stems[stem.casefold()] == 1
            yield (stem if is_alone else record.name) + suffix, content


def _stem(name: str) -> str:
    folder, slash, last = name.rpartition("/")
    stem, _, _ = last.rpartition(".")
    return folder + slash + (stem or last)


def _text(record: ExportRecord) -> bytes:
    words = " ".join((record.alt_text or record.caption).split())
    return (words + "\n").encode("utf-8", "replace") if words else b""


def _xmp(record: ExportRecord, policy: WritePolicy) -> bytes:
    words = words_of(record)
    try:
        return xmp_sidecar(words, policy=policy) if has_words(words) else b""
    except MetadataError as error:
        raise MetadataError(f"{record.name}: {error.message}", detail=error.detail) from error
