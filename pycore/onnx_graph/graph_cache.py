"""The file in which a rewritten graph is kept beside its model: rewriting takes Python a while."""

from __future__ import annotations

import hashlib
from pathlib import Path


def code_hash() -> str:
    """Return a name for the code that rewrites graphs: what other code made is made again.

    Returns:
        16 hexadecimal digits: a hash over the sources (or, where there are none, the byte code) of
        this package.
    """
    folder = Path(__file__).parent
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*.py*")):
        if path.is_file() and path.parent.name != "__pycache__":
            name, data = path.relative_to(folder).as_posix().encode(), path.read_bytes()
            for part in (name, data):
                total.update(len(part).to_bytes(8, "big") + part)
    return total.hexdigest()[:16]


def to_bytes(graph: bytes, origin: str) -> bytes:
    """Return the file of a graph.

    Args:
        graph: an ONNX file.
        origin: what it was made from, and by which code; see ``split_cache.origin_of``.
    """
    return f"{origin} {len(graph)}\n".encode() + graph


def from_bytes(data: bytes, origin: str) -> bytes | None:
    """Read the file of a graph.

    Args:
        data: what ``to_bytes`` returned once.
        origin: what the graph would be made from now, and by which code.

    Returns:
        None when it is of another origin, or the file is damaged: make it again.
    """
    head, _, graph = data.partition(b"\n")
    return graph if head == f"{origin} {len(graph)}".encode() else None
