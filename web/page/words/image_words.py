"""The words that are to stand for an image: drafted from its caption until a person writes them.

Runs in MicroPython (the page) and in CPython (tests).
"""

from pycore.alt_text import draft, inclusive

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pycore.alt_text.preset import Preset


class ImageWords:
    """Alt text and what goes with it; keywords and the words in the picture are the entry's.

    Attributes:
        alt_text: the alt text; stays where the image is decorative, in case that is taken back.
        extended: the extended description.
        machine_extended: what a machine wrote there last, or "".
        beside: the caption that readers find next to the image.
        is_decorative: readers lose nothing without the image: ``alt=""``.
        is_edited: a person wrote the alt text, so that no draft takes its place.
        is_reviewed: a person has read it.
        changes: what inclusive wording changed.
        in_file: the words that the file itself has, by field (ImageWords of seesay.d.ts); None
            while nobody has looked.
    """

    def __init__(self) -> None:
        self.alt_text = self.extended = self.machine_extended = self.beside = ""
        self.is_decorative = self.is_edited = self.is_reviewed = False
        self.changes: list[inclusive.Change] = []
        self.in_file: "Any" = None
        self._before = self._after = ""  # what inclusive wording made of what a person wrote

    def said(self) -> str:
        """Return the alt text to publish: none for a decorative image."""
        return "" if self.is_decorative else self.alt_text.strip()

    def alt_in_file(self) -> str:
        """Return the alt text that the file itself has, as far as anybody has looked."""
        text: str = self.in_file.get("alt_text", "") if self.in_file else ""
        return text

    def draft(self, values: dict[str, str], preset: "Preset") -> None:
        """Make the alt text anew of what is known of the image, unless a person wrote it."""
        if not self.is_edited:
            made = draft.draft(values, preset)
            if made.text != self.alt_text:
                self.is_reviewed = False  # what was read is no longer there
            self.alt_text, self.changes = made.text, made.changes

    def edit(self, text: str) -> None:
        """A person wrote the alt text; who writes it has read it."""
        self.alt_text = text
        self.is_edited = self.is_reviewed = True

    def describe(self, text: str) -> bool:
        """Take the extended description that a machine wrote, unless there is one.

        Returns:
            Whether it was taken; nobody has read it then.
        """
        if self.extended.strip():
            return False
        self.extended = self.machine_extended = text
        self.is_reviewed = False
        return True

    def has_own_extended(self) -> bool:
        """Whether a person wrote the extended description, or changed it."""
        return bool(self.extended.strip()) and self.extended != self.machine_extended

    def start_over(self) -> None:
        """The next draft may take the place of what a person wrote."""
        self.is_edited = self.is_reviewed = False

    def words_now(self) -> "tuple[Any, ...]":
        """The words, and who stands for them, to be put back by ``put_words_back``."""
        stand = self.is_decorative, self.is_edited, self.is_reviewed
        return self.alt_text, self.extended, self.changes, stand

    def put_words_back(self, words: "tuple[Any, ...]") -> None:
        """Take the words as they were."""
        self.alt_text, self.extended, self.changes, stand = words
        self.is_decorative, self.is_edited, self.is_reviewed = stand

    def reword(self, is_inclusive: bool) -> bool:
        """Put what a person wrote into inclusive words, or back.

        Returns:
            Whether that was possible: words edited since cannot be put back.
        """
        if not self.is_edited:
            return True
        if is_inclusive:
            self._before = self.alt_text
            self._after, self.changes = inclusive.reworded(self.alt_text)
            self.alt_text = self._after
            return True
        is_same = self.alt_text == self._after
        if self.changes and is_same:
            self.alt_text = self._before
        is_possible = is_same or not self.changes
        self.changes = []
        return is_possible

    def source(self) -> str:
        """Who wrote the alt text, by the terms of IPTC's digital source types; "" for nobody."""
        if not self.said():
            return ""
        return "humanEdits" if self.is_edited else "trainedAlgorithmicMedia"

    def state(self) -> str:
        """How far the work on it has come, in one word."""
        if self.is_decorative:
            return "decorative"
        if not self.alt_text.strip():
            return "empty"
        return "reviewed" if self.is_reviewed else "draft"
