"""TIFF files: XMP, ImageDescription and IIM in tags of the first directory.

Source: TIFF 6.0, section 2; ISO 16684-3:2021, section 5.3 (TIFF); C2PA 2.2, annex A.3.5.
"""

from __future__ import annotations

from pycore.errors import MetadataError
from pycore.metadata import tiff_tags
from pycore.metadata.containers import photoshop
from pycore.metadata.containers.blocks import AMPLE, Blocks
from pycore.metadata.exif import IMAGE_DESCRIPTION
from pycore.metadata.tiff_tags import ASCII, BYTE, LONG, UNDEFINED, Directory, Value

_XMP, _IIM, _PHOTOSHOP, _C2PA = 700, 33723, 34377, 52545
_NEW_SUBFILE_TYPE, _SUB_IFDS, _DNG_VERSION = 254, 330, 50706
_STRIPS, _STRIP_SIZES, _TILES, _TILE_SIZES = 273, 279, 324, 325
_WIDTH, _HEIGHT, _BITS, _COMPRESSION = 256, 257, 258, 259
_SAMPLES, _ROWS, _PLANES = 277, 278, 284
_MAX_PAGES = 10_000
_MAX_ENTRIES = _MAX_STRIPS = 1 << 20
"""Of all pages: they can share what they point to, so that a small file asks for much."""


def read(data: bytes) -> Blocks:
    """Find the blocks.

    Raises:
        MetadataError: a raw camera file in TIFF clothes.
        ValueError: the file is damaged.
    """
    directory = tiff_tags.read(data)
    _refuse_raw(directory)
    _check_pages(directory)
    description = directory.value(IMAGE_DESCRIPTION)
    xmp = directory.value(_XMP)
    iim = directory.value(_IIM)
    resources = directory.value(_PHOTOSHOP)
    return Blocks(
        "TIFF",
        xmp=xmp and xmp.content,
        exif_description=description and description.content,
        iim=iim and iim.content,
        iim_digest=_digest(resources),
        signed=any(entry.tag == _C2PA for entry in directory.entries),
        exif_room=AMPLE,
    )


def write(data: bytes, old: Blocks, new: Blocks) -> bytes:
    """Put changed blocks into the file.

    Raises:
        ValueError: the file is damaged, or would be over 4 GiB.
    """
    directory = tiff_tags.read(data)
    changes: dict[int, Value | None] = {}
    if new.xmp != old.xmp:
        changes[_XMP] = None if new.xmp is None else Value(BYTE, new.xmp)
    if new.exif_description != old.exif_description:
        text = new.exif_description
        changes[IMAGE_DESCRIPTION] = None if text is None else Value(ASCII, text)
    if new.iim != old.iim:
        changes |= _iim_changes(directory, new)
    return tiff_tags.edit(data, changes)


def _iim_changes(directory: Directory, new: Blocks) -> dict[int, Value | None]:
    """Return the tags that hold the IIM stream: its own, and Photoshop's copy with the digest."""
    changes: dict[int, Value | None] = {}
    stream, resources = directory.value(_IIM), directory.value(_PHOTOSHOP)
    if stream:
        # Some writers say LONG of what are bytes; four of them make one.
        kind = LONG if stream.type == LONG else UNDEFINED
        content = (new.iim or b"") + bytes(-len(new.iim or b"") % 4 if kind == LONG else 0)
        changes[_IIM] = Value(kind, content) if content else None
    if resources:
        try:
            content = photoshop.edit(resources.content, new.iim, new.iim_digest)
        except ValueError:
            return changes
        changes[_PHOTOSHOP] = Value(resources.type, content)
    return changes


def _digest(resources: Value | None) -> bytes | None:
    try:
        return photoshop.read(resources.content)[1] if resources else None
    except ValueError:
        return None


def _refuse_raw(directory: Directory) -> None:
    """Refuse what a camera wrote as TIFF, whose other programs know its layout by heart.

    Raises:
        MetadataError: it is such a file.
    """
    tags = {entry.tag for entry in directory.entries}
    subfile = directory.value(_NEW_SUBFILE_TYPE)
    is_preview = subfile is not None and any(subfile.content) and _SUB_IFDS in tags
    if _DNG_VERSION in tags or is_preview or directory.data[8:10] == b"CR":
        raise MetadataError(
            "That is a raw camera file, into which Seesay does not write. "
            "Take a sidecar, a file beside it."
        )
    if not tags & {_STRIPS, _TILES}:
        raise ValueError("no picture in the first directory")


def _check_pages(directory: Directory) -> None:
    """Refuse a file of which something is missing: what is appended would be taken for that.

    Raises:
        ValueError: a page's pixels, a tag's value or the next page lies beyond the end; or there
            are too many of them.
    """
    end = len(directory.data)
    entries, strips = 0, 0
    seen: set[int] = set()
    while directory.start not in seen and len(seen) < _MAX_PAGES:
        seen.add(directory.start)
        directory.check()
        entries += len(directory.entries)
        for offsets, sizes in ((_STRIPS, _STRIP_SIZES), (_TILES, _TILE_SIZES)):
            starts, lengths = (directory.numbers(tag, _MAX_STRIPS) for tag in (offsets, sizes))
            strips += len(starts)
            if max(entries / _MAX_ENTRIES, strips / _MAX_STRIPS) >= 1:
                raise ValueError("too many tags, strips or tiles")
            least = _strip_size(directory) if offsets == _STRIPS else 0
            lengths = (*lengths, *[0] * (len(starts) - len(lengths)))
            if any(start < 8 and size for start, size in zip(starts, lengths, strict=False)):
                raise ValueError("the pixels begin in the header")
            ends = (start + max(size, least) for start, size in zip(starts, lengths, strict=False))
            if (reach := max(ends, default=0)) > end:
                raise ValueError(f"the pixels end at {reach} of {end} bytes")
        following = tiff_tags.following(directory)
        if following is None:
            return
        directory = following


def _strip_size(directory: Directory) -> int:
    """Return how many bytes the last strip has at least, whatever its size says.

    Readers go by the size of the picture where it is not compressed.
    """
    one = {tag: directory.numbers(tag) for tag in (_WIDTH, _HEIGHT, _COMPRESSION, _ROWS)}
    bits = (directory.numbers(_BITS) or (1,))[0]
    if directory.numbers(_PLANES) != (2,):
        bits *= (directory.numbers(_SAMPLES) or (1,))[0]
    if one[_COMPRESSION] not in {(), (1,)} or not (one[_WIDTH] and one[_HEIGHT]):
        return 0
    height = one[_HEIGHT][0]
    rows = max(1, min(height, (one[_ROWS] or (height,))[0]))
    last = height % rows or rows
    return (one[_WIDTH][0] * bits + 7) // 8 * last
