"""Pictures of a Word document: the alternative text is ``descr`` of ``wp:docPr``.

Source: ECMA-376 part 1, 20.4.2.5 (docPr) and 20.1.8.13 (blip); Microsoft MS-ODRAWXML 2.22.1.6
(decorative).
"""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from posixpath import normpath
from xml.parsers import expat

from pycore.documents.found_image import FoundImage, Reason, is_file_name
from pycore.documents.html_tokens import Tag, tokens
from pycore.documents.sentences import Flow

MAX_DEPTH = 256


@dataclass(slots=True)
class WordImages:
    """What was found in a part of a document; addresses are ids of relationships."""

    images: list[FoundImage] = field(default_factory=list)
    flow: Flow = field(default_factory=Flow)


def check_xml(data: bytes) -> None:
    """Make sure that XML is well-formed and declares no document type, and so no entities.

    Raises:
        ValueError: it is not so.
    """
    depth = 0

    def begin(_name: str, _attributes: object) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise ValueError(f"over {MAX_DEPTH} elements inside each other")

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def refuse(*_: object) -> None:
        raise ValueError("a document type is declared")

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise ValueError(str(error)) from error


def word_images(text: str) -> WordImages:
    """Find the pictures in a part of a document (its body, a header, its footnotes).

    Args:
        text: XML that `check_xml` has passed, with the prefixes that all programs use.
    """
    reader = _Reader(text)
    for token in tokens(text, is_xml=True):
        if isinstance(token, Tag):
            reader.tag(token)
        else:
            reader.text(token.start, token.end)
    return reader.found


def relationships(text: str, part: str) -> dict[str, str]:
    """Return the files that a part refers to, by id.

    Args:
        text: of the part's ``.rels`` file.
        part: its name in the zip.
    """
    folder = part.rpartition("/")[0]
    targets = {}
    for token in tokens(text, is_xml=True):
        if isinstance(token, Tag) and token.name.rpartition(":")[2] == "relationship":
            target = token.value("target")
            if token.value("targetmode").lower() != "external":
                name = target if target.startswith("/") else f"{folder}/{target}"
                targets[token.value("id")] = normpath(name).lstrip("/")
    return targets


def _image(drawing: Tag, blip: Tag, *, is_decorative: bool) -> FoundImage:
    attribute = drawing.find("descr")
    alt = attribute.value if attribute else None
    identity = blip.value("r:embed")
    name = drawing.value("name")
    reason: Reason | None = None
    if not is_decorative:
        if alt is None or not alt.strip():
            reason = "missing"  # Word marks decoration in another way than by an empty text
        elif is_file_name(alt, (name,)):
            reason = "file name"
    start = end = drawing.name_end
    prefix = ' descr="'
    if attribute is not None:
        start, end, prefix = attribute.value_start, attribute.end, '"'
    addresses = (identity,) if identity else ()
    return FoundImage(drawing.start, alt, addresses, reason, start, end, prefix, '"', "html")


class _Reader:
    """Goes through a part once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.found = WordImages()
        self._drawing: Tag | None = None  # the docPr of the drawing that is open
        self._is_decorative = False
        self._is_text = False

    def text(self, start: int, end: int) -> None:
        if self._is_text:
            self.found.flow.add(start, html.unescape(self._text[start:end]))

    def tag(self, tag: Tag) -> None:
        name = tag.name
        if name == "w:t":
            self._is_text = not tag.closes and not tag.is_empty
        elif name in {"w:tab", "w:br"}:
            self.found.flow.add(tag.start, " ")
        elif name == "w:p":
            self.found.flow.end_block(tag.start)
        elif tag.closes:
            return
        elif name == "wp:docpr":
            self._drawing, self._is_decorative = tag, False
        elif name.endswith(":decorative"):
            self._is_decorative = tag.value("val").lower() in {"1", "true"}
        elif name == "a:blip" and self._drawing is not None:
            image = _image(self._drawing, tag, is_decorative=self._is_decorative)
            self.found.images.append(image)
            self._drawing = None  # of a group of pictures the first one stands for it
