"""A field for a file, which is emptied once it was read: the same file can be chosen again.

Runs in MicroPython (the page) and in CPython (tests).
"""

from page import view

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def take_file(name: str) -> "Any":
    """The JavaScript File that was chosen in a field, or None."""
    field = view.element(name)
    files: "list[Any]" = list(field.files)
    field.value = ""
    return files[0] if files else None


async def take_text(name: str) -> str | None:
    """What stands in the file that was chosen; None for no file."""
    file = take_file(name)
    return None if file is None else str(await file.text())
