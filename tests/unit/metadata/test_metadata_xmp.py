"""XMP in all its forms: read, changed where it stands, and everything else left alone."""

from __future__ import annotations

import datetime as dt
import time

import pytest

from pycore.errors import MetadataError
from pycore.metadata import (
    FIELDS,
    ImageWords,
    WritePolicy,
    read_sidecar,
    xmp,
    xmp_sidecar,
)
from pycore.metadata.located_xml import MAX_BYTES, MAX_DEPTH, MAX_ELEMENTS, parse
from tests.unit.metadata.metadata_samples import FOREIGN_XMP, RDF, WORDS, described

REPLACE = WritePolicy(replace=frozenset(FIELDS))


def alternatives(*items: tuple[str, str]) -> str:
    inner = "".join(f'<rdf:li xml:lang="{lang}">{text}</rdf:li>' for lang, text in items)
    return f"<dc:description>\n <rdf:Alt>\n  {inner}</rdf:Alt></dc:description>"


OTHER_PREFIX = described(alternatives(("x-default", "A"))).replace(b"dc:", b"d:")
OTHER_PREFIX = OTHER_PREFIX.replace(b"xmlns:dc=", b"xmlns:d=")


@pytest.mark.parametrize(
    ("packet", "expected"),
    [
        (described(alternatives(("x-default", "A"))), "A"),
        (described(alternatives(("de", "B"), ("X-Default", "A"))), "A"),
        (described(alternatives(("de", "B"), ("en", "A"))), "B"),
        (described(alternatives(("x-default", " "), ("en", "A"))), "A"),
        (described("<dc:description>A &amp; <!-- --><![CDATA[<B>]]></dc:description>"), "A & <B>"),
        (described("", attributes='dc:description="A"'), "A"),
        (described("<dc:description/>"), ""),
        (described("<dc:description><rdf:Alt/></dc:description>"), ""),
        (
            described(
                "<dc:description><rdf:Alt><rdf:li xml:lang='x-default' rdf:parseType='Resource'>"
                "<rdf:value>A</rdf:value><dc:title>no</dc:title></rdf:li></rdf:Alt></dc:description>"
            ),
            "A",
        ),
        (
            described(
                "<dc:description><rdf:Bag><rdf:li>A</rdf:li><rdf:li>B</rdf:li></rdf:Bag>"
                "</dc:description>"
            ),
            "A",
        ),
        (OTHER_PREFIX, "A"),
        (described(alternatives(("x-default", "Ä"))).decode().encode("utf-16"), "Ä"),
        (described(alternatives(("x-default", "Ä"))).decode().encode("utf-16-be"), "Ä"),
        (described(alternatives(("x-default", "A"))) + b"\x00\x00", "A"),
        (described("").replace(b"dc/elements", b"other"), ""),
    ],
)  # fmt: skip
def test_forms_of_a_description(packet, expected) -> None:
    assert read_sidecar(packet).description == expected
    written = xmp_sidecar(ImageWords(description="New & <new>"), packet, REPLACE)
    assert read_sidecar(written).description == "New & <new>"
    assert xmp_sidecar(ImageWords(description="New & <new>"), written, REPLACE) is written
    taken = xmp.edit(written, {"description": ()})
    assert taken is not None
    assert read_sidecar(taken).description == ""


def test_a_change_in_place_leaves_all_else() -> None:
    packet = described(
        alternatives(("x-default", "Old"), ("en-GB", "Old"), ("de", "Alt")) + "<!-- here -->",
        attributes='photoshop:CaptionWriter="Someone" xmp:Rating="3"',
    )
    written = xmp_sidecar(ImageWords(description="N"), packet, REPLACE)
    assert written == packet.replace(b">Old<", b">N<")
    written = xmp_sidecar(ImageWords(description="N", caption_writer="'Me' & co."), packet, REPLACE)
    changed = packet.replace(b">Old<", b">N<")
    assert written == changed.replace(b"Someone", b"&apos;Me&apos; &amp; co.")


def test_the_default_language_comes_first() -> None:
    packet = described(alternatives(("de", "Alt")))
    written = xmp_sidecar(ImageWords(description="N"), packet, REPLACE)
    first = b'<rdf:li xml:lang="x-default">N</rdf:li>\n  <rdf:li xml:lang="de">'
    assert written == packet.replace(b'<rdf:li xml:lang="de">', first)


def test_keywords_are_added_and_taken_out_in_place() -> None:
    packet = described(
        "<dc:subject><rdf:Bag>\n<rdf:li>Dog</rdf:li>\n<rdf:li>sea </rdf:li></rdf:Bag></dc:subject>"
    )
    words = ImageWords(keywords=("dog", "cat", "DOG", "", "cat "))
    written = xmp_sidecar(words, packet)
    assert read_sidecar(written).keywords == ("Dog", "sea", "cat")
    assert written == packet.replace(b"sea </rdf:li>", b"sea </rdf:li>\n<rdf:li>cat</rdf:li>")
    edited = xmp.edit(written, {"keywords": ("sea", "cat")})
    assert edited == packet.replace(b"\n<rdf:li>Dog</rdf:li>", b"").replace(
        b"sea </rdf:li>", b"sea </rdf:li>\n<rdf:li>cat</rdf:li>"
    )


def test_new_properties_come_in_a_block_of_their_own_and_go_without_a_trace() -> None:
    date = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    written = xmp_sidecar(WORDS, FOREIGN_XMP, WritePolicy(date=date))
    start = FOREIGN_XMP.index(b"</rdf:RDF>")
    added = len(written) - len(FOREIGN_XMP)
    assert written[:start] + written[start + added :] == FOREIGN_XMP
    assert b'rdf:about="uuid:1"' in written[start : start + added]
    names = dict.fromkeys(xmp.read(written).values, ())
    assert xmp.edit(written, names) == FOREIGN_XMP


def test_a_property_twice_is_one_after_a_change() -> None:
    packet = described("<dc:description/>" + alternatives(("x-default", "A")))
    written = xmp_sidecar(ImageWords(description="B"), packet, REPLACE)
    assert written.count(b"dc:description") == 2
    assert read_sidecar(written).description == "B"


@pytest.mark.parametrize("prefix", ["r", ""])
def test_rdf_by_another_prefix(prefix) -> None:
    colon = f"{prefix}:" if prefix else ""
    declared = f"xmlns:{prefix}" if prefix else "xmlns"
    packet = (
        f'<{colon}RDF {declared}="{RDF}"><{colon}Description xmlns:dc='
        f'"http://purl.org/dc/elements/1.1/"><dc:subject><{colon}Bag><{colon}li>sea</{colon}li>'
        f"</{colon}Bag></dc:subject></{colon}Description></{colon}RDF>"
    ).encode()
    written = xmp_sidecar(WORDS, packet)
    assert read_sidecar(written).keywords == ("sea", *WORDS.keywords)
    assert read_sidecar(written).alt_text == WORDS.alt_text


def test_an_empty_packet_takes_words() -> None:
    packet = f'<r:RDF xmlns:r="{RDF}"/>'.encode()
    assert read_sidecar(xmp_sidecar(WORDS, packet)) == WORDS


def test_a_sidecar_from_nothing() -> None:
    written = xmp_sidecar(WORDS)
    assert written.startswith(b"<x:xmpmeta")
    assert read_sidecar(written) == WORDS
    with pytest.raises(MetadataError, match="no words"):
        xmp_sidecar(ImageWords())


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"no xml",
        b"<a>",
        b"<a/><b/>",
        b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>",
        described("&nbsp;"),
        described("\x01"),
        described("\ufffe"),
        b'<!DOCTYPE a [<!ENTITY b "c">]>' + described("&b;"),
        b'<!DOCTYPE a SYSTEM "http://example.org/a.dtd">' + described(""),
        described("<dc:a>" * MAX_DEPTH + "</dc:a>" * MAX_DEPTH),
        described("<dc:a/>" * MAX_ELEMENTS),
        described("\xff").decode().encode("latin-1"),
        described("").decode().encode("utf-16")[:-1],
        described(" " * MAX_BYTES),
    ],
    ids=lambda packet: packet[:20].decode("latin-1"),
)
def test_damaged_or_dangerous_packets_are_refused(packet) -> None:
    for call in (read_sidecar, lambda data: xmp_sidecar(WORDS, data)):
        with pytest.raises(MetadataError) as caught:
            call(packet)
        assert caught.value.message.endswith("beside it.")


def test_large_packets_take_no_long() -> None:
    items = "".join(f"<rdf:li>{number}</rdf:li>" for number in range(20_000))
    packet = described(
        f"<dc:subject><rdf:Bag>{items}</rdf:Bag></dc:subject>",
        attributes=f'xmp:Depth="{"a" * (3 << 20)}"',
    )
    began = time.perf_counter()
    written = xmp_sidecar(WORDS, packet)
    assert read_sidecar(written).keywords[-3:] == WORDS.keywords
    assert time.perf_counter() - began < 60  # a hundred times what it needs


def test_places_are_in_bytes() -> None:
    data = "<ä b='>/>'>ö<c x=\"'\"/></ä >".encode()
    root = parse(data)
    assert data[root.start : root.open_end] == "<ä b='>/>'>".encode()
    assert data[root.close_start : root.end] == "</ä >".encode()
    (child,) = root.children
    assert data[child.start : child.end] == b'<c x="\'"/>'
    assert not child.has_inside
    assert root.text == "ö"
