"""What kind of file some bytes are, told by their content, never by a name."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

READABLE_FORMATS = ("JPEG", "PNG", "WebP", "GIF", "BMP", "TIFF")
"""Formats that `pycore.images.file.read_image` decodes, by the names that `identify` gives them."""

BROWSER_FORMATS = ("AVIF", "HEIC", "JPEG XL", "JPEG 2000", "ICO")
"""Formats that it does not decode, but some browsers do."""

_SNIFF_BYTES = 1024

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    # (offset, bytes there, name); the first line that fits wins.
    (0, b"\xff\xd8\xff", "JPEG"),
    (0, b"\x89PNG\r\n\x1a\n", "PNG"),
    (0, b"GIF87a", "GIF"),
    (0, b"GIF89a", "GIF"),
    (8, b"CR\x02\x00", "camera raw"),  # Canon CR2 begins like a TIFF
    (0, b"II*\x00", "TIFF"),
    (0, b"MM\x00*", "TIFF"),
    (0, b"II+\x00", "TIFF"),  # BigTIFF
    (0, b"MM\x00+", "TIFF"),
    (0, b"FUJIFILMCCD-RAW", "camera raw"),
    (0, b"IIRO", "camera raw"),  # Olympus
    (0, b"IIRS", "camera raw"),
    (0, b"MMOR", "camera raw"),
    (0, b"IIU\x00", "camera raw"),  # Panasonic
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"\x00\x00\x00\x0cJXL \r\n\x87\n", "JPEG XL"),
    (0, b"\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
    (0, b"8BPS", "PSD"),
    (0, b"%PDF-", "PDF"),
    (0, b"%!PS", "EPS"),
    (0, b"\xc5\xd0\xd3\xc6", "EPS"),
    (0, b"\x1a\x45\xdf\xa3", "video"),  # Matroska, WebM
    (0, b"OggS", "video"),
    (0, b"\x00\x00\x01\xba", "video"),  # MPEG
    (0, b"\x00\x00\x01\xb3", "video"),
    (0, b"PK\x03\x04", "ZIP"),
    (0, b"PK\x05\x06", "ZIP"),
    (0, b"\x1f\x8b", "archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "archive"),
    (0, b"Rar!\x1a\x07", "archive"),
    (0, b"\x00\x00\x01\x00", "ICO"),
)

_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIC_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"mif2"}
)
_BMP_HEADER_SIZES = frozenset({12, 16, 40, 52, 56, 64, 108, 124})

_SAVE_AS = "Save it as JPEG or PNG and try again."

REFUSALS: Mapping[str, str] = MappingProxyType(
    {
        "AVIF": f"That is an AVIF image, which cannot be decoded here. {_SAVE_AS}",
        "HEIC": f"That is an HEIC image, which cannot be decoded here. {_SAVE_AS}",
        "JPEG XL": f"That is a JPEG XL image, which cannot be decoded here. {_SAVE_AS}",
        "JPEG 2000": f"That is a JPEG 2000 image, which cannot be decoded here. {_SAVE_AS}",
        "ICO": f"That is an ICO file, an icon, which cannot be decoded here. {_SAVE_AS}",
        "PSD": f"That is a Photoshop file. {_SAVE_AS}",
        "PDF": "That is a PDF document. Save the picture in it as JPEG or PNG and try again.",
        "SVG": f"That is an SVG drawing, which Seesay cannot read. {_SAVE_AS}",
        "EPS": f"That is an EPS or PostScript file. {_SAVE_AS}",
        "camera raw": f"That is a raw camera file, which Seesay cannot read. {_SAVE_AS}",
        "video": "That is a video. Save one picture of it as JPEG or PNG and try again.",
        "HTML": "That is a web page, not an image. Save the image itself and try again.",
        "ZIP": "That is a ZIP archive or a document. Unpack the image and try again.",
        "archive": "That is a packed archive. Unpack the image and try again.",
        "empty": "That file is empty: it has 0 bytes. Choose another one.",
        "unknown": "That file is not an image that Seesay knows. "
        "It reads JPEG, PNG, WebP, GIF, BMP and TIFF.",
    }
)
"""The sentence for a person, for every name from `identify` that is not a readable format."""


def identify(data: bytes) -> str:
    """Name the kind of file that some bytes are.

    Args:
        data: the file, or at least its first 1024 bytes.

    Returns:
        One of `READABLE_FORMATS` or a key of `REFUSALS`; "unknown" when nothing fits. A name says
        how the bytes begin, not that the rest is sound.
    """
    if not data:
        return "empty"
    head = bytes(data[:_SNIFF_BYTES])
    for offset, magic, name in _MAGIC:
        if head.startswith(magic, offset):
            return name
    if head[:4] == b"RIFF":
        return {b"WEBP": "WebP", b"AVI ": "video"}.get(head[8:12], "unknown")
    if head[4:8] == b"ftyp":
        return _identify_iso_media(head)
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADER_SIZES:
        return "BMP"
    return _identify_markup(head)


def _identify_iso_media(head: bytes) -> str:
    """Tell AVIF and HEIC from video by the brands of the first box.

    Source: ISO/IEC 14496-12 (file type box), AV1 Image File Format, ISO/IEC 23008-12.
    """
    box_end = min(int.from_bytes(head[:4], "big"), len(head))
    brands = {head[8:12], *(head[start : start + 4] for start in range(16, box_end - 3, 4))}
    if brands & _AVIF_BRANDS:
        return "AVIF"
    if b"crx " in brands:
        return "camera raw"
    return "HEIC" if brands & _HEIC_BRANDS else "video"


def _identify_markup(head: bytes) -> str:
    """Tell SVG from HTML; both may begin with a byte order mark, comments or a declaration."""
    text = head.removeprefix(b"\xef\xbb\xbf").replace(b"\x00", b"").lstrip().lower()
    if not text.startswith(b"<"):
        return "unknown"
    if b"<!doctype html" in text or b"<html" in text:
        return "HTML"
    return "SVG" if b"<svg" in text else "unknown"
