"""Reading a packet of XMP, and changing some of its properties while all else stays in place.

What is there already is changed where it stands; what is new goes into a block of its own
(`pycore.metadata.xmp_block`). Nothing is rewritten that does not change: unknown namespaces,
comments, order and blanks stay byte for byte.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pycore.errors import MetadataError
from pycore.metadata import located_xml
from pycore.metadata.splices import Splice, apply
from pycore.metadata.xmp_block import PROPERTIES, RDF, Values, block, packet
from pycore.metadata.xmp_places import Place, change, drop, find, read_place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pycore.metadata.located_xml import Element

PROVENANCE = "{http://purl.org/dc/terms/}provenance"
"""Where a file's C2PA manifest is kept, if not inside it. Source: C2PA 2.2, section 11.4."""

_ABOUT = f"{{{RDF}}}about"
_ENCODINGS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class XmpReading:
    """What a packet says.

    Attributes:
        values: of the properties that Seesay knows, those that are there.
        own: names of those that stand in a block of Seesay's own.
        provenance: whether it says where the file's C2PA manifest is kept.
    """

    values: Values
    own: frozenset[str] = frozenset()
    provenance: bool = False


def read(data: bytes) -> XmpReading:
    """Read the properties that Seesay knows.

    Raises:
        MetadataError: the packet is damaged, or too large or complex.
    """
    text = _utf8(data)
    rdf = _rdf(text)
    values: Values = {}
    for name, prop in PROPERTIES.items():
        found = (read_place(place, prop.kind) for place in find(text, rdf, prop))
        if texts := next((texts for texts in found if texts), ()):
            values[name] = texts
    provenance = any(
        PROVENANCE in one.attributes or one.find(PROVENANCE) for one in _descriptions(rdf)
    )
    own = _own_block(text, rdf)
    return XmpReading(values, frozenset(_values(own) if own else ()), provenance)


def edit(
    data: bytes | None, changes: Mapping[str, tuple[str, ...]], *, bare: bool = False
) -> bytes | None:
    """Give properties new values.

    Args:
        data: the packet; None if there is none yet.
        changes: by the names in `PROPERTIES`; an empty value takes the property away.
        bare: make a new packet without wrapper and blanks.

    Returns:
        The packet, UTF-8; the same object if nothing changes; None if it was made by Seesay and
        nothing is left in it.

    Raises:
        MetadataError: the packet is damaged, or too large or complex.
    """
    if data is None:
        wanted = {name: texts for name, texts in changes.items() if texts}
        return packet(wanted, bare=bare) if wanted else None
    text = _utf8(data)
    rdf = _rdf(text)
    own = _own_block(text, rdf)
    own_values = _values(own) if own else {}
    before = dict(own_values)
    splices: list[Splice] = []
    for name, texts in changes.items():
        prop = PROPERTIES[name]
        places = [place for place in find(text, rdf, prop) if place.description is not own]
        stays = bool(texts) and bool(places) and places[0].can_hold(prop)
        if stays:
            splices += change(text, places.pop(0), name, texts)
        splices += [drop(text, place) for place in places]
        own_values.pop(name, None)
        if texts and not stays:
            own_values[name] = texts
    if own_values != before:
        if not splices and own and text in (_whole(before, text), packet(before, bare=True)):
            return _whole_anew(own_values, text)
        splices.append(_own_splice(text, rdf, own, own_values))
    return apply(text, splices) if splices else data


def without_padding(data: bytes) -> bytes:
    """Return a packet without the blanks at its end that are there to be used up.

    Source: ISO 16684-1:2019, 7.3.2 (padding).
    """
    end = data.rfind(b"<?xpacket")
    return data if end <= 0 else data[:end].rstrip() + b"\n\n" + data[end:]


def _own_splice(text: bytes, rdf: Element, own: Element | None, values: Values) -> Splice:
    """Put the block of our own where it was, or at the end, or take it away."""
    written = block(values, _about(rdf), declare_rdf=_declares(text, rdf)) if values else b""
    if own and values:
        return Splice(own.start, own.end, written)
    if own:
        return Splice(own.start, own.end + 2 * text.startswith(b"\n ", own.end), b"")
    if rdf.has_inside:
        return Splice(rdf.close_start, rdf.close_start, written + b"\n ")
    tag = located_xml.prefix_of(text, rdf).encode() + b"RDF"
    inside = b">\n  " + written + b"\n </" + tag + b">"
    return Splice(rdf.open_end - 2, rdf.open_end, inside)


def _own_block(text: bytes, rdf: Element) -> Element | None:
    """Find the description that Seesay wrote and that nobody changed since."""
    about, declare_rdf = _about(rdf), _declares(text, rdf)
    for one in reversed(_descriptions(rdf)):
        # Attributes first: a packet can hold thousands of descriptions, and a name of megabytes.
        values = _values(one) if one.attributes == {_ABOUT: about} else {}
        if values and text[one.start : one.end] == block(values, about, declare_rdf=declare_rdf):
            return one
    return None


def _declares(text: bytes, rdf: Element) -> bool:
    """Say whether a block of our own states the namespace of RDF: the packet calls it otherwise."""
    return located_xml.prefix_of(text, rdf) != "rdf:"


def _whole(values: Values, text: bytes) -> bytes:
    return packet(values, length=len(text))


def _whole_anew(values: Values, text: bytes) -> bytes | None:
    """Write a packet that is all our own, as long as before where that can be."""
    if not values:
        return None
    return packet(values, length=len(text), bare=not text.startswith(b"<?xpacket"))


def _values(description: Element) -> Values:
    values: Values = {}
    for name, prop in PROPERTIES.items():
        if child := description.find(prop.name):
            values[name] = read_place(Place(description, child), prop.kind)
    return values


def _utf8(data: bytes) -> bytes:
    """Return a packet in UTF-8, without what some writers leave behind it.

    Raises:
        MetadataError: the packet is in no Unicode encoding.
    """
    encoding = next((name for mark, name in _ENCODINGS if data.startswith(mark)), "utf-8")
    if encoding == "utf-8":
        return bytes(data).rstrip(b"\x00")
    try:
        return data.decode(encoding).rstrip("\x00").encode()
    except UnicodeDecodeError as error:
        raise _damaged(error) from error


def _rdf(text: bytes) -> Element:
    """Find the element that holds all properties.

    Raises:
        MetadataError: there is none.
    """
    name = f"{{{RDF}}}RDF"
    try:
        root = located_xml.parse(text)
    except ValueError as error:
        raise _damaged(error) from error
    found = root if root.name == name else root.find(name)
    if found is None:
        raise _damaged(ValueError("no rdf:RDF"))
    return found


def _descriptions(rdf: Element) -> list[Element]:
    return [child for child in rdf.children if child.name == f"{{{RDF}}}Description"]


def _about(rdf: Element) -> str:
    """Return what the descriptions are about: all the same thing, most often the empty name."""
    for one in _descriptions(rdf):
        for name in (_ABOUT, "about"):
            if name in one.attributes:
                return one.attributes[name]
    return ""


def _damaged(error: Exception) -> MetadataError:
    return MetadataError(
        "The words in that file (its XMP) are damaged and cannot be read or changed. "
        "Take a sidecar, a file beside it.",
        detail=str(error),
    )
