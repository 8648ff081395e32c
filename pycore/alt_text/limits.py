"""How long alt text may be, by the place it goes to.

Runs in CPython and in MicroPython.
"""


class Limit:
    """A limit to choose.

    Attributes:
        id: its name in presets.
        name: what a person reads, also inside the sentence "too long for ...".
        characters: how many there may be; 0 where the person says.
    """

    def __init__(self, id: str, name: str, characters: int) -> None:  # noqa: A002 - its name everywhere
        self.id = id
        self.name = name
        self.characters = characters


LIMITS = (
    Limit("short", "screen readers", 125),
    Limit("iptc", "image files (IPTC)", 250),
    Limit("mastodon", "Mastodon", 1500),
    Limit("bluesky", "Bluesky", 2000),
    Limit("own", "your own limit", 0),
)
"""125 is what alt text in image files should aim at, 250 the most (IPTC, 2021.1); beyond theirs,
Mastodon and Bluesky refuse it."""

MOST_CHARACTERS = 100_000
"""Of an own limit: what pycore.metadata writes into a file."""


def limit_named(id: str, own: int = 0) -> Limit:  # noqa: A002 - its name everywhere
    """Return the limit of this name, the first one where there is none such.

    Args:
        id: of one of ``LIMITS``.
        own: characters, for the limit "own".
    """
    for limit in LIMITS:
        if limit.id == id:
            return Limit(id, limit.name, limit.characters or max(1, min(own, MOST_CHARACTERS)))
    return LIMITS[0]


def length(text: str) -> int:
    """Return how many characters a text has, in Unicode code points."""
    return len(text.strip())


def meter(text: str, limit: Limit) -> str:
    """Say how much room is taken: "82 of 125 characters", "15 too many"."""
    count = length(text)
    said = f"{count} of {limit.characters} characters"
    return said if count <= limit.characters else f"{said}: {count - limit.characters} too many"
