"""XMP as Seesay writes it: properties in one block of their own, a packet around it if need be.

The block's form depends on nothing but its values, so that Seesay knows its own block again (by
writing it anew and comparing) and can take it away without a trace.

Source: ISO 16684-1:2019 (XMP data model and serialisation); IPTC Photo Metadata 2021.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from pycore.metadata.fields import PROGRAM

if TYPE_CHECKING:
    from collections.abc import Mapping

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XML = "http://www.w3.org/XML/1998/namespace"
META = "adobe:ns:meta/"

PADDING = 512
"""Bytes of a new packet's blanks: room for other words without moving the rest of the file."""

PROGRAM_MARK = f'x:xmptk="{PROGRAM}"'.encode()
"""By which a packet made by Seesay is told."""

_BEGIN = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'.encode()
_END = b'<?xpacket end="w"?>'


class Property(NamedTuple):
    """How a field is written.

    Attributes:
        namespace: of its name.
        prefix: usual for that namespace.
        local: the name in it.
        kind: "Alt" for language alternatives, "Bag" for a list without order, "" for plain text.
    """

    namespace: str
    prefix: str
    local: str
    kind: Literal["Alt", "Bag", ""]

    @property
    def name(self) -> str:
        """The name with its namespace, as `pycore.metadata.located_xml` gives it."""
        return f"{{{self.namespace}}}{self.local}"


_IPTC_CORE = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
_DC = "http://purl.org/dc/elements/1.1/"
PROPERTIES: Mapping[str, Property] = {
    "alt_text": Property(_IPTC_CORE, "Iptc4xmpCore", "AltTextAccessibility", "Alt"),
    "extended_description": Property(_IPTC_CORE, "Iptc4xmpCore", "ExtDescrAccessibility", "Alt"),
    "description": Property(_DC, "dc", "description", "Alt"),
    "keywords": Property(_DC, "dc", "subject", "Bag"),
    "caption_writer": Property(
        "http://ns.adobe.com/photoshop/1.0/", "photoshop", "CaptionWriter", ""
    ),
    "metadata_date": Property("http://ns.adobe.com/xap/1.0/", "xmp", "MetadataDate", ""),
    "extension": Property("http://ns.adobe.com/xmp/note/", "xmpNote", "HasExtendedXMP", ""),
}
"""All that Seesay writes: the fields, the date, and where a second packet of a JPEG file is."""

Values = dict[str, tuple[str, ...]]
"""What properties hold, by the names above: one text, or several for a list."""


def escaped(text: str) -> bytes:
    """Return text as content of an element or as the value of an attribute."""
    for plain, written in (
        ("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&apos;"),
        ("\r", "&#13;"), ("\n", "&#10;"), ("\t", "&#9;"),
    ):  # fmt: skip
        text = text.replace(plain, written)
    return text.encode()


def item(text: str, kind: str, prefix: str = "rdf:") -> bytes:
    """Return one item of a list, of the default language in a list of alternatives."""
    language = b' xml:lang="x-default"' if kind == "Alt" else b""
    tag = prefix.encode() + b"li"
    return b"<%s%s>%s</%s>" % (tag, language, escaped(text), tag)


def element(name: str, texts: tuple[str, ...], *, declare: bool = False) -> bytes:
    """Return a property as an element.

    Args:
        name: one of `PROPERTIES`.
        texts: what it holds.
        declare: state the namespaces in it, to stand anywhere.
    """
    prop = PROPERTIES[name]
    tag = f"{prop.prefix}:{prop.local}".encode()
    declared = _declarations(prop.prefix, prop.namespace) if declare else b""
    if not prop.kind:
        return b"<%s%s>%s</%s>" % (tag, declared, escaped(texts[0]), tag)
    if declare:
        declared += _declarations("rdf", RDF)
    array = f"rdf:{prop.kind}".encode()
    items = b"".join(b"\n     " + item(text, prop.kind) for text in texts)
    return b"<%s%s>\n    <%s>%s\n    </%s>\n   </%s>" % (tag, declared, array, items, array, tag)


def block(values: Values, about: str = "", *, declare_rdf: bool = False) -> bytes:
    """Return properties as a description of their own.

    Args:
        values: not empty; the order is always that of `PROPERTIES`.
        about: what the packet's other descriptions say they are about.
        declare_rdf: state the namespace of RDF too, for a packet that calls it otherwise.
    """
    names = [name for name in PROPERTIES if values.get(name)]
    spaces = {PROPERTIES[name].prefix: PROPERTIES[name].namespace for name in names}
    declared = b"".join(_declarations(prefix, spaces[prefix]) for prefix in sorted(spaces))
    inner = b"".join(b"\n   " + element(name, values[name]) for name in names)
    if declare_rdf:
        declared = _declarations("rdf", RDF) + declared
    head = b'<rdf:Description rdf:about="%s"%s>' % (escaped(about), declared)
    return head + inner + b"\n  </rdf:Description>"


def packet(values: Values, *, length: int | None = None, bare: bool = False) -> bytes:
    """Return properties as a whole packet.

    Args:
        values: not empty.
        length: of the packet, in bytes, to be reached with blanks; longer where it does not fit.
            None for the usual `PADDING`.
        bare: leave out wrapper and blanks, as the second packet of a JPEG file and a sidecar do.
    """
    meta = (
        b'<x:xmpmeta xmlns:x="%s" %s>\n <rdf:RDF xmlns:rdf="%s">\n  %s\n </rdf:RDF>\n'
        b"</x:xmpmeta>" % (META.encode(), PROGRAM_MARK, RDF.encode(), block(values))
    )
    if bare:
        return meta
    used = len(_BEGIN) + len(meta) + len(_END) + 2
    blanks = PADDING if length is None else max(0, length - used)
    return b"%s%s\n%s\n%s" % (_BEGIN, meta, b" " * blanks, _END)


def _declarations(prefix: str, namespace: str) -> bytes:
    return f' xmlns:{prefix}="{namespace}"'.encode()
