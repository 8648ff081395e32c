"""The .sql files: numbered migrations, and statements by name.

A migration is a file ``schema/NNNN_what.sql``. It runs inside a transaction that also sets
``PRAGMA user_version`` to NNNN. A released one is never changed: what comes after is a new file.

A file of ``statements/`` is a row of blocks. Its format, for readers in any language:

- A line ``-- name: add_image`` begins a block and names it; names are unique over all files.
- A line ``-- include: filters`` inside one stands for the text of that block.
- Every other line that begins with ``--`` is a comment. All else is SQL: one statement to a block,
  no semicolon at its end, parameters written ``:like_this``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib import resources

_NAME = re.compile(r"-- name: (\w+)")
_INCLUDE = re.compile(r"-- include: (\w+)")


def parse_statements(texts: Iterable[str]) -> dict[str, str]:
    """Return the SQL of every block, by name, with its includes filled in.

    Raises:
        ValueError: SQL stands outside a block, a name is used twice, or an include names none.
    """
    blocks: dict[str, list[str]] = {}
    for text in texts:
        lines: list[str] | None = None
        for line in map(str.strip, text.splitlines()):
            if begins := _NAME.fullmatch(line):
                if begins[1] in blocks:
                    raise ValueError(f"two statements are named {begins[1]}")
                lines = blocks[begins[1]] = []
            elif line and (_INCLUDE.fullmatch(line) or not line.startswith("--")):
                if lines is None:
                    raise ValueError(f"SQL before the first name: {line}")
                lines.append(line)
    return {name: _filled(name, blocks, ()) for name in blocks}


def _filled(name: str, blocks: dict[str, list[str]], outer: tuple[str, ...]) -> str:
    if name not in blocks or name in outer:
        raise ValueError(f"{' -> '.join((*outer, name))} cannot be included")
    lines = []
    for line in blocks[name]:
        include = _INCLUDE.fullmatch(line)
        lines.append(_filled(include[1], blocks, (*outer, name)) if include else line)
    return "\n".join(lines)


@cache
def statements() -> dict[str, str]:
    """Return all statements of the library, by name."""
    return parse_statements(_texts("statements").values())


@cache
def migrations() -> dict[int, str]:
    """Return the migrations by the version that each leads to, in order."""
    return {int(name[:4]): text for name, text in sorted(_texts("schema").items())}


def _texts(folder: str) -> dict[str, str]:
    files = (resources.files("pycore.library") / folder).iterdir()
    return {
        file.name: file.read_text(encoding="utf-8")
        for file in sorted(files, key=lambda file: file.name)
        if file.name.endswith(".sql")
    }
