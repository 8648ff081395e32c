"""A name for the code that rewrites graphs: what other code made is made again."""

from __future__ import annotations

import hashlib
from pathlib import Path


def code_hash() -> str:
    """Return a hash over the sources (or, where there are none, the byte code) of this package.

    Returns:
        16 hexadecimal digits.
    """
    folder = Path(__file__).parent
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*.py*")):
        if path.is_file() and path.parent.name != "__pycache__":
            name, data = path.relative_to(folder).as_posix().encode(), path.read_bytes()
            for part in (name, data):
                total.update(len(part).to_bytes(8, "big") + part)
    return total.hexdigest()[:16]
