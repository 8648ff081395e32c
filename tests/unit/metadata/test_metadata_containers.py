"""What is particular to one format: places, sizes, signatures, and what must not move."""

from __future__ import annotations

import hashlib
import struct
import zlib

import numpy as np
import pytest

from pycore.errors import BrokenImageError, MetadataError, SignedImageError
from pycore.metadata import (
    FIELDS,
    ImageWords,
    WritePolicy,
    plan,
    plan_removal,
    read_metadata,
    remove_metadata,
    tiff_tags,
    write_metadata,
)
from pycore.metadata.containers import container_of
from pycore.metadata.splices import Splice, apply
from tests.unit.images.image_samples import encode, pattern
from tests.unit.metadata.metadata_samples import (
    FOREIGN_XMP,
    WORDS,
    chunk,
    decoded,
    described,
    exif_block,
    raw_tiff,
    riff,
    riff_chunk,
    segment,
    with_chunk,
    with_segments,
)

RGB = pattern(11, 7)
JPEG, PNG, WEBP = encode(RGB, "JPEG"), encode(RGB, "PNG"), encode(RGB, "WEBP")
TIFF = raw_tiff(np.asarray(RGB))
REPLACE = WritePolicy(replace=frozenset(FIELDS))
XMP_HEAD = b"http://ns.adobe.com/xap/1.0/\x00"
LONG = ImageWords("Alt", "e" * 90_000, "d" * 80_000, tuple(f"k{n}" for n in range(900)))


def segments(data: bytes) -> list[tuple[int, bytes]]:
    """Return marker and content of all segments before the scan."""
    found = []
    position = 2
    while data[position + 1] != 0xDA:
        end = position + 2 + int.from_bytes(data[position + 2 : position + 4], "big")
        found.append((data[position + 1], data[position + 4 : end]))
        position = end
    return found


def chunks(data: bytes, start: int, order: str) -> list[tuple[bytes, bytes]]:
    """Return type and content of a PNG file's chunks, or of a WebP file's."""
    found = []
    position = start
    while position < len(data):
        size = int.from_bytes(data[position + 4 * (order == "little") :][:4], order)  # type: ignore[arg-type]
        kind = data[position + 4 * (order == "big") :][:4]
        found.append((kind, data[position + 8 : position + 8 + size]))
        position += 8 + size + (4 if order == "big" else size % 2)
    return found


def test_jpeg_xmp_comes_behind_jfif_and_exif_and_before_all_else() -> None:
    block = exif_block()
    data = with_segments(encode(RGB, "JPEG", icc_profile=bytes(200), exif=b"Exif\x00\x00" + block))
    before, after = segments(data), segments(write_metadata(data, WORDS))
    assert [marker for marker, _ in after[:4]] == [0xE0, 0xE1, 0xE1, 0xE2]
    assert after[2][1].startswith(XMP_HEAD)
    assert after[:1] + after[3:] == before[:1] + before[2:]
    assert after[1][1].startswith(b"Exif\x00\x00II*\x00")
    assert block[8:] in after[1][1]  # nothing in it has moved


def test_jpeg_scans_are_not_looked_at() -> None:
    cut = JPEG[: JPEG.index(b"\xff\xda") + 20]
    written = write_metadata(cut, WORDS)
    assert read_metadata(written) == WORDS
    assert remove_metadata(written) == cut


def test_jpeg_extended_xmp_is_written_read_and_taken_out() -> None:
    written = write_metadata(JPEG, LONG)
    assert read_metadata(written) == LONG
    assert decoded(written) == decoded(JPEG)
    parts = [
        content for _, content in segments(written) if content[:35].endswith(b"extension/\x00")
    ]
    joined = b"".join(part[75:] for part in parts)
    digest = hashlib.md5(joined, usedforsecurity=False).hexdigest().upper().encode()
    assert all(part[35:67] == digest for part in parts)
    assert len(parts) == 3
    (main,) = [content for _, content in segments(written) if content.startswith(XMP_HEAD)]
    assert b"HasExtendedXMP>" + digest in main
    assert b">Alt<" in main
    assert write_metadata(written, LONG, REPLACE) is written
    assert remove_metadata(written) == JPEG


def test_jpeg_extended_xmp_is_changed_where_it_is() -> None:
    written = write_metadata(JPEG, LONG)
    other = ImageWords("Other", "x" * 70_000, "y" * 60_000)
    again = write_metadata(written, other, REPLACE)
    found = read_metadata(again)
    assert (found.alt_text, found.extended_description) == ("Other", "x" * 70_000)
    assert (found.description, found.keywords) == ("y" * 60_000, LONG.keywords)
    assert remove_metadata(again) == JPEG


def test_jpeg_extended_xmp_of_another_program() -> None:
    extension = described(
        "<Iptc4xmpCore:AltTextAccessibility>A</Iptc4xmpCore:AltTextAccessibility>"
    )
    digest = hashlib.md5(extension, usedforsecurity=False).hexdigest().upper()
    main = described("", attributes=f"xmpNote:HasExtendedXMP='{digest}'").replace(
        b"xmlns:dc", b"xmlns:xmpNote='http://ns.adobe.com/xmp/note/' xmlns:dc", 1
    )
    head = b"http://ns.adobe.com/xmp/extension/\x00" + digest.encode()

    def part(start: int, end: int, length: int = len(extension)) -> bytes:
        place = struct.pack(">II", length, start)
        return segment(0xE1, head + place + extension[start:end])

    whole = segment(0xE1, XMP_HEAD + main)
    out_of_order = with_segments(JPEG, whole, part(200, 900), part(0, 200))
    assert read_metadata(out_of_order).alt_text == "A"
    written = write_metadata(out_of_order, ImageWords("B", keywords=("c",)), REPLACE)
    assert read_metadata(written) == ImageWords("B", keywords=("c",))
    for wrong in (part(0, 200), part(0, 900, 1 << 31), segment(0xE1, head)):
        assert read_metadata(with_segments(JPEG, whole, wrong)).alt_text == ""


def test_jpeg_gives_up_blanks_where_there_is_no_room() -> None:
    inner = f"<xmp:Thumbs>{'t' * 61_000}</xmp:Thumbs>"
    padded = described(inner) + b" " * 3_900 + b"<?xpacket end='w'?>"
    data = with_segments(JPEG, segment(0xE1, XMP_HEAD + padded))
    written = write_metadata(data, WORDS)
    assert read_metadata(written) == WORDS
    assert len(written) < len(data)
    assert len([content for _, content in segments(written) if b"adobe" in content]) == 1


def test_jpeg_index_of_more_pictures_is_corrected() -> None:
    """Offsets are counted from the index: what grows behind it moves the other pictures."""
    row = struct.Struct(">IIIHH")
    index = b"MM\x00*" + struct.pack(">IHHHIII", 8, 1, 0xB002, 7, 32, 26, 0)
    comment = segment(0xE1, XMP_HEAD + described(""))

    def file(size: int, offset: int, xmp: bytes) -> bytes:
        rows = row.pack(0, size, 0, 0, 0) + row.pack(0, len(JPEG), offset, 0, 0)
        return bytes(with_segments(JPEG, segment(0xE2, b"MPF\x00" + index + rows), xmp) + JPEG)

    first = len(file(0, 0, comment)) - len(JPEG)
    data = file(first, first - 10, comment)
    assert data[10:][first - 10 :] == JPEG
    written = write_metadata(data, WORDS)
    (content,) = [content for _, content in segments(written) if content.startswith(b"MPF")]
    _, size, *_ = row.unpack(content[-32:-16])
    _, _, offset, *_ = row.unpack(content[-16:])
    assert size == len(written) - len(JPEG)
    assert written[10:][offset:] == JPEG
    assert remove_metadata(written, WORDS) == data
    broken = with_segments(JPEG, segment(0xE2, b"MPF\x00II*\x00"))
    assert read_metadata(write_metadata(broken, WORDS)) == WORDS


def test_png_xmp_comes_before_the_pixels_or_stays_where_it_was() -> None:
    before, after = chunks(PNG, 8, "big"), chunks(write_metadata(PNG, WORDS), 8, "big")
    assert [kind for kind, _ in after] == [b"IHDR", b"iTXt", b"IDAT", b"IEND"]
    assert [one for one in after if one[0] != b"iTXt"] == before
    late = PNG[:-12] + chunk(b"iTXt", b"XML:com.adobe.xmp\x00" + bytes(4) + FOREIGN_XMP) + PNG[-12:]
    after = chunks(write_metadata(late, WORDS), 8, "big")
    assert [kind for kind, _ in after] == [b"IHDR", b"IDAT", b"iTXt", b"IEND"]


def test_png_checksums() -> None:
    written = write_metadata(with_chunk(PNG, b"eXIf", exif_block()), WORDS)
    position = 8
    while position < len(written):
        size = int.from_bytes(written[position : position + 4], "big")
        body = written[position + 4 : position + 8 + size]
        assert written[position + 8 + size :][:4] == struct.pack(">I", zlib.crc32(body))
        position += 12 + size
    wrong = with_chunk(PNG, b"tEXt", b"a\x00b").replace(b"a\x00b", b"a\x00c")
    assert remove_metadata(write_metadata(wrong, WORDS)) == wrong


def test_png_packed_xmp_is_read_and_written_as_the_standard_says() -> None:
    head = b"XML:com.adobe.xmp\x00\x01\x00x-default\x00translated\x00"
    data = with_chunk(PNG, b"iTXt", head + zlib.compress(FOREIGN_XMP))
    written = write_metadata(data, WORDS)
    assert read_metadata(written) == WORDS
    (content,) = [content for kind, content in chunks(written, 8, "big") if kind == b"iTXt"]
    assert content.startswith(b"XML:com.adobe.xmp\x00\x00\x00\x00\x00<?xpacket")
    bomb = zlib.compress(b" " * (40 << 20))
    for text in (bomb, zlib.compress(FOREIGN_XMP)[:-9], b"junk"):
        with pytest.raises(BrokenImageError):
            read_metadata(with_chunk(PNG, b"iTXt", head + text))
    with pytest.raises(BrokenImageError):
        read_metadata(with_chunk(PNG, b"iTXt", b"XML:com.adobe.xmp\x00\x00\x00no end"))


@pytest.mark.parametrize(
    ("kind", "options", "flags"),
    [("RGB", {}, 0x04), ("RGB", {"lossless": True}, 0x04), ("RGBA", {"lossless": True}, 0x14)],
)
def test_webp_in_the_simple_form_gets_the_extended_header(kind, options, flags) -> None:
    image = RGB.convert(kind)
    if kind == "RGBA":
        image.putalpha(RGB.convert("L"))
    data = encode(image, "WEBP", **options)
    written = write_metadata(data, WORDS)
    after = chunks(written, 12, "little")
    assert after[0] == (b"VP8X", bytes([flags, 0, 0, 0, 6, 0, 0, 10, 0, 0]))
    assert after[1:-1] == chunks(data, 12, "little")
    assert after[-1][0] == b"XMP "
    assert int.from_bytes(written[4:8], "little") == len(written) - 8
    assert len(written) % 2 == 0


def test_webp_flag_and_order_in_the_extended_form() -> None:
    data = encode(RGB, "WEBP", exif=exif_block(), icc_profile=bytes(201))
    unknown = data + riff_chunk(b"mine", b"abc")
    unknown = b"RIFF" + struct.pack("<I", len(unknown) - 8) + unknown[8:]
    written = write_metadata(unknown, WORDS)
    before, after = chunks(unknown, 12, "little"), chunks(written, 12, "little")
    assert [k for k, _ in after] == [b"VP8X", b"ICCP", b"VP8 ", b"EXIF", b"XMP ", b"mine"]
    assert after[0][1][0] == before[0][1][0] | 0x04
    assert after[1:3] + after[5:] == before[1:3] + before[4:]
    assert remove_metadata(written) == unknown


def test_webp_keeps_an_extended_header_that_was_there() -> None:
    header = riff_chunk(b"VP8X", bytes(4) + bytes([6, 0, 0, 10, 0, 0]))
    data = riff(header, WEBP[12:])
    packet = riff_chunk(b"XMP ", FOREIGN_XMP)
    foreign = riff(riff_chunk(b"VP8X", b"\x04" + header[9:]), WEBP[12:], packet)
    for one in (data, foreign):
        found = chunks(remove_metadata(write_metadata(one, WORDS)), 12, "little")
        assert one is data or found == chunks(foreign, 12, "little")
        assert decoded(remove_metadata(write_metadata(one, WORDS))) == decoded(one)


@pytest.mark.parametrize("order", ["<", ">"])
def test_tiff_appends_and_moves_nothing(order) -> None:
    data = raw_tiff(np.asarray(RGB), order=order, rows=3) + b"odd"
    written = write_metadata(data, WORDS)
    assert written[:4] + written[8 : len(data)] == data[:4] + data[8:]
    (start,) = struct.unpack(f"{order}I", written[4:8])
    assert start % 2 == 0
    assert start > len(data)
    tags = [entry.tag for entry in tiff_tags.read(written).entries]
    assert tags == sorted({*(e.tag for e in tiff_tags.read(data).entries), 270, 700})
    assert remove_metadata(written) == data


def test_tiff_keeps_what_others_appended_behind_the_words() -> None:
    written = write_metadata(TIFF, WORDS) + b"more"
    assert read_metadata(written) == WORDS
    again = write_metadata(written, ImageWords("Other"), REPLACE)
    assert again[8 : len(written)] == written[8:]
    assert read_metadata(again).alt_text == "Other"
    bare = remove_metadata(again)
    assert read_metadata(bare) == ImageWords()
    assert decoded(bare) == decoded(TIFF)


def test_tiff_description_of_another_program_is_kept_replaced_and_taken_out() -> None:
    data = encode(RGB, "TIFF", tiffinfo={270: "Words of others"})
    assert read_metadata(data).description == "Words of others"
    assert plan(data, WORDS)["description"].outcome == "kept"
    written = write_metadata(data, WORDS, REPLACE)
    assert read_metadata(written) == WORDS
    found = tiff_tags.read(written).value(270)
    assert found == (2, WORDS.description.encode() + b"\x00")
    bare = remove_metadata(data)
    assert read_metadata(bare).description == ""
    assert decoded(bare) == decoded(data)


def test_tiff_with_something_missing_is_refused() -> None:
    """What is appended would be taken for the missing pixels, or for the next page."""
    data = encode(RGB, "TIFF")
    entries = tiff_tags.read(data).entries
    (at,) = (10 + 12 * n for n, entry in enumerate(entries) if entry.tag == 273)
    sized = next(10 + 12 * n for n, entry in enumerate(entries) if entry.tag == 279)
    end = 10 + 12 * len(entries)

    def changed(place: int, number: int) -> bytes:
        return bytes(data[:place] + struct.pack("<I", number) + data[place + 4 :])

    for wrong in (
        data[:-1],
        changed(at + 8, 0),
        changed(end, len(data) + 8),
        changed(sized + 8, 1)[:-1],
        data[: at + 2] + b"\xff" + data[at + 3 :],
    ):
        with pytest.raises(BrokenImageError):
            write_metadata(wrong, WORDS)


def test_tiff_directories_out_of_order_stay_so() -> None:
    data = encode(RGB, "TIFF")
    rows = [entry.raw for entry in tiff_tags.read(data).entries]
    mixed = data[:10] + b"".join([rows[1], rows[0], *rows[2:]]) + data[10 + 12 * len(rows) :]
    written = write_metadata(mixed, WORDS)
    tags = [entry.tag for entry in tiff_tags.read(written).entries]
    assert [tag for tag in tags if tag not in {270, 700}] == [257, 256, *tags_of(data)[2:]]
    assert remove_metadata(written) == mixed


def tags_of(data: bytes) -> list[int]:
    return [entry.tag for entry in tiff_tags.read(data).entries]


def test_exif_of_a_camera_counts_as_no_description() -> None:
    block = b"Exif\x00\x00" + exif_block(description=b"SONY DSC   \x00")
    data = encode(RGB, "JPEG", exif=block)
    assert read_metadata(data).description == ""
    assert plan(data, WORDS).places == ("XMP",)
    assert plan(data, WORDS, REPLACE).places == ("XMP", "EXIF")


def test_exif_with_another_description_is_told() -> None:
    block = b"Exif\x00\x00" + exif_block(description="Stra\xdfe".encode("latin-1"))
    assert read_metadata(encode(RGB, "JPEG", exif=block)).description == "Straße"
    packet = described("<dc:description>Other</dc:description>")
    change = plan(encode(RGB, "JPEG", exif=block, xmp=packet), ImageWords(description="Other"))
    assert change.places == ()
    assert change["description"].outcome == "same"
    assert change.warnings == ("EXIF has another description. It stays as it is.",)


def test_exif_that_is_damaged_or_full_stays() -> None:
    damaged = with_segments(JPEG, segment(0xE1, b"Exif\x00\x00MM\x00*\x00\x00\x00\x63"))
    assert plan(damaged, WORDS).places == ("XMP",)
    full = with_segments(JPEG, segment(0xE1, b"Exif\x00\x00" + exif_block() + bytes(65_300)))
    change = plan(full, ImageWords(description="d" * 200))
    assert (change.places, len(change.warnings)) == (("XMP",), 1)
    assert read_metadata(write_metadata(full, WORDS)).description == WORDS.description


def jumbf(order: int = 1) -> bytes:
    box = b"\x00\x00\x00\x20jumd" + b"c2pa\x00\x11\x00\x10\x80\x00\x00\xaa\x00\x38\x9bq\x03c2pa\x00"
    content = b"JP" + struct.pack(">HI", 1, order) + struct.pack(">I", 8 + len(box)) + b"jumb" + box
    return segment(0xEB, content)


SIGNED = {
    "JPEG": with_segments(JPEG, jumbf(), after=20),
    "PNG": with_chunk(PNG, b"caBX", b"\x00\x00\x00\x20jumb"),
    "WebP": riff(WEBP[12:], riff_chunk(b"C2PA", b"\x00\x00\x00\x20jumb")),
    "TIFF": tiff_tags.edit(TIFF, {52545: tiff_tags.Value(7, b"\x00\x00\x00\x20jumb")}),
    "elsewhere": encode(
        RGB, "JPEG", xmp=described("", attributes='d:provenance="https://example.org/1.c2pa"')
        .replace(b"xmlns:dc", b"xmlns:d='http://purl.org/dc/terms/' xmlns:dc", 1),
    ),
}  # fmt: skip


@pytest.mark.parametrize("data", SIGNED.values(), ids=SIGNED)
def test_signed_files_are_refused_unless_forced(data) -> None:
    change = plan(data, WORDS)
    assert change.signed
    assert "sidecar" in change.warnings[0]
    with pytest.raises(SignedImageError, match="sidecar"):
        write_metadata(data, WORDS)
    assert write_metadata(data, ImageWords()) is data
    assert remove_metadata(data, WORDS) is data
    forced = write_metadata(data, WORDS, WritePolicy(break_signature=True))
    assert read_metadata(forced) == WORDS
    assert plan_removal(forced).signed
    with pytest.raises(SignedImageError):
        remove_metadata(forced)


def test_other_boxes_in_app11_are_no_signature() -> None:
    data = with_segments(JPEG, jumbf().replace(b"c2pa", b"jpgt"), after=20)
    assert not plan(data, WORDS).signed


@pytest.mark.parametrize(
    "data",
    [
        encode(RGB, "GIF"),
        encode(RGB, "BMP"),
        b"\x00\x00\x00\x1cftypavif" + bytes(40),
        b"II+\x00\x08\x00\x00\x00" + bytes(40),
        tiff_tags.edit(TIFF, {50706: tiff_tags.Value(1, b"\x01\x04\x00\x00")}),
        b"words",
    ],
)
def test_other_formats_are_offered_a_sidecar(data) -> None:
    for call in (read_metadata, lambda d: write_metadata(d, WORDS), remove_metadata):
        with pytest.raises(MetadataError, match="sidecar"):
            call(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        JPEG[:30],
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff\xe1\x00\x01" + JPEG[2:],
        PNG[:-12],
        PNG[:60],
        PNG[:8] + PNG[33:],
        WEBP[:-1],
        riff(),
        riff(riff_chunk(b"VP8X", bytes(10))),
        riff(riff_chunk(b"VP8 ", bytes(20))),
        TIFF[:30],
        b"II*\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00",
    ],
)
def test_damaged_files_are_refused(data) -> None:
    with pytest.raises(BrokenImageError) as caught:
        write_metadata(data, WORDS)
    assert caught.value.message.endswith(".")


def test_too_many_words_are_refused() -> None:
    for words in (
        ImageWords("a" * 100_001),
        ImageWords(keywords=tuple(map(str, range(1001)))),
        ImageWords(keywords=("k" * 100_001,)),
    ):
        with pytest.raises(MetadataError, match="limit"):
            write_metadata(JPEG, words)


def test_splices_may_not_overlap() -> None:
    assert apply(b"abcd", [Splice(3, 4, b""), Splice(1, 1, b"x"), Splice(1, 2, b"y")]) == b"axyc"
    for wrong in ([Splice(0, 2, b""), Splice(1, 3, b"")], [Splice(2, 5, b"")]):
        with pytest.raises(ValueError, match="splice"):
            apply(b"abcd", wrong)


def test_blocks_say_their_format() -> None:
    found = [container_of(data).read(data).format for data in (JPEG, PNG, WEBP, TIFF)]
    assert found == ["JPEG", "PNG", "WebP", "TIFF"]
