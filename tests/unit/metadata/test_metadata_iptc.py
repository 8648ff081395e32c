"""IPTC-IIM: only changed where it is, other data sets untouched, encodings and limits kept."""

from __future__ import annotations

import hashlib

import pytest

from pycore.metadata import ImageWords, WritePolicy, iptc, plan, read_metadata, write_metadata
from pycore.metadata.containers import jpeg
from tests.unit.images.image_samples import encode, pattern
from tests.unit.metadata.metadata_samples import (
    IIM,
    WORDS,
    data_set,
    described,
    resources,
    with_iim,
)

JPEG = encode(pattern(9, 8), "JPEG")
DOG = data_set(2, 25, b"dog")
OLD = data_set(2, 5, b"T\xedtulo")  # Latin
UTF8 = data_set(1, 90, b"\x1b%G")


def test_data_sets_come_in_order_and_others_stay() -> None:
    written = iptc.edit(IIM, "Straße", ["sea", "dog"])
    assert written == IIM.replace(
        data_set(2, 25, b"sea"), data_set(2, 25, b"sea") + DOG
    ) + data_set(2, 120, "Straße".encode())
    assert iptc.edit(written, "Straße", ["dog", "SEA"]) is written
    assert iptc.edit(written, "", ["sea"]) == IIM
    assert iptc.edit(written, None, None) is written


@pytest.mark.parametrize(
    ("data", "text", "expected"),
    [
        (b"", "dog", data_set(2, 120, b"dog")),
        (b"", "Hündin", UTF8 + data_set(2, 120, "Hündin".encode())),
        (DOG, "Hündin", UTF8 + DOG + data_set(2, 120, "Hündin".encode())),
        (OLD, "Hündin", OLD + data_set(2, 120, b"H\xfcndin")),
        (UTF8 + OLD, "Hündin", UTF8 + OLD + data_set(2, 120, "Hündin".encode())),
    ],
)
def test_the_encoding_leaves_other_texts_right(data, text, expected) -> None:
    assert iptc.edit(data, text, None) == expected
    assert iptc.read(expected)[0] == text


def test_a_character_set_without_the_letters() -> None:
    with pytest.raises(iptc.CharacterSetError):
        iptc.edit(OLD, "犬", None)
    change = plan(with_iim(JPEG, OLD), ImageWords(description="犬"))
    assert change.places == ("XMP",)
    assert "character set" in change.warnings[0]


def test_limits_cut_between_characters() -> None:
    text = "a" * 1999 + "ß"
    keyword = "k" * 63 + "ß"
    written = iptc.edit(IIM, text, ["sea", keyword])
    assert iptc.read(written) == ("a" * 1999, ("sea", "k" * 63))
    assert iptc.edit(written, text, ["sea", keyword]) is written
    data = with_iim(JPEG, IIM)
    words = ImageWords(description=text, keywords=(keyword,))
    once = write_metadata(data, words)
    assert read_metadata(once).description == text
    assert read_metadata(once).keywords == ("sea", keyword)
    assert write_metadata(once, words) is once


@pytest.mark.parametrize(
    "data",
    [
        b"\x1c\x02\x78\x00\x09short",
        b"\x1c\x02\x78\x80\x05\x00\x00\x00\x00\x01a",
        b"\x1c\x02\x78\x80\x04\xff\xff\xff\xffa",
        DOG + b"junk",
    ],
)
def test_damaged_streams_are_left_alone(data) -> None:
    with pytest.raises(ValueError, match="data set"):
        iptc.read(data)
    file = with_iim(JPEG, data)
    change = plan(file, WORDS)
    assert change.places == ("XMP",)
    assert "damaged" in change.warnings[0]
    assert jpeg.read(write_metadata(file, WORDS)).iim == data


def test_long_data_sets() -> None:
    long = b"\x1c\x02\x78\x80\x04" + (5).to_bytes(4, "big") + b"words"
    assert iptc.read(long + b"\x00\x00")[0] == "words"
    assert iptc.edit(long, "words", None) is long


def test_the_digest_follows_where_it_held() -> None:
    data = with_iim(JPEG, IIM)
    written = jpeg.read(write_metadata(data, WORDS))
    assert written.iim_digest == hashlib.md5(written.iim or b"", usedforsecurity=False).digest()
    assert iptc.read(written.iim or b"") == (WORDS.description, ("sea", *WORDS.keywords))
    for digest in (b"x" * 16, b""):
        data = with_iim(JPEG, IIM, digest=digest)
        assert jpeg.read(write_metadata(data, WORDS)).iim_digest == (digest or None)


def test_a_broken_digest_means_that_the_older_form_is_newer() -> None:
    iim = IIM + data_set(2, 120, b"newer")
    packet = described("<dc:description>older</dc:description>")
    file = encode(pattern(9, 8), "JPEG", xmp=packet)
    assert read_metadata(with_iim(file, iim)).description == "older"
    assert read_metadata(with_iim(file, iim, digest=b"x" * 16)).description == "newer"
    assert read_metadata(with_iim(JPEG, iim)).description == "newer"


def test_no_iim_where_there_was_none_or_none_is_wanted() -> None:
    assert jpeg.read(write_metadata(JPEG, WORDS)).iim is None
    data = with_iim(JPEG, IIM)
    assert jpeg.read(write_metadata(data, WORDS, WritePolicy(iim=False))).iim == IIM


def test_a_stream_without_room_stays() -> None:
    iim = IIM + data_set(2, 202, bytes(32_000)) * 2
    room = 65_533 - len(b"Photoshop 3.0\x00") - len(resources(iim)) - 5
    data = with_iim(JPEG, iim + data_set(2, 202, bytes(room - 20 - room % 2)))
    change = plan(data, WORDS)
    assert change.places == ("XMP",)
    assert "no room" in change.warnings[0]
    assert read_metadata(write_metadata(data, WORDS)).description == WORDS.description
