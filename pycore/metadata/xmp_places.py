"""Where a property stands in a packet of XMP, in whatever form, and how to change it there."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pycore.metadata.located_xml import Attribute, attributes, prefix_of
from pycore.metadata.splices import Splice
from pycore.metadata.xmp_block import PROPERTIES, RDF, XML, element, escaped, item

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pycore.metadata.located_xml import Element
    from pycore.metadata.xmp_block import Property

_ARRAYS = tuple(f"{{{RDF}}}{kind}" for kind in ("Alt", "Bag", "Seq"))
_ITEM, _VALUE, _DESCRIPTION = (f"{{{RDF}}}{local}" for local in ("li", "value", "Description"))
_LANGUAGE = f"{{{XML}}}lang"
_BLANKS = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Place:
    """One occurrence of a property.

    Attributes:
        description: the element it belongs to.
        node: the property itself, an element or an attribute of the description.
    """

    description: Element
    node: Element | Attribute

    def can_hold(self, prop: Property) -> bool:
        """Say whether the property can be here: an attribute is no place for a list."""
        return not (prop.kind and isinstance(self.node, Attribute))


def find(text: bytes, rdf: Element, prop: Property) -> list[Place]:
    """Return all places of a property, in the order of the packet."""
    return list(_find(text, rdf, prop))


def _find(text: bytes, rdf: Element, prop: Property) -> Iterator[Place]:
    for one in rdf.children:
        if one.name == _DESCRIPTION:
            if prop.name in one.attributes:
                for attribute in attributes(text, one):
                    if attribute.name == prop.name:
                        yield Place(one, attribute)
            for child in one.children:
                if child.name == prop.name:
                    yield Place(one, child)


def read_place(place: Place, kind: str) -> tuple[str, ...]:
    """Return the texts of a property, blank ones left out; one at most unless it is a list."""
    if isinstance(place.node, Attribute):
        return _kept(place.description.attributes[place.node.name])
    array = place.node.find(*_ARRAYS)
    if array is None:
        return _kept(_content(place.node))
    items = [child for child in array.children if child.name == _ITEM]
    if kind == "Bag":
        return _kept(*map(_content, items))
    # Of alternatives the default language, wherever it stands.
    items.sort(key=lambda one: one.attributes.get(_LANGUAGE, "").lower() != "x-default")
    return _kept(*map(_content, items))[:1]


def change(text: bytes, place: Place, name: str, texts: tuple[str, ...]) -> list[Splice]:
    """Give a property a new value where it stands, and leave its other languages and items."""
    kind = PROPERTIES[name].kind
    if read_place(place, kind) == texts:
        return []
    if isinstance(place.node, Attribute):
        return [Splice(place.node.value_start, place.node.value_end, escaped(texts[0]))]
    array = place.node.find(f"{{{RDF}}}{kind}")
    if array is not None and array.has_inside:
        edit = _change_alternatives if kind == "Alt" else _change_bag
        return edit(text, array, texts)
    return [Splice(place.node.start, place.node.end, element(name, texts, declare=True))]


def drop(text: bytes, place: Place) -> Splice:
    """Take a property away, with the blanks before it."""
    if isinstance(place.node, Attribute):
        return Splice(place.node.start, place.node.end, b"")
    return _drop(text, place.node)


def _change_alternatives(text: bytes, array: Element, texts: tuple[str, ...]) -> list[Splice]:
    """Set the default language, and those that said the same as it did.

    Source: SetLocalizedText in Adobe's XMP Toolkit SDK (XMPMeta-GetSet.cpp).
    """
    items = [child for child in array.children if child.name == _ITEM]
    default = next(
        (one for one in items if one.attributes.get(_LANGUAGE, "").lower() == "x-default"), None
    )
    new = item(texts[0], "Alt", prefix_of(text, array))
    if default is None:
        blanks = _blanks_after(text, array.open_end)
        return [Splice(array.open_end, array.open_end, blanks + new)]
    old = _content(default)
    return [
        Splice(default.start, default.end, new),
        *(
            Splice(one.open_end, one.close_start, escaped(texts[0]))
            for one in items
            if one is not default and one.has_inside and not one.children and _content(one) == old
        ),
    ]


def _change_bag(text: bytes, array: Element, texts: tuple[str, ...]) -> list[Splice]:
    """Take out the items that are not wanted, add those that are missing."""
    items = [child for child in array.children if child.name == _ITEM]
    missing = Counter(texts)
    last = None
    splices = []
    for one in items:
        content = _content(one).strip()
        if missing[content]:
            missing[content] -= 1
            last = one
        else:
            splices.append(_drop(text, one))
    prefix = prefix_of(text, array)
    blanks = _blanks_after(text, array.open_end)
    place = last.end if last else array.open_end
    new = b"".join(blanks + item(keyword, "Bag", prefix) for keyword in missing.elements())
    return [*splices, Splice(place, place, new)] if new else splices


def _drop(text: bytes, one: Element) -> Splice:
    start = one.start
    while text[start - 1] in _BLANKS:
        start -= 1
    return Splice(start, one.end, b"")


def _content(one: Element) -> str:
    """Return an element's text, be it qualified or not."""
    for holder in (one, one.find(_DESCRIPTION)):
        if holder is not None:
            if value := holder.find(_VALUE):
                return value.text
            if _VALUE in holder.attributes:
                return holder.attributes[_VALUE]
    return one.text


def _kept(*texts: str) -> tuple[str, ...]:
    return tuple(text.strip() for text in texts if text.strip())


def _blanks_after(text: bytes, start: int) -> bytes:
    match = re.compile(rb"\s*+").match(text, start)
    return match[0] if match else b""
