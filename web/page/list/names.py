"""What the images of a list are called: no two alike.

Runs in MicroPython (the page) and in CPython (tests).
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from page.image.image_item import Entry


class Names:
    """Tells entries apart whose files have the same name: by their folders, else by numbers."""

    def __init__(self) -> None:
        self._first: "dict[str, Entry]" = {}  # file name: the first entry that has it
        self._given: set[str] = set()

    def give(self, entry: "Entry") -> "Entry | None":
        """Name an entry; return the one that was renamed to be told apart from it, or None."""
        first = self._first.setdefault(entry.file_name, entry)
        if first is entry:
            self._call(entry, entry.file_name)
            return None
        is_renamed = first.name == first.file_name != first.path
        if is_renamed:
            self._given.discard(first.name)
            self._call(first, first.path)
        self._call(entry, entry.path)
        return first if is_renamed else None

    def _call(self, entry: "Entry", name: str) -> None:
        stem, dot, ending = name.rpartition(".")
        number = 1
        entry.name = name
        while entry.name in self._given:
            number += 1
            entry.name = f"{stem} ({number}).{ending}" if dot else f"{name} ({number})"
        self._given.add(entry.name)
