"""What is wrong with an alt text, with reasons that a person can act on.

Runs in CPython and in MicroPython.
"""

from pycore.alt_text import cleaning, limits, phrases

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# What the author knows and the reader does not, what only eyes follow, and what no picture shows.
_WHOSE = ("my", "our", "mine", "ours", "we", "us", "me", "i")
_WHEN = ("today", "yesterday", "tonight", "last week", "last summer", "last winter", "last year",
         "this morning", "this week", "this year", "the other day")  # fmt: skip
_SEEN = ("as you can see", "as shown", "shown here", "pictured here", "seen here", "you can see",
         "shown above", "shown below", "see above", "see below", "pictured above",
         "pictured below", "click here", "look at this")  # fmt: skip
_GUESSED = ("probably", "maybe", "perhaps", "seems to", "appears to", "is thinking",
            "thinking about", "wants to", "about to", "trying to", "hoping", "remembering",
            "on the way to", "on his way to", "on her way to", "on their way to")  # fmt: skip
_REASONS = (
    (_WHOSE, "the reader cannot know whose. Name the person or leave it out."),
    (_WHEN, "the reader cannot know when. Give the date or leave it out."),
    (_SEEN, "the reader does not see it. Say what is there."),
    (_GUESSED, "a picture does not show that. Say what can be seen."),
)

_ENDINGS = ("jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "avif", "heic", "svg", "jxl")
_CAMERAS = (
    "img",
    "dsc",
    "dscn",
    "dscf",
    "pxl",
    "image",
    "photo",
    "screenshot",
    "untitled",
    "p",
    "mvi",
)


class Finding:
    """One thing that is wrong.

    Attributes:
        code: stable: "empty", "image_of", "file_name", "repeats", "too_long", "unknowable",
            "missing_word", "banned_word" or "start".
        reason: a sentence for the person.
    """

    def __init__(self, code: str, reason: str) -> None:
        self.code = code
        self.reason = reason


def lint(
    text: str,
    limit: limits.Limit,
    *,
    file_name: str = "",
    beside: str = "",
    required: "Sequence[str]" = (),
    banned: "Sequence[str]" = (),
    start: str = "",
) -> list[Finding]:
    """Return what is wrong with an alt text, most important first.

    Args:
        text: the alt text; of a decorative image there is none, and nothing to check.
        limit: that was chosen.
        file_name: of the image.
        beside: the caption that readers find next to the image, if any.
        required: words that must be there.
        banned: words that must not.
        start: what it must begin with.
    """
    said = text.strip()
    if not said:
        return [
            Finding("empty", "There are no words. Write some, or mark the image as decorative.")
        ]
    found = []
    if is_file_name(said, file_name):
        found.append(Finding("file_name", "Is the file name. Say what the image shows."))
    opening = cleaning.opening(said)
    if opening and not start.strip():
        reason = f"Starts with “{opening}”. Screen readers say so themselves: leave it out."
        found.append(Finding("image_of", reason))
    if beside.strip() and _key(beside) == _key(said):
        reason = (
            "Repeats the caption next to it, so that readers hear it twice. Say something else."
        )
        found.append(Finding("repeats", reason))
    count = limits.length(said)
    if count > limit.characters:
        reason = f"Too long for {limit.name}: {count} characters, {limit.characters} at most."
        found.append(Finding("too_long", reason))
    if start.strip() and not said.startswith(start.strip()):
        found.append(Finding("start", f"Does not start with “{start.strip()}”."))
    found += _unknowable(said)
    for word in _absent(said, required):
        found.append(Finding("missing_word", f"Lacks “{word}”, which is required."))
    for hit in phrases.find(said, banned):
        reason = f"Says “{said[hit.start : hit.end]}”, which is not to be used."
        found.append(Finding("banned_word", reason))
    return found


def is_file_name(text: str, file_name: str) -> bool:
    """Whether a text is the name of a file: of this one, or like what cameras give."""
    name = file_name.replace("\\", "/").split("/")[-1]
    stem = name.rpartition(".")[0] or name
    key = _key(text)
    if key and key in (_key(name), _key(stem)):
        return True
    head, dot, ending = text.strip().rpartition(".")
    if dot and head and " " not in head and ending.lower() in _ENDINGS:
        return True
    is_one = " " not in text.strip()
    letters = key.rstrip("0123456789")
    return is_one and letters in _CAMERAS and len(key) > len(letters) + 2


def _unknowable(text: str) -> list[Finding]:
    found = []
    for said, why in _REASONS:
        for hit in phrases.find(text, said):
            word = text[hit.start : hit.end]
            if word == "US":
                continue  # the country
            found.append(Finding("unknowable", f"Says “{word}”: {why}"))
    return found


def _absent(text: str, required: "Iterable[str]") -> list[str]:
    return [word for word in required if word.strip() and not phrases.find(text, [word])]


def _key(text: str) -> str:
    """A text without case, blanks and signs."""
    return "".join([one for one in text.lower() if phrases.is_letter(one)])
