"""Image files with all sorts of metadata, assembled here byte by byte: repeatable, or by chance."""

from __future__ import annotations

import hashlib
import io
import random
import struct
import zlib

import numpy as np
from PIL import Image

from pycore.metadata import ImageWords
from tests.unit.images.image_samples import encode, pattern

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
FORMATS = ("JPEG", "PNG", "WebP", "TIFF")
WORDS = ImageWords(
    alt_text='A dog & a <cat> on a "mat".',
    extended_description="First line.\nSecond line, with 'quotes'.",
    description="Ein Hund auf der Straße",
    keywords=("dog", "cat", "Straße"),
    caption_writer="Seesay 0, test; not reviewed",
)
OTHER_WORDS = ImageWords("Another text", "", "Something else", ("bird",), "Seesay 0, other")
FOREIGN_XMP = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Some Toolkit 1.0">
 <rdf:RDF xmlns:rdf="{RDF}">
  <!-- a comment -->
  <rdf:Description rdf:about="uuid:1" xmlns:own="http://example.org/own/"
    own:Rating = '5' own:Note="a &lt; b">
   <own:Tree rdf:parseType="Resource"><own:Leaf>1</own:Leaf></own:Tree>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
{" " * 99}
{" " * 99}
<?xpacket end="w"?>""".encode()


def described(inner: str, *, attributes: str = "") -> bytes:
    """Return a packet with these properties; the usual prefixes are declared."""
    return f"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/" {attributes}>{inner}
</rdf:Description></rdf:RDF></x:xmpmeta>""".encode()


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def chunk(kind: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


def riff_chunk(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


def riff(*chunks: bytes) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def data_set(record: int, number: int, content: bytes) -> bytes:
    return bytes((0x1C, record, number)) + struct.pack(">H", len(content)) + content


def resource(number: int, content: bytes, name: bytes = b"") -> bytes:
    named = bytes([len(name)]) + name
    named += bytes(len(named) % 2)
    padded = content + bytes(len(content) % 2)
    return b"8BIM" + struct.pack(">H", number) + named + struct.pack(">I", len(content)) + padded


def resources(iim: bytes, *, digest: bytes | None = None) -> bytes:
    """Return Photoshop resources around an IIM stream; by default with its right digest."""
    digest = hashlib.md5(iim, usedforsecurity=False).digest() if digest is None else digest
    return (
        resource(0x03ED, bytes(range(16)), b"odd")
        + resource(0x0404, iim)
        + (resource(0x0425, digest) if digest else b"")
        + resource(0x0406, b"\x00\x01\x02")
    )


IIM = (
    data_set(1, 90, b"\x1b%G")
    + data_set(2, 0, b"\x00\x04")
    + data_set(2, 5, "Título".encode())
    + data_set(2, 25, b"sea")
    + data_set(2, 80, b"A. Person")
)


def with_segments(jpeg: bytes, *segments: bytes, after: int = 2) -> bytes:
    """Put segments into a JPEG file, behind the SOI by default."""
    return jpeg[:after] + b"".join(segments) + jpeg[after:]


def with_iim(jpeg: bytes, iim: bytes, **options: bytes) -> bytes:
    """Put an IIM stream into a JPEG file, behind its JFIF segment."""
    content = b"Photoshop 3.0\x00" + resources(iim, **options)
    return with_segments(jpeg, segment(0xED, content), after=20)


def with_chunk(png: bytes, kind: bytes, content: bytes) -> bytes:
    """Put a chunk into a PNG file, behind IHDR."""
    return png[:33] + chunk(kind, content) + png[33:]


def exif_block(order: str = "<", **tags: bytes) -> bytes:
    """Return EXIF with a maker and, by the keyword ``description``, an ImageDescription."""
    entries = {0x010F: b"Maker of cameras\x00"}
    if "description" in tags:
        entries[0x010E] = tags["description"]
    start = 8 + 2 + 12 * len(entries) + 4
    rows, values = b"", b""
    for tag, content in sorted(entries.items()):
        where = struct.pack(f"{order}I", start + len(values))
        inline = content.ljust(4, b"\x00") if len(content) <= 4 else where
        rows += struct.pack(f"{order}HHI", tag, 2, len(content)) + inline
        values += b"" if len(content) <= 4 else content + bytes(len(content) % 2)
    magic = b"II*\x00" if order == "<" else b"MM\x00*"
    count = struct.pack(f"{order}H", len(entries))
    return magic + struct.pack(f"{order}I", 8) + count + rows + bytes(4) + values


def raw_tiff(samples: np.ndarray, *, order: str = "<", rows: int | None = None) -> bytes:
    """Write an RGB image as a TIFF file without compression, the pixels before the directory."""
    height, width, bands = samples.shape
    strips = [
        samples[top : top + (rows or height)].tobytes() for top in range(0, height, rows or height)
    ]
    starts = [8 + sum(map(len, strips[:number])) for number in range(len(strips))]
    body = b"".join(strips)
    body += bytes(len(body) % 2)
    entries = b""
    values = {
        256: [width], 257: [height], 258: [8] * bands, 259: [1], 262: [2], 273: starts,
        277: [bands], 278: [rows or height], 279: [len(strip) for strip in strips],
    }  # fmt: skip
    for tag, numbers in values.items():
        content = struct.pack(f"{order}{len(numbers)}I", *numbers)
        if len(numbers) > 1:
            body, content = body + content, struct.pack(f"{order}I", 8 + len(body))
        entries += struct.pack(f"{order}HHI", tag, 4, len(numbers)) + content
    magic = b"II*\x00" if order == "<" else b"MM\x00*"
    directory = struct.pack(f"{order}H", len(values)) + entries + bytes(4)
    return magic + struct.pack(f"{order}I", 8 + len(body)) + body + directory


def decoded(data: bytes) -> list[tuple[str, tuple[int, int], bytes]]:
    """Return every frame's mode, size and pixels, as Pillow decodes them."""
    frames = []
    with Image.open(io.BytesIO(data)) as image:
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            frames.append((image.mode, image.size, image.tobytes()))
    return frames


def samples() -> dict[str, bytes]:
    """Return sound files by name: every format, several forms of each, with all metadata."""
    rgb = pattern(18, 13)
    alpha = rgb.convert("RGBA")
    alpha.putalpha(rgb.convert("L"))
    grey16 = Image.fromarray(np.arange(234, dtype=np.uint16).reshape(18, 13) * 200)
    icc = b"\x00\x00\x01\x00" + bytes(range(252))
    exif = exif_block(description=b"OLYMPUS DIGITAL CAMERA         \x00")
    frames = {"save_all": True, "append_images": [rgb.rotate(180)]}
    jpeg, png, webp = encode(rgb, "JPEG"), encode(rgb, "PNG"), encode(rgb, "WEBP")
    lossless = encode(alpha, "WEBP", lossless=True)
    tiff = raw_tiff(np.asarray(rgb), order=">", rows=5)
    return {
        "jpeg": jpeg,
        "jpeg exif": encode(rgb, "JPEG", exif=b"Exif\x00\x00" + exif_block(">")),
        "jpeg all": with_iim(
            encode(rgb, "JPEG", exif=b"Exif\x00\x00" + exif, icc_profile=icc, comment=b"words",
                   xmp=FOREIGN_XMP, progressive=True), IIM,
        ) + b"trailing bytes \xff\xd9",
        "jpeg filled": jpeg[:2] + b"\xff\xff" + jpeg[2:],
        "jpeg grey": encode(rgb.convert("L"), "JPEG"),
        "jpeg cmyk": encode(rgb.convert("CMYK"), "JPEG"),
        "png": png,
        "png all": with_chunk(
            encode(alpha, "PNG", exif=exif, icc_profile=icc),
            b"iTXt", b"XML:com.adobe.xmp\x00\x00\x00\x00\x00" + FOREIGN_XMP,
        ) + b"trailing",
        "png 16": encode(grey16, "PNG", exif=exif_block()),
        "png palette": encode(rgb.convert("P"), "PNG", transparency=3),
        "png animated": encode(rgb, "PNG", **frames),
        "webp": webp + b"trailing",
        "webp lossless": lossless,
        "webp opaque": encode(rgb, "WEBP", lossless=True),
        "webp alpha": encode(alpha, "WEBP"),
        "webp all": encode(alpha, "WEBP", exif=exif, icc_profile=icc, xmp=FOREIGN_XMP),
        "webp exif": encode(rgb, "WEBP", exif=b"Exif\x00\x00" + exif_block()),
        "webp animated": encode(rgb, "WEBP", **frames),
        "tiff": tiff,
        "tiff odd": tiff + b"!",
        "tiff intel": raw_tiff(np.asarray(rgb)),
        "tiff all": encode(
            rgb, "TIFF", tiffinfo={270: "", 700: FOREIGN_XMP, 33723: IIM}, icc_profile=icc
        ),
        "tiff pages": encode(rgb, "TIFF", **frames),
        "tiff 16": encode(grey16, "TIFF"),
    }  # fmt: skip


LETTERS = "aZ 0.,\n\t&<>\"'äß€犬🐕\u202e\u00a0\r\x00\ufeff]]>"


def random_text(chance: random.Random, longest: int = 60) -> str:
    return "".join(chance.choices(LETTERS, k=chance.choice((0, 1, 5, longest))))


def random_words(chance: random.Random) -> ImageWords:
    return ImageWords(
        random_text(chance),
        random_text(chance, 900),
        random_text(chance, 2500),
        tuple(random_text(chance, 90) for _ in range(chance.randrange(6))),
        random_text(chance),
    )
