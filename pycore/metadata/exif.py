"""ImageDescription in a block of EXIF: the one tag of it that Seesay writes."""

from __future__ import annotations

from pycore.metadata import tiff_tags

IMAGE_DESCRIPTION = 270

# What cameras write there when nobody has described anything.
_FILLERS = frozenset(
    {
        "olympus digital camera", "minolta digital camera", "konica minolta digital camera",
        "sony dsc", "kodak digital still camera", "digital camera", "default", "exif_jpeg_picture",
        "jpeg_picture", "image description", "dcim\\100media", "dcim", "hdrpl",
    }
)  # fmt: skip


def read(data: bytes) -> tuple[bytes | None, int]:
    """Return the description as it stands, and how many bytes longer a new one makes the block.

    Returns:
        Content, None without the tag; and bytes to be added to those of the new content.

    Raises:
        ValueError: the block is damaged.
    """
    directory = tiff_tags.read(data)
    value = directory.value(IMAGE_DESCRIPTION)
    return value and value.content, tiff_tags.tail_size(len(directory.entries) + 1)


def edit(data: bytes, description: bytes | None) -> bytes:
    """Set the description, or take it out with None.

    Raises:
        ValueError: the block is damaged.
    """
    value = None if description is None else tiff_tags.Value(tiff_tags.ASCII, description)
    return tiff_tags.edit(data, {IMAGE_DESCRIPTION: value})


def encoded(text: str) -> bytes:
    """Return a description as content of the tag.

    UTF-8 in a tag that the standard calls ASCII, as the Metadata Working Group 2.0 advises
    (section 4.2) and readers expect.
    """
    return text.encode() + b"\x00"


def decoded(content: bytes | None) -> str:
    """Return what a person wrote there; what a camera fills in counts as nothing."""
    content = (content or b"").rstrip(b"\x00")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    text = text.replace("\x00", " ").strip()
    return "" if text.lower() in _FILLERS else text
