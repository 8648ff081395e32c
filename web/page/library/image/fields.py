"""The fields in which a person writes an image's words, and what of it is new.

Runs in MicroPython (the page) and in CPython (tests).
"""

import json

from page import view

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from page.library.library import Row

FIELDS = ("text", "description", "keywords")


def fill(row: "Row | None") -> None:
    """Let the fields say what is kept."""
    for name, text in _kept(row).items():
        view.element(f"image-{name}").value = text


def put(typed: "dict[str, str]") -> None:
    """Let the fields say again what was typed."""
    for name in typed:
        view.element(f"image-{name}").value = typed[name]


def lock(is_locked: bool) -> None:
    """Let the fields only be read, or be written in."""
    for name in FIELDS:
        view.element(f"image-{name}").readOnly = is_locked


def changes(row: "Row | None") -> "dict[str, Any]":
    """The fields that a person has changed, by name; empty for none."""
    before = _kept(row)
    now = {name: view.element(f"image-{name}").value.strip() for name in FIELDS}
    return {name: text for name, text in now.items() if text != before[name]}


def person_words(row: "Row", changed: "dict[str, Any]") -> "dict[str, Any]":
    """All words that are a person's, as ``Library.edit`` takes them: those changed, and before."""
    words: "dict[str, Any]" = {"description": row.get("description")}
    if row.get("state") != "automatic":  # what was accepted stays, whatever a model writes
        words["text"], words["text_in_picture"] = row.get("text"), row.get("text_in_picture")
        words["keywords"] = json.loads(row.get("keywords") or "null")
    words.update(changed)
    if "keywords" in changed:
        parts = [part.strip() for part in changed["keywords"].split(",")]
        words["keywords"] = [part for part in parts if part]
    return words


def _kept(row: "Row | None") -> dict[str, str]:
    """What the fields say before anybody has changed them."""
    known = row or {}
    keywords = json.loads(known.get("keywords") or "[]")
    return {
        "text": (known.get("text") or "").strip(),
        "description": (known.get("description") or "").strip(),
        "keywords": ", ".join(keywords),
    }
