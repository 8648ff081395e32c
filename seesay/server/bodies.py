"""The body of a POST request, read as it comes."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from pycore.endpoint.answers import BodyError, TooLongError

if TYPE_CHECKING:
    import threading
    from io import BufferedIOBase

_CHUNK_BYTES = 1 << 18


def read_body(stream: BufferedIOBase, size_bytes: int, stop: threading.Event) -> bytes:
    """Read a body of a known length.

    Args:
        stream: gives it.
        size_bytes: its length.
        stop: set when it has taken too long.

    Raises:
        BodyError: it ends too early.
        TooLongError: stopped.
    """
    body = BytesIO()
    while left := size_bytes - body.tell():
        chunk = stream.read1(min(left, _CHUNK_BYTES))
        if not chunk:
            raise BodyError("The body of the request ends too early.")
        if stop.is_set():
            raise TooLongError("The body of the request took too long.")
        body.write(chunk)
    return body.getvalue()
