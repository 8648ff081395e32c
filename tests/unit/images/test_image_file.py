"""read_image: formats, limits, orientation, damage."""

from __future__ import annotations

import hashlib
import struct
import warnings
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image, ImageFile

from pycore.errors import (
    BrokenImageError,
    ImageTooLargeError,
    SeesayError,
    UnsupportedImageError,
)
from pycore.images.decoding import pillow_file
from pycore.images.decoding.cut import noise
from pycore.images.file import read_image
from tests.unit.images.image_samples import FIXTURES, encode, open_sample, pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

ORIENTATION = 0x0112
LOSSLESS: dict[str, dict[str, Any]] = {
    "PNG": {},
    "WEBP": {"lossless": True, "exact": True},
    "BMP": {},
    "TIFF": {},
}


@pytest.fixture(autouse=True)
def _pillow_is_left_as_it_was() -> Iterator[None]:
    before = Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, list(warnings.filters)
    yield
    assert before == (
        Image.MAX_IMAGE_PIXELS,
        ImageFile.LOAD_TRUNCATED_IMAGES,
        list(warnings.filters),
    )


def _difference(one: Image.Image, other: Image.Image) -> float:
    """Mean absolute difference of two images, in levels of 0..255."""
    assert one.size == other.size
    return float(np.abs(np.asarray(one, np.int16) - np.asarray(other, np.int16)).mean())


@pytest.mark.parametrize(("format_name", "options"), LOSSLESS.items(), ids=LOSSLESS)
def test_lossless_formats_give_their_pixels(format_name: str, options: dict[str, Any]) -> None:
    image = pattern(31, 45)
    decoded = read_image(encode(image, format_name, **options))
    assert decoded.pixels.mode == "RGB"
    assert decoded.pixels.tobytes() == image.tobytes()
    assert (decoded.width, decoded.height) == (45, 31)


@pytest.mark.parametrize("name", ["JPEG", "GIF"])
def test_other_formats_come_close(name: str) -> None:
    image = pattern(64, 48).resize((480, 640))
    decoded = read_image(encode(image, name, **({"quality": 95} if name == "JPEG" else {})))
    assert decoded.format == name
    assert _difference(decoded.pixels, image) < 12


def test_the_hash_is_of_the_bytes() -> None:
    data = (FIXTURES / "photos" / "pillow_hopper.jpg").read_bytes()
    assert read_image(data).sha256 == hashlib.sha256(data).hexdigest()
    assert read_image(data, sha256="known already").sha256 == "known already"


def test_only_the_first_frame_counts() -> None:
    first, second = pattern(20, 30), pattern(20, 30).rotate(180)
    for name in ("PNG", "WEBP", "TIFF"):
        data = encode(first, name, save_all=True, append_images=[second] * 3, **LOSSLESS[name])
        assert read_image(data).pixels.tobytes() == first.tobytes(), name


def test_a_gif_frame_smaller_than_its_canvas_lies_on_white() -> None:
    small = Image.new("P", (2, 2), 0)
    small.putpalette([255, 0, 0] + [0, 0, 255] * 3)
    data = bytearray(encode(small, "GIF"))
    data[6:10] = struct.pack("<HH", 6, 4)  # the canvas
    place = data.index(b"," + bytes(4))
    data[place + 1 : place + 5] = struct.pack("<HH", 3, 1)  # where the frame begins
    pixels = read_image(bytes(data)).pixels
    assert pixels.size == (6, 4)
    assert pixels.getpixel((3, 1)) == pixels.getpixel((4, 2)) == (255, 0, 0)
    assert pixels.getpixel((0, 0)) == pixels.getpixel((5, 3)) == (255, 255, 255)


@pytest.mark.parametrize("name", ["JPEG", "PNG", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_images_are_turned_upright(name: str, orientation: int) -> None:
    upright = pattern(32, 48)
    inverse = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(inverse[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    options = LOSSLESS.get(name, {"quality": 100, "subsampling": 0})
    decoded = read_image(encode(stored, name, exif=exif, **options), target_size=(32, 48))
    assert (decoded.width, decoded.height) == (48, 32)
    assert _difference(decoded.pixels, upright) < 2


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_impossible_orientation_is_ignored(orientation: int) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    image = pattern(5, 9)
    assert read_image(encode(image, "PNG", exif=exif)).pixels.tobytes() == image.tobytes()


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("exif6.jpg", (224, 320)),
        ("exif6.webp", (320, 224)),
        ("xmp6.jpg", (320, 224)),
        ("rawprofile6.png", (320, 224)),
    ],
)
def test_upright_is_what_chromium_takes_for_upright(name: str, size: tuple[int, int]) -> None:
    decoded = read_image((FIXTURES / "field" / name).read_bytes())
    assert (decoded.width, decoded.height) == decoded.pixels.size == size


def test_broken_metadata_do_not_cost_the_image() -> None:
    data = encode(pattern(16, 16), "JPEG", exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff")
    assert read_image(data).pixels.size == (16, 16)


def test_the_pixel_budget_is_checked_before_decoding() -> None:
    for name in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"):
        data = encode(pattern(40, 50), name)
        assert read_image(data, max_pixels=2000).width == 50
        with pytest.raises(ImageTooLargeError, match=r"^That image is 50 x 40 pixels; the limit"):
            read_image(data, max_pixels=1999)


def test_the_sentence_names_the_numbers() -> None:
    header = b"IHDR" + struct.pack(">IIBBBBB", 30000, 20000, 8, 2, 0, 0, 0)
    data = bytearray(encode(pattern(1, 1), "PNG"))
    data[12:33] = header + struct.pack(">I", zlib.crc32(header))
    with pytest.raises(ImageTooLargeError) as caught:
        read_image(bytes(data))
    assert caught.value.message == (
        "That image is 30000 x 20000 pixels; the limit is 100 megapixels. "
        "Make it smaller and try again."
    )


WEBP_HEADERS = {
    "VP8X": b"VP8X\x0a\x00\x00\x00" + bytes(4) + b"\xfe\x3f\x00" * 2,
    "VP8L": b"VP8L\x0d\x00\x00\x00\x2f\xfe\xff\xff\x0f" + bytes(8),
    "VP8 ": b"VP8 \x0a\x00\x00\x00\x10\x00\x00\x9d\x01\x2a\xff\x3f\xff\x3f" + bytes(2),
}


@pytest.mark.parametrize("chunk", WEBP_HEADERS.values(), ids=WEBP_HEADERS)
def test_a_tiny_webp_cannot_ask_for_gigabytes(
    chunk: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reserve_memory(*_: object, **__: object) -> None:
        raise AssertionError("Pillow was asked")

    monkeypatch.setattr(Image, "open", reserve_memory)
    data = b"RIFF" + (len(chunk) + 4).to_bytes(4, "little") + b"WEBP" + chunk
    with pytest.raises(ImageTooLargeError, match=r"^That image is 1638\d x 1638\d pixels"):
        read_image(data)


def test_a_gif_frame_cannot_outgrow_the_budget() -> None:
    data = bytearray(encode(pattern(4, 4), "GIF"))
    place = data.index(b"," + bytes(4))
    data[place + 5 : place + 9] = struct.pack("<HH", 60000, 60000)
    with pytest.raises(ImageTooLargeError, match="more than 100 megapixels, which is the limit"):
        read_image(bytes(data))


def _tiled_tiff(tile_width: int, tile_height: int, offsets: int) -> bytes:
    """An 8 x 8 grey TIFF whose header claims some tiles, all of them at the same place."""
    tags = {256: 8, 257: 8, 258: 8, 259: 1, 262: 1, 277: 1, 322: tile_width, 323: tile_height}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    entries += struct.pack("<HHII", 324, 4, offsets, 200)
    header = b"II*\x00\x08\x00\x00\x00" + struct.pack("<H", len(tags) + 1) + entries + bytes(4)
    return header.ljust(200, b"\x00") + struct.pack("<I", 100) * offsets


def test_a_tiff_tile_cannot_outgrow_the_budget() -> None:
    assert read_image(_tiled_tiff(8, 4, 2)).pixels.size == (8, 8)
    with pytest.raises(ImageTooLargeError, match="That image is 200000 x 200000 pixels"):
        read_image(_tiled_tiff(200_000, 200_000, 2))


def test_a_tiff_cannot_have_the_same_pixels_decoded_many_times() -> None:
    with pytest.raises(BrokenImageError) as caught:
        read_image(_tiled_tiff(8, 4, 20_000))
    assert "cover the image many times" in caught.value.detail


def test_raw_photos_in_tiff_clothes_are_refused() -> None:
    dng = encode(pattern(8, 8), "TIFF", tiffinfo={50706: b"\x01\x04\x00\x00"})
    with pytest.raises(UnsupportedImageError, match="raw camera file"):
        read_image(dng)


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(ImageTooLargeError, match=r"^That file has 3 MB; the limit is 2 MB\. Make"):
        read_image(bytes(3_000_000), max_bytes=2_000_000)


def test_too_little_memory_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(ImageFile.ImageFile, "load", load)
    with pytest.raises(ImageTooLargeError, match="needs more memory than there is"):
        read_image(encode(pattern(8, 8), "BMP"))


@pytest.mark.parametrize("progressive", [False, True])
def test_a_cut_jpeg_is_shown_as_far_as_it_goes(progressive: bool) -> None:
    image = pattern(256, 256)
    data = encode(image, "JPEG", quality=90, progressive=progressive)
    half = read_image(data[: len(data) // 2])
    assert (half.width, half.height, half.pixels.width) == (256, 256, 256)
    assert half.pixels.height == 256 if progressive else 96 <= half.pixels.height <= 128
    assert "ends early" in half.notes[0] if progressive else "missing" in half.notes[0]
    top = (0, 0, 256, 64)
    assert _difference(half.pixels.crop(top), image.crop(top)) < 40
    end_marker_lost = read_image(data[:-2])
    assert _difference(end_marker_lost.pixels, read_image(data).pixels) < 1


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_a_file_cut_so_early_that_nothing_decodes_is_an_error(name: str) -> None:
    data = encode(pattern(64, 64), name)
    pixels_begin = {
        "JPEG": data.find(b"\xff\xda") + 14,
        "PNG": data.find(b"IDAT") + 4,
        "WEBP": 30,
        "GIF": 790,
        "BMP": 54,
        "TIFF": 8,
    }[name]
    for end in (18, 26, pixels_begin // 2, pixels_begin):
        with pytest.raises((BrokenImageError, UnsupportedImageError)) as caught:
            read_image(data[:end])
        assert caught.value.message.endswith(".")


def test_a_cut_bmp_of_the_oldest_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    lengths: list[int] = []

    def counted(seed: int, length: int) -> bytes:
        lengths.append(length)
        return noise(seed, length)

    monkeypatch.setattr(pillow_file, "noise", counted)
    header = struct.pack("<IHHHH", 12, 64, 64, 1, 24)
    file = b"BM" + struct.pack("<IHHI", 0, 0, 0, 26) + header + bytes(range(192)) * 40
    assert read_image(file).seen == (0.0, 24 / 64, 1.0, 1.0)
    assert 0 < max(lengths) < 20_000
    with pytest.raises(BrokenImageError):
        read_image(file[:26])


@pytest.mark.parametrize("length", [8, 11, 14, 17, 20])
@pytest.mark.parametrize("count", range(6))
def test_a_jpeg_frame_whose_length_and_components_differ(count: int, length: int) -> None:
    """With an Adobe marker, so that colours are restored here."""
    image = encode(pattern(24, 16), "JPEG")
    for transform in (b"\x00", b"\x02"):
        adobe = b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00" + transform
        data = bytearray(image[:2] + adobe + image[2:])
        frame = data.index(b"\xff\xc0")
        data[frame + 2 : frame + 4] = struct.pack(">H", length)
        data[frame + 9] = count
        try:
            assert read_image(bytes(data)).pixels.mode == "RGB"
        except SeesayError as error:
            assert isinstance(error, BrokenImageError)


@pytest.mark.parametrize("junk", [b"\xff", b"\xff\xe5\x00\x02"])
def test_a_jpeg_of_nothing_but_segments_is_refused(junk: bytes) -> None:
    data = encode(pattern(24, 16), "JPEG")
    assert read_image(data[:2] + junk * 100 + data[2:]).width == 16
    with pytest.raises(BrokenImageError) as caught:
        read_image(data[:2] + junk * 200_000 + data[2:])
    assert "segments" in caught.value.detail


def test_a_damaged_file_is_an_error_with_the_cause_for_developers() -> None:
    with pytest.raises(BrokenImageError) as caught:
        read_image(b"\x89PNG\r\n\x1a\n" + b"\xff" * 500)
    assert caught.value.message.startswith("That PNG file is damaged or incomplete")
    assert caught.value.detail
    assert caught.value.__cause__ is not None


def test_a_wrong_checksum_does_not_cost_the_image() -> None:
    data = bytearray(encode(pattern(8, 8), "PNG"))
    data[data.index(b"IEND") - 5] ^= 1  # of the pixels
    assert read_image(bytes(data)).pixels.tobytes() == pattern(8, 8).tobytes()


def test_an_eps_named_png_never_reaches_ghostscript(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "open", lambda *_: pytest.fail("Pillow was asked"))
    with pytest.raises(UnsupportedImageError, match="EPS"):
        read_image(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n")


def test_jpeg_is_decoded_at_about_twice_the_target() -> None:
    photo = Image.open(FIXTURES / "photos" / "kodim23.png").resize(
        (3072, 2048), Image.Resampling.BICUBIC
    )
    data = encode(photo, "JPEG", quality=90)
    small = read_image(data, target_size=(224, 224))
    assert (small.width, small.height) == (3072, 2048)
    assert small.pixels.size == (768, 512)  # a quarter: an eighth would be below 448
    full = read_image(data)
    assert full.pixels.size == (3072, 2048)
    one, other = (item.pixels.resize((224, 224)) for item in (small, full))
    assert _difference(one, other) < 0.5  # of 255
    assert np.abs(np.asarray(one, np.int16) - np.asarray(other, np.int16)).max() <= 6


def test_jpeg_on_its_side_is_not_decoded_too_small() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    data = encode(pattern(1600, 800), "JPEG", exif=exif)
    decoded = read_image(data, target_size=(100, 400))  # upright it is 1600 wide and 800 high
    assert decoded.pixels.size == (800, 400)
    assert (decoded.width, decoded.height) == (1600, 800)


@pytest.mark.parametrize("name", ["photos/skimage_rocket.jpg", "photos/pillow_hopper.jpg"])
def test_jpeg_libraries_agree_about_photographs(name: str) -> None:
    """Pyodide has libjpeg 9, other builds have libjpeg-turbo, which made the copy in PNG."""
    data = (FIXTURES / name).read_bytes().replace(b"ICC_PROFILE", b"not_a_PROFI")
    pixels = read_image(data).pixels
    copy = "pillow_hopper.png" if "hopper" in name else name
    assert _difference(pixels, open_sample(copy)) < 1.5


def test_pillow_warnings_stay_inside() -> None:
    exif = b"Exif\x00\x00II*\x00\x08\x00\x00\x00\xff\xff"
    for name in ("JPEG", "PNG", "WEBP"):
        data = encode(pattern(8, 8), name, exif=exif)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            read_image(data)
        assert not caught, name


def test_our_own_mistakes_are_not_blamed_on_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise AttributeError("ours")

    monkeypatch.setattr("pycore.images.file.on_ground", fail)
    monkeypatch.setattr("pycore.images.decoding.pillow_file.take_transform", fail)
    for name in ("JPEG", "PNG"):
        with pytest.raises(AttributeError, match="ours"):
            read_image(encode(pattern(8, 8), name))
