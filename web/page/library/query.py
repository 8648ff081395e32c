"""What a person looks for in the library, as the parameters of a statement.

Runs in MicroPython (the page) and in CPython (tests).
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SORTS = {
    "newest": ("ids_newest", False, "ids_all"),
    "oldest": ("ids_oldest", False, "ids_all_oldest"),
    "name": ("ids_by_name", True, "ids_all_by_name"),
    "date": ("ids_by_date", True, "ids_all_by_date"),
    "confidence": ("ids_by_confidence", True, "ids_all_by_confidence"),
}
"""For each order its statement, whether that asks for the key it goes by, and the one of all."""

CONFIDENCES = {"": (None, None), "low": (None, 0.4), "middle": (0.4, 0.7), "high": (0.7, None)}
"""Least and most (excluded), by the choice on the page."""


class Query:
    """Which images, and in what order; what is "" leaves all of them.

    Attributes:
        text: as it is typed; every word must begin one of the image's words.
        state: "automatic", "file", "reviewed", "edited" or "decorative".
        model: that wrote the newest caption.
        confidence: a key of ``CONFIDENCES``.
        looks: "text" or "picture".
        folder: this one and all below it.
        job: where it is in the queue: "waiting", "failed" and so on.
        mark: of rules: "flagged", "/" and the folder in exports, or a field's name and
            value as JSON.
        since: the first day on which images were taken, e.g. "2014-05-01".
        until: the last.
        sort: a key of ``SORTS``.
    """

    def __init__(self) -> None:
        self.text = self.state = self.model = self.confidence = self.looks = self.folder = ""
        self.job = self.mark = self.since = self.until = ""
        self.sort = "newest"

    def narrows(self) -> int:
        """How many filters are set, the text not counted."""
        filters = (
            self.state,
            self.model,
            self.confidence,
            self.looks,
            self.folder,
            self.job,
            self.mark,
            self.since,
            self.until,
        )
        return len([one for one in filters if one])

    def statement(self) -> "tuple[str, dict[str, Any]]":
        """The statement that finds the ids, and its parameters."""
        match = match_expression(self.text)
        name, has_key, of_all = SORTS[self.sort]
        if not self.narrows() and not match:
            return of_all, {}
        if not self.narrows() and self.sort == "newest":
            return "ids_matching", {"match": match}
        least, most = CONFIDENCES[self.confidence]
        parameters = {
            "match": match,
            "state": self.state or None,
            "model": self.model or None,
            "min_confidence": least,
            "max_confidence": most,
            "looks_like_text": {"": None, "text": 1, "picture": 0}[self.looks],
            "taken_from": self.since or None,
            "taken_before": f"{self.until}T24" if self.until else None,  # the day itself counts
            "job_state": self.job or None,
            "folder": self.folder or None,
            "mark": self.mark or None,
            "after_id": None,
        }
        if has_key:
            parameters["after_key"] = None
        return name, parameters


def match_expression(text: str) -> str | None:
    """The search box as an expression of FTS5: words that begin so; None for none.

    As pycore/library/search_terms.py; MicroPython tells letters from other characters in ASCII
    alone, so all others count as letters here.
    """
    words = text.replace("\0", " ").split()
    quoted = [word.replace('"', '""') for word in words if any(map(_is_word, word))]
    return " AND ".join([f'"{word}"*' for word in quoted]) or None


def _is_word(character: str) -> bool:
    return ord(character) > 127 or character.isalpha() or character.isdigit()
