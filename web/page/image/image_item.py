"""One image of the page, and what came of it.

Runs in MicroPython.
"""

from page import texts


class Entry:
    """A file that was chosen, from the first look at it to its caption.

    Attributes:
        name: of the file.
        is_listed: whether it is one of several.
        picture: Picture, or None where the file is no image that Seesay reads.
        problem: one sentence about why there is no caption, or "".
        result: CaptionResult of seesay.d.ts, or None.
        found: its candidates, best first, each with a heat map once one was asked for.
        caption: the candidate's text that stands for the image: the best one, or the one picked.
        confidence: 0 to 1.
        sureness: the confidence in words.
        caption_settings: model and search that wrote the caption, or None.
        duration_ms: how long it took.
        is_due: it waits for its turn in the work that goes on.
        is_working: it is being captioned.
    """

    def __init__(self, name, picture, problem, is_listed):
        self.name = name
        self.is_listed = is_listed
        self.picture = picture
        self.problem = problem
        self.is_due = self.is_working = False
        self.forget()

    def forget(self):
        """There is no caption (any more)."""
        self.result = self.caption_settings = None
        self.found = []
        self.caption = self.sureness = ""
        self.confidence = self.duration_ms = 0

    @property
    def state(self):
        """How it stands: "waiting", "working", "done" or "failed"."""
        if self.is_working:
            return "working"
        if self.is_due:
            return "waiting"
        if self.problem:
            return "failed"
        return "done" if self.result else "waiting"

    @property
    def is_flagged(self):
        """Whether the caption is no more than a guess."""
        return bool(self.result and self.result.flagged)

    @property
    def text(self):
        """What a person reads: the caption, or why there is none; "" where nothing is known."""
        if self.result and not self.problem:
            return self.caption or texts.NO_WORDS
        return self.problem

    def facts(self):
        """Format, dimensions and size in one line."""
        if not self.picture:
            return ""
        is_partial = self.result and list(self.result.notes)
        return self.picture.facts() + (texts.INCOMPLETE if is_partial else "")

    def finish(self, result, caption_settings, duration_ms):
        """There is a caption."""
        picture = self.picture
        if not picture.width:
            picture.width, picture.height = result.image.width, result.image.height
        self.problem = ""
        self.result = result
        self.found = list(result.candidates)
        self.caption = result.caption
        self.confidence = result.confidence
        self.sureness = texts.sureness(result.confidence, result.flagged)
        self.caption_settings = caption_settings
        self.duration_ms = duration_ms

    def fail(self, sentence):
        """There is none, and this is why."""
        self.forget()
        self.problem = sentence

    def pick(self, text, confidence):
        """The person prefers another candidate."""
        self.caption = text
        self.confidence = confidence
        self.sureness = texts.picked(confidence)

    def release(self):
        """Give the memory of the preview back."""
        if self.picture:
            self.picture.release()
