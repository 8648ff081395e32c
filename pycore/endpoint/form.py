"""The image in the body of a POST request: as it is, or as a file of a form."""

from __future__ import annotations

from collections.abc import Iterator
from email.parser import BytesHeaderParser
from email.policy import compat32
from typing import TYPE_CHECKING

from pycore.endpoint.answers import BodyError

if TYPE_CHECKING:
    from email.message import Message

FORM_OVERHEAD_BYTES = 1 << 16
"""What a form may have besides its image."""

_FORM = "multipart/form-data"
_MOST_PARTS = 100
_MOST_HEADER_BYTES = 1 << 14  # of one part
_PLAIN = {"", "7bit", "8bit", "binary"}


def image_in(data: bytes, content_type: str) -> bytes:
    """Return the image file in a body.

    Args:
        data: the body.
        content_type: its header; for forms with the boundary.

    Raises:
        BodyError: there is none, or there are several.
    """
    if not content_type.lower().startswith(_FORM):
        if not data:
            raise BodyError("The request has no image in its body.")
        return data
    try:
        files = _files(data, content_type)
    except (TypeError, ValueError) as error:  # of the parser, by parameters that are none
        raise BodyError("The headers of the form cannot be read.", detail=repr(error)) from error
    if len(files) != 1:
        raise BodyError(f"A form brings one image; this one has {len(files)} files.")
    ((start, end),) = files
    if start == end:
        raise BodyError("The file in the form is empty.")
    return data[start:end]


def _files(data: bytes, content_type: str) -> list[tuple[int, int]]:
    """Return where the content of each file in a form begins and ends.

    Raises:
        BodyError: it is no form, or a file is encoded.
    """
    boundary = _headers(f"Content-Type: {content_type}".encode("latin-1", "replace")).get_boundary()
    if not boundary:
        raise BodyError("The form does not say what parts its files (boundary).")
    files = []
    for head, start, end in _parts(data, b"--" + boundary.encode("latin-1", "replace")):
        headers = _headers(head)
        if headers.get_filename() is not None:
            if str(headers.get("Content-Transfer-Encoding", "")).lower() not in _PLAIN:
                raise BodyError("The file in the form is encoded. Send it as it is.")
            files.append((start, end))
    return files


def _headers(head: bytes) -> Message:
    # The parser of the newer policies takes seconds for some headers, and recurses without end.
    return BytesHeaderParser(policy=compat32).parsebytes(head + b"\r\n\r\n")


def _parts(data: bytes, delimiter: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield each part's headers, and where its content begins and ends.

    A parser of e-mail would take many times the body's memory.

    Source: RFC 2046, section 5.1.1.

    Raises:
        BodyError: it is no form, or has far too many parts.
    """
    broken = BodyError("The form cannot be read: it is cut off or damaged.")
    place = 0 if data.startswith(delimiter) else data.find(b"\r\n" + delimiter) + 2
    if not data.startswith(delimiter, place):
        raise broken
    for _ in range(_MOST_PARTS):
        place += len(delimiter)
        if data.startswith(b"--", place):
            return
        line_end = data.find(b"\r\n", place)
        head_end = data.find(b"\r\n\r\n", place, place + _MOST_HEADER_BYTES)
        end = data.find(b"\r\n" + delimiter, head_end + 2)
        if -1 in {line_end, head_end, end} or data[place:line_end].strip(b" \t"):
            raise broken
        yield data[line_end + 2 : head_end], head_end + 4, max(head_end + 4, end)
        place = end + 2
    raise BodyError(f"The form has more than {_MOST_PARTS} parts.")
