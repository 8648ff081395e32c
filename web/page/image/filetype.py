"""What a file is, judged by its first bytes; its name and declared type are not asked.

Runs in MicroPython (the page) and in CPython (tests).
"""

HEAD_BYTES = 512  # enough for every rule below

IMAGES = ("JPEG", "PNG", "WebP", "GIF", "BMP", "TIFF")
"""Seesay reads them itself."""

BROWSER_IMAGES = ("AVIF", "HEIC", "JPEG XL", "JPEG 2000", "ICO")
"""Only where the browser decodes them; it must be asked."""

_PREFIXES = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"II+\x00", "TIFF"),
    (b"MM\x00+", "TIFF"),
    (b"%PDF", "PDF"),
    (b"PK\x03\x04", "ZIP"),
    (b"8BPS", "Photoshop"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\x00\x00\x01\x00", "ICO"),
)

# Brands of the ISO base media format (bytes 4 to 12). Source: ISO/IEC 23008-12, AV1 Image File
# Format 1.1 section 6.
_BRANDS = (
    ((b"avif", b"avis"), "AVIF"),
    ((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"), "HEIC"),
)


def file_type(head: bytes) -> str:
    """Name the type of a file.

    Args:
        head: its first ``HEAD_BYTES`` bytes, or all of it.

    Returns:
        One of ``IMAGES`` or ``BROWSER_IMAGES``, the name of something else that is well known, or
        "" for the rest.
    """
    head = bytes(head)
    for prefix, name in _PREFIXES:
        if head.startswith(prefix):
            return name
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WebP"
    if head[4:8] == b"ftyp":
        return _media_type(head)
    if b"<svg" in head.lower():
        return "SVG"
    return ""


def _media_type(head: bytes) -> str:
    """Tell AVIF and HEIC from films: major brand first, then the compatible ones."""
    size_bytes = int.from_bytes(head[0:4], "big") if head[0] == 0 else HEAD_BYTES
    brands = [head[8:12]] + [head[i : i + 4] for i in range(16, min(size_bytes, len(head)), 4)]
    for brand in brands:
        for known, name in _BRANDS:
            if brand in known:
                return name
    return "HEIC" if b"mif1" in brands else "Film"
