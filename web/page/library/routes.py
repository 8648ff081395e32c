"""Which view the address names.

Runs in MicroPython (the page) and in CPython (tests).
"""

LIBRARY = "#library"
OTHERS = {"#documents": "documents", "#rules": "rules"}
"""Views that are one page each."""


def view_of(fragment: str) -> str:
    """The view that an address is of: "captions", "library", "documents" or "rules".

    Of what is typed by hand the nearest: choice.mjs says the same before Python is up.

    Args:
        fragment: of the address, "#" included; of one with "/" its beginning names the view.
    """
    name = fragment.partition("/")[0]
    return "library" if name == LIBRARY else OTHERS.get(name, "captions")


def handle_of(fragment: str) -> str | None:
    """The image that an address is of; "" for the library itself, None for the first view.

    Args:
        fragment: of the address, "#" included: ``#library/<handle>``.
    """
    name, _, handle = fragment.partition("/")
    return handle if name == LIBRARY else None


def address(handle: str = "") -> str:
    """The fragment of the library, or of one of its images."""
    return f"{LIBRARY}/{handle}" if handle else LIBRARY
