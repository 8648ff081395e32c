"""Words in image files: read, plan, write, remove; and sidecars for files that cannot hold them."""

from __future__ import annotations

import codecs
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pycore.errors import BrokenImageError, MetadataError, SignedImageError
from pycore.metadata import current, removal, writing
from pycore.metadata.containers import SIDECAR, Blocks, container_of
from pycore.metadata.fields import (
    FIELDS,
    Change,
    FieldChange,
    ImageWords,
    Outcome,
    WritePolicy,
    joined,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pycore.metadata.draft import Draft

_DEFAULT = WritePolicy()
_SIGNED = (
    "This image is signed (C2PA), and any change of the file breaks the signature. "
    "Take a sidecar, a file beside it."
)


def read_metadata(data: bytes) -> ImageWords:
    """Read the words in an image file, or in a sidecar.

    Args:
        data: the file: JPEG, PNG, WebP, TIFF or XMP.

    Raises:
        BrokenImageError: the file is damaged or cut.
        MetadataError: another format, or damaged XMP.
    """
    return current.read(_read(data)).words


def read_by_person(data: bytes) -> ImageWords:
    """Read those of the words in an image file, or in a sidecar, that some person wrote, or read.

    Raises:
        BrokenImageError: the file is damaged or cut.
        MetadataError: another format, or damaged XMP.
    """
    return current.of_a_person(current.read(_read(data)))


def plan(data: bytes, words: ImageWords, policy: WritePolicy = _DEFAULT) -> Change:
    """Say what writing these words would do, without doing it.

    Args:
        data: the file.
        words: an empty field is left as it is.
        policy: how far to go.

    Raises:
        BrokenImageError: the file is damaged or cut.
        MetadataError: another format, damaged XMP, or words that do not fit.
    """
    return _written(data, words, policy)[1]


def write_metadata(data: bytes, words: ImageWords, policy: WritePolicy = _DEFAULT) -> bytes:
    """Write words into an image file; all else in it stays as it is.

    Args:
        data: the file.
        words: an empty field is left as it is.
        policy: how far to go.

    Returns:
        The new file; the same object if it says all that already.

    Raises:
        BrokenImageError: the file is damaged or cut.
        MetadataError: another format, damaged XMP, or words that do not fit.
        SignedImageError: the file is C2PA-signed, and the policy does not say to break that.
    """
    return _applied(data, *_written(data, words, policy), policy)


def plan_removal(
    data: bytes, words: ImageWords | None = None, policy: WritePolicy = _DEFAULT
) -> Change:
    """Say what removing words would do, without doing it; see `remove_metadata`.

    Raises:
        BrokenImageError: the file is damaged or cut.
        MetadataError: another format, or damaged XMP.
    """
    return _removed(data, words, policy)[1]


def remove_metadata(
    data: bytes, words: ImageWords | None = None, policy: WritePolicy = _DEFAULT
) -> bytes:
    """Take words out of an image file; all else in it stays as it is.

    What Seesay had added leaves no trace: the bytes are those from before, if nobody changed the
    file since. In a TIFF file and in EXIF, replaced words of others stay behind as dead bytes that
    no directory points to.

    Args:
        data: the file.
        words: take out these, where the file says them; None for all that it has.
        policy: its ``replace`` has no meaning here.

    Returns:
        The new file; the same object if there is nothing to take out.

    Raises:
        BrokenImageError: the file is damaged or cut.
        MetadataError: another format, or damaged XMP.
        SignedImageError: the file is C2PA-signed, and the policy does not say to break that.
    """
    return _applied(data, *_removed(data, words, policy), policy)


def xmp_sidecar(
    words: ImageWords, existing: bytes | None = None, policy: WritePolicy = _DEFAULT
) -> bytes:
    """Write words into a sidecar, the file ``name.xmp`` beside an image.

    Args:
        words: an empty field is left as it is.
        existing: the sidecar that is there already; its other properties stay.
        policy: how far to go.

    Raises:
        MetadataError: the existing sidecar is damaged, or there are no words at all.
    """
    blocks = Blocks(SIDECAR, xmp=existing)
    draft = writing.draft_of(blocks, current.read(blocks), words.cleaned(), policy)
    if draft.blocks.xmp is None:
        raise MetadataError("There are no words to write into a sidecar. Write some first.")
    return draft.blocks.xmp


def read_sidecar(data: bytes) -> ImageWords:
    """Read the words in a sidecar.

    Raises:
        MetadataError: it is damaged, or no XMP.
    """
    return current.read(Blocks(SIDECAR, xmp=data)).words


def _read(data: bytes) -> Blocks:
    if data.removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"<":  # no image begins so
        return Blocks(SIDECAR, xmp=data)
    with _sound():
        return container_of(data).read(data)


def _written(data: bytes, words: ImageWords, policy: WritePolicy) -> tuple[Blocks, Change, Draft]:
    blocks = _read(data)
    now = current.read(blocks)
    wanted = words.cleaned()
    draft = writing.draft_of(blocks, now, wanted, policy)
    return blocks, _change(blocks, now, draft, wanted), draft


def _removed(
    data: bytes, words: ImageWords | None, policy: WritePolicy
) -> tuple[Blocks, Change, Draft]:
    blocks = _read(data)
    now = current.read(blocks)
    draft = removal.draft_of(blocks, now, words and words.cleaned(), policy)
    return blocks, _change(blocks, now, draft, ImageWords()), draft


def _applied(
    data: bytes, blocks: Blocks, change: Change, draft: Draft, policy: WritePolicy
) -> bytes:
    if draft.blocks == blocks:
        return data
    if change.signed and not policy.break_signature:
        raise SignedImageError(_SIGNED)
    with _sound():
        return container_of(data).write(data, blocks, draft.blocks)


def _change(blocks: Blocks, now: current.Current, draft: Draft, wanted: ImageWords) -> Change:
    """Describe a draft by what a reader will find."""
    after = current.read(draft.blocks).words
    new = draft.blocks
    changed = {
        "XMP": (new.xmp, new.extension) != (blocks.xmp, blocks.extension),
        "EXIF": new.exif_description != blocks.exif_description,
        "IIM": new.iim != blocks.iim,
    }
    return Change(
        format=blocks.format,
        fields=tuple(_field_change(name, now.words, after, wanted) for name in FIELDS),
        places=tuple(place for place, is_changed in changed.items() if is_changed),
        signed=now.signed,
        warnings=(*([_SIGNED] if now.signed and any(changed.values()) else []), *draft.warnings),
    )


def _field_change(
    name: str, before: ImageWords, after: ImageWords, wanted: ImageWords
) -> FieldChange:
    old, new, asked = getattr(before, name), getattr(after, name), getattr(wanted, name)
    outcome: Outcome = "none"
    if old != new:
        is_more = name == "keywords" and set(old) <= set(new)
        outcome = "removed" if len(new) < len(old) and not asked else "replaced"
        outcome = "added" if not old or is_more else outcome
    elif asked:
        is_there = asked == old or (name == "keywords" and not joined(old, asked)[len(old) :])
        outcome = "same" if is_there else "kept"
    return FieldChange(name, old, new, outcome)


@contextmanager
def _sound() -> Iterator[None]:
    """Map what a container says of a damaged file.

    Raises:
        BrokenImageError: instead of a ValueError.
    """
    try:
        yield
    except ValueError as error:
        raise BrokenImageError(
            "That image file is damaged or cut, so its words cannot be read or changed. "
            "Take another copy of it.",
            detail=str(error),
        ) from error
