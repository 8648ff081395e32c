"""One image of the page, and what came of it.

Runs in MicroPython.
"""

from pyscript.js_modules import downloads

from page import texts
from page.image.picture import Picture, open_pictures
from page.words.image_words import ImageWords

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Entry:
    """A file that was chosen, from the first look at it to its caption.

    Attributes:
        file: the JavaScript File, or None where the browser cannot read it.
        file_name: of the file.
        path: its folders and its name, as far as the browser tells them.
        name: what it is called here; in a list, no two are called alike.
        is_listed: whether it is one of several.
        index: its place in the list.
        sidecar: the JavaScript File beside it that has words for it, or None.
        picture: Picture, or None where the file is no image that Seesay reads, or before ``look``.
        thumbnail: a small picture of thumbnails.mjs, or None.
        problem: one sentence about why there is no caption, or "".
        result: CaptionResult of seesay.d.ts, or None.
        found: its candidates, best first, each with a heat map once one was asked for.
        caption: the candidate's text that stands for the image: the best one, or the one picked.
        confidence: 0 to 1.
        sureness: the confidence in words.
        caption_settings: model and search that wrote the caption, or empty.
        duration_ms: how long it took.
        captioned: when it was written, ISO 8601, or "".
        keywords: those of the caption, or a person's.
        has_own_keywords: a person wrote them, or took some away: no caption takes their place.
        has_ruled_keywords: rules changed them at some time, so that the library may have those.
        alt: what is to stand for the image where it is not seen.
        folder: that rules put it into, in the zip of an export; "" for its own.
        is_marked: rules flagged it.
        fields: further columns of an export, from rules.
        ruled: ``captioned`` of the caption that rules have seen.
        sha256: of the file, once it was captioned or written; "" before.
        earlier: hashes that it had before words were saved into it, the oldest first.
        kept_as: the hash that the library knows it by; "" while it does not.
        words: what was read in the picture, "" for none; None where nobody has read.
        has_own_words: a person wrote those, likewise.
        read_words: what the machine read, whatever a person made of it.
        words_problem: why it could not be read, or "".
        text_language: what it was read as; "" where the model that captions read it, or nobody.
        is_due: it waits for its turn in the work that goes on.
        is_working: it is being captioned.
    """

    def __init__(self, item: "Any", is_listed: bool) -> None:
        """Take what handed_in.mjs has to say about a file."""
        self.file = item.file
        self.sidecar: "Any" = getattr(item, "sidecar", None)
        self.file_name = self.name = item.name
        self.path = item.path
        self.is_listed = is_listed
        self.index = 0
        self.picture: Picture | None = None
        self.thumbnail: "Any" = None
        self.problem = ""
        self.is_due = self.is_working = False
        self.alt = ImageWords()
        self.keywords: list[str] = []
        self.has_own_keywords = self.has_ruled_keywords = False
        self.folder = self.ruled = self.sha256 = self.kept_as = ""
        self.earlier: list[str] = []
        self.is_marked = False
        self.fields: "dict[str, str]" = {}
        self.keep_words(None)
        self.forget()

    async def look(self) -> None:
        """Take the first look at the file: there is a picture then, or a problem."""
        await look_at([self])

    def forget(self) -> None:
        """There is no caption (any more)."""
        self.result: "Any" = None
        self.caption_settings = "", ""
        self.found: "list[Any]" = []
        self.caption = self.sureness = self.captioned = ""
        self.confidence = self.duration_ms = 0.0
        self._find(None)

    @property
    def state(self) -> str:
        """How it stands: "waiting", "working", "done", "failed", or "kept": it has alt text."""
        if self.is_working:
            return "working"
        if self.is_due:
            return "waiting"
        if self.problem:
            return "failed"
        if self.result:
            return "done"
        return "kept" if self.alt.alt_in_file() else "waiting"

    @property
    def is_flagged(self) -> bool:
        """Whether the caption is no more than a guess."""
        return bool(self.result and self.result.flagged)

    @property
    def text(self) -> str:
        """What a person reads: the caption, why there is none, or the file's own alt text."""
        if self.result and not self.problem:
            return self.caption or texts.NO_WORDS
        return self.problem or self.alt.alt_in_file()

    def facts(self) -> str:
        """Format, dimensions and size in one line."""
        if not self.picture:
            return ""
        is_partial = self.result and list(self.result.notes)
        return self.picture.facts() + (texts.INCOMPLETE if is_partial else "")

    def finish(self, result: "Any", caption_settings: tuple[str, str], duration_ms: float) -> None:
        """There is a caption."""
        picture = self.picture
        if picture and not picture.width:
            picture.width, picture.height = result.image.width, result.image.height
        self.problem = ""
        self.result = result
        self.sha256 = result.image.sha256
        self.found = list(result.candidates)
        self._find(result)
        self.caption = result.caption
        self.confidence = result.confidence
        self.sureness = texts.sureness(result.confidence, result.flagged)
        self.captioned = downloads.now()
        self.caption_settings = caption_settings
        self.duration_ms = duration_ms

    def keep_words(self, result: "Any") -> None:
        """Keep the words that a result of the API brings, or why there are none."""
        found = getattr(result, "text", None)
        answers = None if found else getattr(result, "answers", None)
        if answers:  # of the model itself, if it was asked for them
            found = getattr(answers, "text", None)
        self.words: str | None = found.text if found else None
        self.read_words = self.words
        self.words_problem: str = getattr(result, "text_problem", "")
        self.text_language: str = getattr(found, "language", "") if found else ""
        self.has_own_words = False

    def write_keywords(self, keywords: list[str]) -> None:
        """A person wants these."""
        self.keywords = keywords
        self.has_own_keywords = True

    def restore_keywords(self) -> None:
        """The caption's own are wanted again."""
        self.has_own_keywords = False
        self.keywords = [keyword.text for keyword in self.result.keywords] if self.result else []

    def start_over(self) -> None:
        """The machine's words are wanted again, in the place of all that a person wrote."""
        self.alt.start_over()
        self.alt.extended = self.alt.machine_extended
        self.restore_keywords()
        self.words, self.has_own_words = self.read_words, False

    def words_now(self) -> "tuple[Any, ...]":
        """The words, and who wrote them, to be put back by ``put_words_back``."""
        own = list(self.keywords), self.has_own_keywords, self.words, self.has_own_words
        return own, self.alt.words_now()

    def put_words_back(self, words: "tuple[Any, ...]") -> None:
        """Take the words as they were."""
        own, alt = words
        self.keywords, self.has_own_keywords, self.words, self.has_own_words = own
        self.alt.put_words_back(alt)

    def write_words(self, words: str) -> None:
        """A person says what the words in the picture are."""
        self.words = words
        self.has_own_words = True

    def _find(self, result: "Any") -> None:
        """Take what a caption brings with it, where no person wrote anything."""
        if not self.has_own_keywords:
            self.restore_keywords()
        if not self.has_own_words:
            self.keep_words(result)

    def fail(self, sentence: str) -> None:
        """There is none, and this is why."""
        self.forget()
        self.problem = sentence

    def pick(self, text: str, confidence: float) -> None:
        """The person prefers another candidate."""
        self.caption = text
        self.confidence = confidence
        self.sureness = texts.picked(confidence)

    def release(self) -> None:
        """Give the memory of the preview back; it can be shown again."""
        if self.picture:
            self.picture.release()


async def look_at(entries: "list[Entry]") -> None:
    """Take the first look at files: of each there is a picture then, or a problem."""
    there = [entry for entry in entries if entry.file]
    opened = await open_pictures([entry.file for entry in there])
    for entry, (picture, problem) in zip(there, opened):  # noqa: B905 - MicroPython
        entry.picture, entry.problem = picture, problem
    for entry in entries:
        if not entry.file:
            entry.problem = texts.unreadable(entry.name)
