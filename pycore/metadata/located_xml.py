"""XML read with the place of every element, so that it can be changed without being rewritten.

Hardened: no document type and so no entities, bounded size, depth and number of elements.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple
from xml.parsers import expat

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 32 << 20
"""Camera phones keep depth maps of several megabytes in XMP."""
MAX_DEPTH = 64
MAX_ELEMENTS = 50_000

# Separates namespace and name in what expat says; a name cannot hold it.
_SEPARATOR = "\n"
_START_TAG = re.compile(rb"<(?:[^\"'>]++|\"[^\"]*+\"|'[^']*+')*+>")
_ATTRIBUTE = re.compile(rb"(?<!\s)\s++([^\s=/>]++)\s*+=\s*+(\"[^\"]*+\"|'[^']*+')")


@dataclass(slots=True)
class Element:
    """An element and where it stands.

    Attributes:
        name: ``{namespace}local``, or ``local`` without a namespace.
        attributes: text by name, written likewise.
        start: of the start tag, in bytes.
        open_end: behind the start tag.
        close_start: of the end tag; of an element without one, its end.
        end: behind the end tag.
        prefixes: of namespaces declared here.
        parent: None for the root.
    """

    name: str
    attributes: dict[str, str]
    start: int
    open_end: int
    prefixes: dict[str, str]
    parent: Element | None
    close_start: int = 0
    end: int = 0
    children: list[Element] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The characters directly inside."""
        return "".join(self.pieces)

    @property
    def has_inside(self) -> bool:
        """Whether there is an end tag of its own, and so a place for content."""
        return self.close_start < self.end

    def find(self, *names: str) -> Element | None:
        """Return the first child that has one of the names."""
        return next((child for child in self.children if child.name in names), None)

    def namespace(self, prefix: str) -> str:
        """Return what a prefix stands for here; empty if nothing."""
        element: Element | None = self
        while element is not None:
            if prefix in element.prefixes:
                return element.prefixes[prefix]
            element = element.parent
        return ""


class Attribute(NamedTuple):
    """Where an attribute stands: with the blanks before it, and its value inside the quotes."""

    name: str
    start: int
    value_start: int
    value_end: int

    @property
    def end(self) -> int:
        """Behind the closing quote."""
        return self.value_end + 1


def parse(data: bytes) -> Element:
    """Read a document in UTF-8.

    Returns:
        The root element.

    Raises:
        ValueError: not well-formed, or beyond the limits; says where and why.
    """
    if len(data) > MAX_BYTES:
        raise ValueError(f"{len(data)} bytes, the limit is {MAX_BYTES}")
    return _Builder(data).build()


def attributes(data: bytes, element: Element) -> Iterator[Attribute]:
    """Yield the attributes of an element in the order of the file, namespaces not among them."""
    for match in _ATTRIBUTE.finditer(data, element.start, element.open_end):
        prefix, colon, local = match[1].decode("utf-8").rpartition(":")
        if prefix != "xmlns" and (colon or local != "xmlns"):
            name = f"{{{element.namespace(prefix)}}}{local}" if colon else local
            yield Attribute(name, match.start(), match.start(2) + 1, match.end(2) - 1)


def prefix_of(data: bytes, element: Element) -> str:
    """Return the prefix that an element's name is written with, colon included."""
    name = re.match(rb"[^\s/>]+", data[element.start + 1 : element.open_end])
    written = name[0].decode("utf-8") if name else ""
    return written[: written.rfind(":") + 1]


class _Builder:
    """Receives what expat finds."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._root: Element | None = None
        self._open: list[Element] = []
        self._count = 0
        self._prefixes: dict[str, str] = {}
        # The encoding is said, lest a declaration in the text choose another.
        self._parser = expat.ParserCreate("utf-8", _SEPARATOR)
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.EntityDeclHandler = self._refuse
        self._parser.StartNamespaceDeclHandler = self._namespace
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def build(self) -> Element:
        try:
            self._parser.Parse(self._data, True)
        except expat.ExpatError as error:
            raise ValueError(str(error)) from error
        if self._root is None:
            raise ValueError("no element")
        return self._root

    def _refuse(self, *_: object) -> None:
        raise ValueError("a document type or an entity is declared")

    def _namespace(self, prefix: str | None, uri: str | None) -> None:
        self._prefixes[prefix or ""] = uri or ""

    def _start(self, name: str, found: dict[str, str]) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS or len(self._open) >= MAX_DEPTH:
            raise ValueError(f"over {MAX_ELEMENTS} elements, or over {MAX_DEPTH} inside each other")
        start = self._parser.CurrentByteIndex
        tag = _START_TAG.match(self._data, start)
        if tag is None:
            raise ValueError(f"no start tag at byte {start}")
        parent = self._open[-1] if self._open else None
        named = {_clark(key): value for key, value in found.items()}
        element = Element(_clark(name), named, start, tag.end(), self._prefixes, parent)
        self._prefixes = {}
        if parent is None:
            self._root = element
        else:
            parent.children.append(element)
        self._open.append(element)

    def _end(self, _name: str) -> None:
        element = self._open.pop()
        if self._data[element.open_end - 2 : element.open_end] == b"/>":
            element.close_start = element.end = element.open_end
            return
        element.close_start = self._parser.CurrentByteIndex
        element.end = self._data.index(b">", element.close_start) + 1

    def _text(self, text: str) -> None:
        if self._open:
            self._open[-1].pieces.append(text)


def _clark(name: str) -> str:
    uri, _, local = name.rpartition(_SEPARATOR)
    return f"{{{uri}}}{local}" if uri else local
