"""Damaged files of every kind: a clear error, or a right file with the same picture."""

from __future__ import annotations

import random
import struct
import time

import pytest

from pycore.errors import BrokenImageError, SeesayError
from pycore.metadata import (
    FIELDS,
    ImageWords,
    WritePolicy,
    read_metadata,
    read_sidecar,
    write_metadata,
    xmp_sidecar,
)
from pycore.metadata.containers.blocks import MOST_PARTS
from tests.unit.damage import damaged
from tests.unit.metadata.metadata_samples import (
    FOREIGN_XMP,
    OTHER_WORDS,
    WORDS,
    chunk,
    riff,
    riff_chunk,
    samples,
    with_chunk,
    with_segments,
)
from tests.unit.metadata.round_trip import picture, round_trip

SAMPLES = samples()
FILES_EACH = 30
MAX_SECONDS = 60  # for one file; a thousand times what the slowest one needs
POLICY = WritePolicy(replace=frozenset(FIELDS), break_signature=True)


def attempt(data: bytes) -> bool:
    """Read, write and remove; False when that was refused the right way."""
    began = time.perf_counter()
    trip = round_trip(data, POLICY)
    if trip is None:
        return False
    if trip.before == ImageWords():
        assert len(trip.removed) <= len(trip.written)
    assert time.perf_counter() - began < MAX_SECONDS
    if (seen := picture(data)) is not None:
        assert picture(trip.written) == picture(trip.removed) == seen
    return True


@pytest.mark.filterwarnings("ignore")  # Pillow's, about what was done to the files
@pytest.mark.parametrize("name", SAMPLES)
def test_damaged_files(name: str) -> None:
    chance = random.Random(f"1 {name}")
    sources = (SAMPLES[name], write_metadata(SAMPLES[name], OTHER_WORDS, POLICY))
    worked = [attempt(damaged(chance.choice(sources), chance)) for _ in range(FILES_EACH)]
    assert any(worked)
    assert not all(worked), "the damage was too gentle to prove anything"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", SAMPLES)
def test_files_cut_anywhere(name: str) -> None:
    data = write_metadata(SAMPLES[name], WORDS)
    for end in range(0, len(data), max(1, len(data) // 20)):
        attempt(data[:end])


@pytest.mark.filterwarnings("ignore")
def test_noise_behind_the_first_bytes() -> None:
    chance = random.Random(3)
    for data in SAMPLES.values():
        for kept in (4, 8, 12, 16, 24, 33):
            attempt(data[:kept] + chance.randbytes(chance.randrange(600)))


def test_damaged_packets() -> None:
    chance = random.Random(4)
    sources = (FOREIGN_XMP, xmp_sidecar(WORDS), xmp_sidecar(OTHER_WORDS, FOREIGN_XMP))
    worked = 0
    for _ in range(300):
        packet = damaged(chance.choice(sources), chance)
        try:
            written = xmp_sidecar(WORDS, packet, POLICY)
        except SeesayError:
            continue
        worked += 1
        assert xmp_sidecar(WORDS, written, POLICY) is written
    assert 0 < worked < 300


def test_long_blanks_take_no_long() -> None:
    blanks = b" " * 1_000_000
    began = time.perf_counter()
    packet = FOREIGN_XMP.replace(b" own:Note", blanks + b"own:Note").replace(
        b"\n<?x", blanks + b"<?x"
    )
    written = xmp_sidecar(WORDS, packet)
    assert remove_blanks(written) == remove_blanks(xmp_sidecar(WORDS, FOREIGN_XMP))
    assert time.perf_counter() - began < MAX_SECONDS


def test_thousands_of_descriptions_and_tags_take_no_long() -> None:
    began = time.perf_counter()
    description = b"<rdf:Description><own:Note>a</own:Note></rdf:Description>"
    own = b"<own:Note>a</own:Note>", b"<photoshop:CaptionWriter>a</photoshop:CaptionWriter>"
    spaces = b" xmlns:own='urn:a' xmlns:photoshop='http://ns.adobe.com/photoshop/1.0/'><!--"
    many = description.replace(*own) * 24_000
    packet = FOREIGN_XMP.replace(b">\n  <!--", spaces).replace(b"</rdf:RDF>", many + b"</rdf:RDF>")
    assert read_sidecar(packet).caption_writer == "a"
    assert read_sidecar(xmp_sidecar(WORDS, packet)).alt_text == WORDS.alt_text

    rows = b"".join(struct.pack("<HHII", 1000 + tag, 4, 1, 0) for tag in range(32_000))
    rows = struct.pack("<HHII", 273, 4, 1, 8) + rows
    pages = b"II*\x00\x08\x00\x00\x00"
    for number in range(8):
        pages += struct.pack("<H", 32_001) + rows
        pages += struct.pack("<I", 0 if number == 7 else len(pages) + 4)
    assert read_metadata(pages) == ImageWords()
    assert time.perf_counter() - began < MAX_SECONDS


def _tiff_of_strips(count: int) -> bytes:
    rows = struct.pack("<HHHIIHHII", 2, 273, 4, count, 38, 279, 4, count, 38)
    return b"II*\x00\x08\x00\x00\x00" + rows + bytes(4) + struct.pack("<I", 8) * count


MANY = MOST_PARTS - 10


@pytest.mark.parametrize(
    "make",
    [
        lambda count: with_segments(SAMPLES["jpeg"], b"\xff\xe5\x00\x02" * count),
        lambda count: with_segments(SAMPLES["jpeg"], b"\xff\x01" * count),
        lambda count: with_chunk(SAMPLES["png"], b"prVt", b"").replace(
            chunk(b"prVt", b""), chunk(b"prVt", b"") * count
        ),
        lambda count: riff(
            riff_chunk(b"VP8X", bytes(4) + b"\x0c\0\0\x11\0\0"),
            SAMPLES["webp lossless"][12:],
            *[riff_chunk(b"unkn", b"")] * count,
        ),
        lambda count: _tiff_of_strips(10 * count),
    ],
)
def test_files_of_too_many_parts_are_refused(make) -> None:
    assert read_metadata(make(MANY)) == ImageWords()
    with pytest.raises(BrokenImageError):
        read_metadata(make(MANY + 20 + (MANY // 10)))


def remove_blanks(data: bytes) -> bytes:
    return b"".join(data.split())
