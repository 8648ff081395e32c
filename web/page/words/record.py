"""What is said of an image elsewhere: in an export, on the clipboard, inside its file.

Runs in MicroPython (the page) and in CPython (tests).
"""

from pycore.alt_text import draft, formats

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from page.image.image_item import Entry


WRITER = "Seesay"
FIELDS = ["alt_text", "extended_description", "description", "keywords", "caption_writer"]
"""What a file can say (ImageWords of seesay.d.ts)."""


def values_of(entry: "Entry", date: str = "") -> dict[str, str]:
    """Return what is known of an image, by the names of the templates' placeholders."""
    folder = entry.path.rpartition("/")[0].rpartition("/")[2]
    caption, result = entry.caption, entry.result
    if result and caption == result.caption:
        caption = draft.claimed(caption, result.confidence)
    return {
        "caption": caption,
        "keywords": ", ".join(entry.keywords),
        "text": entry.words or "",
        "filename": entry.file_name,
        "date": date[:10],
        "folder": folder,
    }


def exported(entry: "Entry", date: str = "") -> "dict[str, Any]":
    """Return what an export says of an image; the columns of pycore.exports.

    Args:
        entry: the image.
        date: of the caption, ISO 8601.
    """
    words, result = entry.alt, entry.result
    fields = dict(entry.fields)
    if entry.is_marked:
        fields["flagged"] = "yes"
    by_person = ["keywords"] if entry.has_own_keywords else []
    if entry.has_own_words:
        by_person.append("text")
    return {
        "name": f"{entry.folder}/{entry.file_name}" if entry.folder else entry.path,
        "caption": entry.caption,
        "alt_text": words.said(),
        "extended_description": words.extended.strip(),
        "keywords": list(entry.keywords),
        "text": entry.words or "",
        "source": words.source(),
        "model": result.model.id if result else "",
        "revision": result.model.revision if result else "",
        "state": words.state(),
        "reviewed": words.is_reviewed,
        "date": date if result else "",
        "sha256": entry.sha256,
        "earlier": list(entry.earlier),
        "by_person": by_person,
        "fields": fields,
    }


def in_form(entry: "Entry", form: str) -> str:
    """Return an image's alt text as "text", "markdown", "html" or "json"."""
    said = entry.alt.said()
    if form == "markdown":
        return formats.markdown(said, entry.file_name)
    if form == "html":
        return formats.html(said, entry.file_name)
    if form == "json":
        words = exported(entry)
        for name in ("earlier", "by_person"):
            words.pop(name)
        words.update(words.pop("fields"))
        return formats.as_json(words)
    return said


def written(entry: "Entry") -> "dict[str, Any]":
    """Return the words of an image as its file may hold them (ImageWords of seesay.d.ts)."""
    words, result = entry.alt, entry.result
    model = f", {result.model.id}" if result else ""
    return {
        "alt_text": words.said(),
        "extended_description": words.extended.strip(),
        "keywords": list(entry.keywords),
        "caption_writer": f"{WRITER}{model}; {'' if words.is_reviewed else 'not '}reviewed",
    }


def removable(entry: "Entry", there: "dict[str, Any]") -> "dict[str, Any]":
    """Return the words that Seesay wrote into an image's file; none where the file names another.

    Args:
        entry: the image.
        there: the words in its file, by field.
    """
    if not is_ours(there):
        return {}
    words = written(entry)
    words["description"] = entry.caption
    for name in ("alt_text", "extended_description", "caption_writer"):
        words[name] = there[name]
    return words


def is_ours(there: "dict[str, Any]") -> bool:
    """Whether Seesay wrote into a file that has these words: it never does without its name."""
    return bool(there.get("caption_writer", "").startswith(WRITER))


def sidecar_name(file_name: str) -> str:
    """Return what the sidecar of a file is called: ``dog.xmp`` for ``dog.jpg``."""
    return (file_name.rpartition(".")[0] or file_name) + ".xmp"
