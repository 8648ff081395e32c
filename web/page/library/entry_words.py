"""What the first view knows of an image, as the library takes it.

Runs in MicroPython (the page) and in CPython (tests).
"""

from pyscript import window

from page.browser.js_data import to_bytes
from page.models.caption_options import kept_options
from pycore.alt_text import draft

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from page.image.exif_date import Read
    from page.image.image_item import Entry

    Decision = tuple[Any, ...]


async def image(entry: "Entry", sha256: str) -> "dict[str, Any]":
    """The image file, as ``add_image`` takes it.

    Args:
        entry: the image.
        sha256: of its file, by which it is kept; the entry's may be another one in between.
    """
    seen = entry.result.image
    media_type = f"image/{seen.format.lower()}"
    from page.image import exif_date  # noqa: PLC0415 - not before it is needed

    file = entry.file
    head = window.Uint8Array.new(await file.slice(0, exif_date.HEAD_BYTES).arrayBuffer())

    def read(first: int, last: int) -> bytes:
        return to_bytes(head.subarray(first, last))

    kind = file.type or media_type
    facts = file_facts(entry.file_name, entry.path, kind, file.size, read)
    facts.update({"sha256": sha256, "width": seen.width, "height": seen.height})
    return facts


def file_facts(
    name: str, path: str, media_type: str, size_bytes: int, read: "Read"
) -> "dict[str, Any]":
    """What a file tells without being decoded.

    Args:
        name: of the file.
        path: its folders and its name.
        media_type: of the file.
        size_bytes: of the file.
        read: gives some of its first bytes, as ``exif_date.taken_at`` takes it.
    """
    from page.image import exif_date  # noqa: PLC0415 - not before it is needed

    return {
        "name": name,
        "folder": path[: len(path) - len(name)].strip("/"),
        "taken_at": exif_date.taken_at(read),
        "size_bytes": size_bytes,
        "media_type": media_type,
    }


def machine(entry: "Entry") -> "dict[str, Any]":
    """What the model says, as ``set_caption`` takes it."""
    texts = [candidate.text for candidate in entry.found]
    words = of_result(entry.result, texts, entry.read_words or "")
    words["options"] = kept_options(*entry.caption_settings)
    return words


def of_result(result: "Any", candidates: "list[str]", text_in_picture: str) -> "dict[str, Any]":
    """What a result of the API says, as ``set_caption`` takes it, but for the options."""
    text = draft.claimed(result.caption, result.confidence)
    return {
        "text": text,
        "candidates": candidates if text else [],
        "keywords": [keyword.text for keyword in result.keywords],
        "text_in_picture": text_in_picture,
        "confidence": result.confidence,
        "looks_like_text": int(getattr(result, "kind", "") == "text"),
        "model": result.model.id,
        "revision": result.model.revision,
    }


def said(entry: "Entry") -> "Any":
    """The candidate that is the caption; None where it is none of them."""
    for candidate in entry.found:
        if candidate.text == entry.result.caption:
            return candidate
    return None


def caption(entry: "Entry") -> "tuple[str, str, str, str, bool]":
    """What tells a caption from another one of the same image: who wrote it, how, and its words.

    The words read in the picture belong to it, and where the model looked: both may be asked for at
    any time later.
    """
    result, read = entry.result, entry.read_words or ""
    has_look = hasattr(said(entry), "attention")
    return result.model.id, entry.caption_settings[1], result.caption, read, has_look


def decision(entry: "Entry") -> "Decision | None":
    """What a person did about the words: None for nothing.

    Returns:
        ``("decorative",)``, ``("reviewed", text, keywords)``, ``("edited", text, description,
        keywords, text_in_picture)``, or ``("ruled", keywords)`` where rules alone did something.
        None stands for the machine's; of keywords, for those that nobody and no rule changed.
    """
    alt = entry.alt
    picked = entry.caption if entry.caption != entry.result.caption else None
    has_others = list(entry.keywords) != _keywords(entry)
    # Said even where they are the machine's again: the library may still have those of rules.
    is_changed = has_others or entry.has_own_keywords or entry.has_ruled_keywords
    keywords = list(entry.keywords) if is_changed else None
    is_corrected = entry.has_own_words and (entry.words or "") != (entry.read_words or "")
    in_picture = (entry.words or "") if is_corrected else None
    if alt.is_decorative:
        return ("decorative",)
    written = alt.said() if alt.is_edited else ""
    has_keywords = has_others and entry.has_own_keywords
    reviewed = alt.said() if alt.is_reviewed else ""
    has_description = alt.has_own_extended() or bool(reviewed and alt.extended.strip())
    if written or has_description or has_keywords or in_picture is not None:
        words = written or reviewed or picked
        return "edited", words, alt.extended or None, keywords, in_picture
    if reviewed:
        return "reviewed", reviewed, keywords
    if picked:
        return "reviewed", picked, keywords
    return ("ruled", keywords) if has_others else None


def marks(entry: "Entry") -> "dict[str, Any]":
    """The marks of rules, as ``write_by_rules`` takes them; empty for none."""
    if not (entry.folder or entry.fields or entry.is_marked):
        return {}
    return {
        "export_folder": entry.folder,
        "fields": dict(entry.fields),
        "is_flagged": entry.is_marked,
    }


def _keywords(entry: "Entry") -> "list[str]":
    """The machine's."""
    return [keyword.text for keyword in entry.result.keywords]
