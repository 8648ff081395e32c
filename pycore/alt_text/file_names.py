"""File names made of alt text: readable, safe everywhere, no two alike.

Runs in CPython and in MicroPython.
"""

from pycore.alt_text import phrases

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_CHARACTERS = 60
"""Of a name without its ending: whole words up to there."""


def renamed(files: "Iterable[tuple[str, str]]") -> list[str]:
    """Return new names for files, in their order; folders and endings stay.

    Args:
        files: name, with folders parted by "/", and alt text of each. Without words, a file keeps
            its name.
    """
    pairs = list(files)
    taken = {name.lower() for name, text in pairs if not slug(text)}
    names = []
    for name, text in pairs:
        stem = slug(text)
        if not stem:
            names.append(name)
            continue
        folder, slash, last = name.rpartition("/")
        before, dot, ending = last.rpartition(".")
        suffix = dot + ending if before else ""
        new = folder + slash + stem + suffix
        number = 1
        while new.lower() in taken:
            number += 1
            new = f"{folder}{slash}{stem}-{number}{suffix}"
        taken.add(new.lower())
        names.append(new)
    return names


def slug(text: str) -> str:
    """Return the words of a text joined by hyphens, in lower case: ``a-dog-on-a-beach``."""
    made = ""
    for word in phrases.words(text):
        plain = word.replace("'", "")
        longer = f"{made}-{plain}" if made else plain
        if len(longer) > MOST_CHARACTERS:
            break
        made = longer
    return made or "".join(phrases.words(text)[:1])[:MOST_CHARACTERS]
