"""What stands for each image in a page: ``<img alt>`` or ``![]()``, one a line, to paste."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pycore.alt_text import formats

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pycore.exports.record import ExportRecord


def html_snippets(records: Iterable[ExportRecord]) -> Iterator[bytes]:
    """Yield ``<img src alt>`` for each image.

    ``alt=""`` stands where a person marked it as decorative; an image that nobody has words for yet
    gets no ``alt``, which checkers of pages then find.
    """
    for record in records:
        if record.alt_text or record.state == "decorative":
            yield _line(formats.html(record.alt_text, record.name))
        else:
            yield _line(f'<img src="{formats.address(record.name)}">')


def markdown_snippets(records: Iterable[ExportRecord]) -> Iterator[bytes]:
    """Yield ``![alt text](name)`` for each image, each a paragraph of its own."""
    for record in records:
        yield _line(formats.markdown(record.alt_text, record.name) + "\n")


def _line(text: str) -> bytes:
    return (text + "\n").encode("utf-8", "replace")
