"""How many images of a list are in which state, kept rather than counted.

Runs in MicroPython (the page) and in CPython (tests).
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from page.image.image_item import Entry


class Tally:
    """Counts of entries.

    Attributes:
        pictures: have passed the first look.
        done, failed: have ended so.
        due: wait for their turn in the work that goes on, or are in it.
        captions: have a caption that can be copied.
    """

    def __init__(self) -> None:
        self._noted: dict[int, tuple[int, ...]] = {}  # index of the entry: what it counts as
        self.pictures = self.done = self.failed = self.due = self.captions = 0

    def note(self, entry: "Entry") -> None:
        """Count an entry as what it is now, and no more as what it was."""
        before = self._noted.get(entry.index, (0, 0, 0, 0, 0))
        state = entry.state
        now = (
            int(entry.picture is not None),
            int(state == "done"),
            int(state == "failed"),
            int(entry.is_due),
            int(bool(entry.caption)),
        )
        if now == before:
            return
        self._noted[entry.index] = now
        self.pictures += now[0] - before[0]
        self.done += now[1] - before[1]
        self.failed += now[2] - before[2]
        self.due += now[3] - before[3]
        self.captions += now[4] - before[4]
