"""What a person types into the search box, as an expression of FTS5."""

from __future__ import annotations


def match_expression(text: str) -> str | None:
    """Return an expression that finds words which begin as the words of ``text``; None for none.

    Each word becomes a quoted prefix, so nothing that is typed can be an operator or an error. The
    index takes words apart at everything but letters and digits, and so it does here:
    ``img_12`` finds ``IMG_1234.jpg``. Accents and case do not count.
    """
    # SQLite's expression parser stops at a null character.
    words = text.replace("\0", " ").split()
    quoted = (word.replace('"', '""') for word in words if any(map(str.isalnum, word)))
    return " AND ".join(f'"{word}"*' for word in quoted) or None
