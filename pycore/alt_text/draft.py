"""The first alt text of an image: its caption, cleaned and put into shape by a preset.

Runs in CPython and in MicroPython.
"""

from pycore.alt_text import cleaning, inclusive, phrases, template

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pycore.alt_text.preset import Preset


class Draft:
    """Alt text as the rules make it.

    Attributes:
        text: the alt text.
        changes: what inclusive wording changed; empty where it is off.
    """

    def __init__(self, text: str, changes: list[inclusive.Change]) -> None:
        self.text = text
        self.changes = changes


def claimed(caption: str, confidence: float) -> str:
    """Return what a caption says of its image: "" where the model says that it cannot tell.

    Such a caption is no alt text; it alone has no confidence at all (pycore.recognition.wording).

    Args:
        caption: as the model wrote it.
        confidence: of the caption, 0 to 1.
    """
    return caption if confidence else ""


def draft(values: "Mapping[str, str]", preset: "Preset") -> Draft:
    """Make alt text.

    Args:
        values: what is known of the image, by the names of ``template.PLACEHOLDERS``.
        preset: how it is wished.
    """
    known = dict(values)
    caption = known.get("caption", "")
    known["caption"] = cleaning.clean(caption, "keep") if caption.strip() else ""
    text = template.fill(preset.template, known)
    changes: list[inclusive.Change] = []
    if preset.is_inclusive:
        text, changes = inclusive.reworded(text)
    text = started(text, preset.start) if text else ""
    return Draft(cleaning.ended(cleaning.capitalised(text), preset.full_stop), changes)


def started(text: str, start: str) -> str:
    """Let a text begin with other words: "Drawing:" and "A cat" become "Drawing: a cat".

    Behind the end of a sentence the text keeps its capital, and so does what is all in capitals.
    """
    head = start.strip()
    if not head or text.startswith(head):
        return text
    places = phrases.spans(text)
    if places and head[-1:] not in (".", "!", "?"):
        first, end = places[0]
        word = text[first:end]
        if word[1:] == word[1:].lower() and (len(word) > 1 or word in ("A", "a")):
            text = text[:first] + word[0].lower() + text[first + 1 :]
    return f"{head} {text}"
