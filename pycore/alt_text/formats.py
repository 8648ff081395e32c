"""Alt text in the forms that people paste: Markdown, HTML, JSON.

Runs in CPython and in MicroPython.
"""

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MARKDOWN = "\\`*_[]<>&!#|~"
"""What means something inside ``![...]``. Source: CommonMark 0.31, section 2.4; GFM's tables."""
_IN_ADDRESSES = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/"
"""What RFC 3986 lets stand in a path; a colon, too, but not in a relative one's first part."""


def markdown(alt_text: str, name: str) -> str:
    """Return ``![alt text](name)``, whatever signs they have."""
    escaped = "".join(["\\" + one if one in _MARKDOWN else one for one in _line(alt_text)])
    return f"![{escaped}]({address(name)})"


def html(alt_text: str, name: str) -> str:
    """Return ``<img src alt>``; with no alt text, ``alt=""``: decorative, not to be read out."""
    return f'<img src="{address(name)}" alt="{escaped(_line(alt_text))}">'


def as_json(words: "dict[str, Any]") -> str:
    """Return words as JSON that a person can read: one field a line."""
    lines = [f"  {json.dumps(name)}: {_plain(value)}" for name, value in words.items()]
    return "{\n" + ",\n".join(lines) + "\n}"


def escaped(text: str) -> str:
    """Return a text as it stands in HTML, also inside an attribute."""
    for sign, entity in (
        ("&", "&amp;"),
        ("<", "&lt;"),
        (">", "&gt;"),
        ('"', "&quot;"),
        ("'", "&#39;"),
    ):
        text = text.replace(sign, entity)
    return text


def address(name: str) -> str:
    """Return a file's name, with its folders, as a relative address."""
    parts = []
    for byte in name.encode():
        parts.append(chr(byte) if byte in _IN_ADDRESSES else f"%{byte:02X}")  # noqa: PERF401 - plainer
    return "".join(parts)


def _line(text: str) -> str:
    return " ".join(text.split())


def _plain(value: object) -> str:
    """JSON with letters as they are: MicroPython's own leaves them, CPython's has to be told."""
    try:
        return json.dumps(value, ensure_ascii=False)
    except TypeError:  # MicroPython has no such argument
        return json.dumps(value)
