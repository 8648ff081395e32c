"""IPTC-IIM, the older form of description and keywords, as a stream of data sets.

Changed only where a file has it already. Each data set: 0x1C, record, number, length, bytes.

Source: IPTC-NAA Information Interchange Model 4.2, chapters 3 to 6; Metadata Working Group 2.0,
section 4.2 (which encoding, which limits).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pycore.metadata.fields import merged, same_keyword
from pycore.metadata.splices import Splice, apply

if TYPE_CHECKING:
    from collections.abc import Sequence

_CHARACTER_SET, _KEYWORDS, _CAPTION = (1, 90), (2, 25), (2, 120)
_UTF8 = b"\x1b%G"
_LATIN = "latin-1"
MAX_CAPTION = 2_000
"""Bytes of a description here."""
MAX_KEYWORD = 64
"""Bytes of a keyword here."""


class CharacterSetError(ValueError):
    """The stream's other texts are in an old character set that cannot hold these words."""


class _DataSet(NamedTuple):
    key: tuple[int, int]
    start: int
    content: bytes
    end: int


def read(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Return description and keywords.

    Raises:
        ValueError: the stream is damaged.
    """
    sets = _parse(data)
    marked = _is_marked(sets)
    captions = (_decoded(one.content, marked) for one in sets if one.key == _CAPTION)
    keywords = (_decoded(one.content, marked) for one in sets if one.key == _KEYWORDS)
    return next(captions, ""), merged((), keywords)


def edit(data: bytes, description: str | None, keywords: Sequence[str] | None) -> bytes:
    """Set description and keywords; an empty one goes, and with None it stays.

    Texts beyond the limits are cut between two characters. Other data sets stay as they are, and
    so do those that say the right thing already.

    Returns:
        The stream; the same object if nothing changes.

    Raises:
        CharacterSetError: the other texts are in another character set, without these letters.
        ValueError: the stream is damaged.
    """
    sets = _parse(data)
    marked = _is_marked(sets)
    missing: dict[tuple[int, int], dict[str, str]] = {}  # texts by what is said twice
    if keywords is not None:
        missing[_KEYWORDS] = {same_keyword(cut_keyword(one)): one for one in keywords}
    if description is not None:
        caption = cut_caption(description)
        missing[_CAPTION] = {caption: description} if caption else {}
    kept = []
    splices = []
    for one in sets:
        text = _decoded(one.content, marked)
        key = same_keyword(text) if one.key == _KEYWORDS else text
        if one.key not in missing or missing[one.key].pop(key, ""):
            kept.append(one)
        else:
            splices.append(Splice(one.start, one.end, b""))
    new = [(_KEYWORDS, text, MAX_KEYWORD) for text in missing.get(_KEYWORDS, {}).values()]
    new += [(_CAPTION, text, MAX_CAPTION) for text in missing.get(_CAPTION, {}).values()]
    encoding, is_new = _encoding_to_write(kept, "".join(text for _, text, _ in new))
    if is_new:
        place = _place(kept, _CHARACTER_SET)
        splices.append(Splice(place, place, _written(_CHARACTER_SET, _UTF8)))
    for name, text, limit in new:
        place = _place(kept, name)
        splices.append(Splice(place, place, _written(name, shortened(text, limit, encoding))))
    return apply(data, splices) if splices else data


def shortened(text: str, limit: int, encoding: str = "utf-8") -> bytes:
    """Return as much of a text as fits into some bytes, whole characters only."""
    return text.encode(encoding)[:limit].decode(encoding, "ignore").rstrip().encode(encoding)


def cut_caption(text: str) -> str:
    """Return a description as it is read back from here."""
    return shortened(text, MAX_CAPTION).decode()


def cut_keyword(text: str) -> str:
    """Return a keyword as it is read back from here."""
    return shortened(text, MAX_KEYWORD).decode()


def _parse(data: bytes) -> list[_DataSet]:
    """Find the data sets; padding may follow them.

    Raises:
        ValueError: there is something else, or a length beyond the end.
    """
    sets = []
    position = 0
    while position + 5 <= len(data) and data[position] == 0x1C:
        length = int.from_bytes(data[position + 3 : position + 5], "big")
        start = position + 5
        if length & 0x8000:  # the length of a length, for more than 32,767 bytes
            wide = length & 0x7FFF
            if wide > 4:
                raise ValueError(f"a data set whose length has {wide} bytes")
            length = int.from_bytes(data[start : start + wide], "big")
            start += wide
        if start + length > len(data):
            raise ValueError(f"a data set ends at {start + length} of {len(data)} bytes")
        key = (data[position + 1], data[position + 2])
        sets.append(_DataSet(key, position, bytes(data[start : start + length]), start + length))
        position = start + length
    if any(data[position:]):
        raise ValueError(f"no data set at byte {position}")
    return sets


def _place(sets: list[_DataSet], key: tuple[int, int]) -> int:
    """Return where a new data set goes: behind the last one that is not of a higher number."""
    return max((one.end for one in sets if one.key <= key), default=0)


def _is_marked(sets: list[_DataSet]) -> bool:
    return any((one.key, one.content) == (_CHARACTER_SET, _UTF8) for one in sets)


def _encoding_to_write(kept: list[_DataSet], words: str) -> tuple[str, bool]:
    """Choose an encoding that leaves all other texts right; say whether it must be marked.

    Raises:
        CharacterSetError: there is none.
    """
    if _is_marked(kept) or words.isascii():
        return "utf-8", False
    texts = b"".join(one.content for one in kept if one.key[0] == 2 and one.key[1] > 0)
    if _is(texts, "utf-8") and not any(one.key == _CHARACTER_SET for one in kept):
        return "utf-8", True
    try:
        words.encode(_LATIN)
    except UnicodeEncodeError as error:
        raise CharacterSetError("an old character set") from error
    return _LATIN, False


def _is(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _decoded(content: bytes, marked: bool) -> str:
    """Return a text; many writers use UTF-8 and forget to say so."""
    encoding = "utf-8" if marked or _is(content, "utf-8") else _LATIN
    return content.decode(encoding, "replace").rstrip("\x00").strip()


def _written(key: tuple[int, int], content: bytes) -> bytes:
    return bytes((0x1C, *key)) + len(content).to_bytes(2, "big") + content
